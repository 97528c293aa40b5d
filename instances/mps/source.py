"""Split MPS text into sections, and their lines into (owner, key, number) entries."""

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction

import numpy as np
from numpy.typing import NDArray

from boundwise.core.errors import InputError
from boundwise.instances.decimals import first_bad, parse_many


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
        self, texts: Sequence[str], line_numbers: NDArray[np.int64], *, infinite: bool
    ) -> tuple[NDArray[np.float64], dict[int, Fraction]]:
        """Convert number texts; name the line of the first that is none."""
        try:
            values, exact = parse_many(texts, infinite=infinite)
        except InputError:
            position, text = first_bad(texts, infinite=infinite)
            shown = text if len(text) <= 40 else text[:37] + "..."
            raise self.error(
                int(line_numbers[position]), f"{shown!r} is not a usable number."
            ) from None
        return values, exact


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
    n_first
        How many entries are the first of their line; they come first.
    """

    owners: list[str]
    keys: list[str]
    texts: list[str]
    line_numbers: NDArray[np.int64]
    n_first: int


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
        len(fields),
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
