"""Split MPS text into sections and their lines into (set, key, number) entries.

Free MPS separates fields by blanks; fixed MPS puts them at columns 2, 5, 15, 25, 40
and 50, so that its names may contain blanks (they become underscores, as in SCIP).
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from boundwise.core.errors import InputError
from boundwise.instances.decimals import first_bad, parse_many

_NAME_FIELDS = ((4, 12), (14, 22), (39, 47))
_GAPS = (12, 13, 22, 23, 36, 37, 38, 47, 48, 61, 62, 63)


@dataclass(frozen=True, slots=True)
class Section:
    """One section of the file.

    Parameters
    ----------
    keyword
        First word of its header.
    words
        The other words of its header.
    first
        Number of the line after the header, from 1.
    lines
        Its lines; comments are blanked.
    """

    keyword: str
    words: tuple[str, ...]
    first: int
    lines: list[str]


class MpsSource:
    """Text of one MPS file, by sections, and the place that errors name.

    Parameters
    ----------
    label
        Name of the file for messages.
    text
        Its text.
    """

    def __init__(self, label: str, text: str) -> None:
        self.label = label
        self.lines = text.split("\n")
        for i, line in enumerate(self.lines):
            if line and line[0] == "*":
                self.lines[i] = ""
        self.sections = self._split()

    def error(self, line: int, message: str) -> InputError:
        """Return the error for line number ``line``."""
        return InputError(f"{self.label}:{line}: {message}")

    def _split(self) -> list[Section]:
        heads = [i for i, s in enumerate(self.lines) if s and s[0] not in " \t"]
        sections: list[Section] = []
        if not heads:
            raise self.error(1, "there is no section.")
        for head, end in zip(heads, [*heads[1:], len(self.lines)], strict=True):
            keyword, *words = self.lines[head].split()
            sections.append(
                Section(keyword, tuple(words), head + 2, self.lines[head + 1 : end])
            )
            if keyword == "ENDATA":
                return sections
        raise self.error(len(self.lines), "the file is truncated: there is no ENDATA.")

    def numbers(
        self, texts: Sequence[str], line_numbers: NDArray[np.int64], infinite: bool
    ) -> tuple[NDArray[np.float64], dict[int, object]]:
        """Convert number texts; name the line of the first that is none."""
        try:
            values, exact = parse_many(texts, infinite=infinite)
        except InputError:
            position, text = first_bad(texts, infinite=infinite)
            shown = text if len(text) <= 40 else text[:37] + "..."
            raise self.error(
                int(line_numbers[position]), f"{shown!r} is not a usable number."
            ) from None
        return values, dict(exact)


@dataclass(frozen=True, slots=True)
class Entries:
    """Entries ``owner key number`` of a section, one for each number.

    Parameters
    ----------
    owners
        Column name, or name of the right-hand side or range vector.
    keys
        Row names.
    texts
        Number texts.
    line_numbers
        Line of each entry.
    """

    owners: list[str]
    keys: list[str]
    texts: list[str]
    line_numbers: NDArray[np.int64]


def read_entries(
    source: MpsSource, lines: list[str], first: int, default_owner: str | None
) -> Entries:
    """Read lines of ``owner key number [key number]``.

    Parameters
    ----------
    source
        The file.
    lines
        Lines to read.
    first
        Number of the first line.
    default_owner
        Owner of lines that name none, or None if each line must.

    Returns
    -------
    Entries
        All first pairs of the lines, then all second pairs.
    """
    fields = [line.split() for line in lines]
    lengths = np.fromiter(map(len, fields), np.int64, len(fields))
    regular = (lengths == 3) | (lengths == 5)
    dollars = any("$" in line for line in lines)
    if dollars or not regular.all():
        for i in range(len(fields)) if dollars else np.flatnonzero(~regular).tolist():
            fields[i] = _repair(source, fields[i], first + i, default_owner)
        lengths = np.fromiter(map(len, fields), np.int64, len(fields))
    numbers = np.arange(first, first + len(fields), dtype=np.int64)
    keep = lengths > 0
    if not keep.all():
        fields = [f for f in fields if f]
        numbers = numbers[keep]
        lengths = lengths[keep]
    long = lengths == 5
    second = [f for f in fields if len(f) == 5] if long.any() else []
    return Entries(
        [f[0] for f in fields] + [f[0] for f in second],
        [f[1] for f in fields] + [f[3] for f in second],
        [f[2] for f in fields] + [f[4] for f in second],
        np.concatenate([numbers, numbers[long]]),
    )


def _repair(
    source: MpsSource, fields: list[str], line: int, default_owner: str | None
) -> list[str]:
    fields = strip_comment(fields)
    if default_owner is not None and len(fields) in (2, 4):
        fields = [default_owner, *fields]
    if len(fields) not in (0, 3, 5):
        raise source.error(line, f"expected 3 or 5 fields, got {len(fields)}.")
    return fields


def strip_comment(fields: list[str]) -> list[str]:
    """Drop the fields after one that begins with ``$`` (but for the first field)."""
    for i, text in enumerate(fields):
        if i and text[0] == "$":
            return fields[:i]
    return fields


def patch_fixed(text: str) -> str | None:
    """Return fixed MPS with the blanks inside names replaced by underscores.

    Returns
    -------
    str or None
        The patched text, or None if the lines are not in fixed columns or no name
        contains a blank.
    """
    lines = text.split("\n")
    changed = False
    for number, line in enumerate(lines):
        if not line or line[0] not in " \t":
            continue
        padded = line.expandtabs(1).ljust(64)
        if any(padded[gap] != " " for gap in _GAPS):
            return None
        for begin, end in _NAME_FIELDS:
            name = padded[begin:end].strip()
            if " " in name:
                start = padded.index(name, begin)
                padded = (
                    padded[:start]
                    + name.replace(" ", "_")
                    + padded[start + len(name) :]
                )
                lines[number] = padded.rstrip()
                changed = True
    return "\n".join(lines) if changed else None
