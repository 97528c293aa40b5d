"""ROWS, RHS and RANGES: the rows of the problem and their sides.

A range R on a row with right-hand side b gives [b - |R|, b] for L, [b, b + |R|] for G,
[b, b + R] or [b + R, b] for E, whichever R's sign says. The right-hand side of the
objective row is minus the constant of the objective.
"""

from fractions import Fraction
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from numpy.typing import NDArray

from boundwise.core.tolerances import INFINITY
from boundwise.instances.decimals import decimal_of
from boundwise.instances.mps.source import (
    MpsSource,
    Section,
    read_entries,
    strip_comment,
)

if TYPE_CHECKING:
    from boundwise.instances.instance import ExactField

#: Numbers of rows that are not rows of the matrix.
OBJECTIVE, IGNORED = -1, -2


class _Side(NamedTuple):
    value: float
    exact: Fraction | None


class Rows:
    """Collect rows and their sides.

    Parameters
    ----------
    source
        The file.
    objective
        Name of the objective row; None takes the first row of type N.
    """

    def __init__(self, source: MpsSource, objective: str | None) -> None:
        self._source = source
        self._objective = objective
        self._kinds: list[str] = []
        self._rhs: dict[int, _Side] = {}
        self._ranges: dict[int, _Side] = {}
        self.names: list[str] = []
        self.index: dict[str, int] = {}
        self.offset = 0.0
        self.exact: dict[tuple[ExactField, int], Fraction] = {}

    def read_rows(self, section: Section) -> None:
        """Read lines ``N|L|G|E name``."""
        for line, text in enumerate(section.lines, section.first):
            fields = text.split()
            if len(fields) != 2:
                fields = strip_comment(fields)
                if not fields:
                    continue
            if len(fields) != 2 or fields[0] not in ("N", "L", "G", "E"):
                raise self._source.error(line, "a row must be N, L, G or E and a name.")
            kind, name = fields
            if name in self.index:
                raise self._source.error(line, f"row {name[:40]!r} appears twice.")
            self.index[name] = self._number(kind, name, section.keyword)

    def _number(self, kind: str, name: str, keyword: str) -> int:
        if kind == "N":
            if self._objective is None:
                self._objective = name
            return OBJECTIVE if name == self._objective else IGNORED
        if keyword == "USERCUTS":
            # Cuts do not change the set of solutions; they are for solvers only.
            return IGNORED
        self.names.append(name)
        self._kinds.append(kind)
        return len(self.names) - 1

    def numbers_of(
        self, keys: list[str], lines: NDArray[np.int64]
    ) -> NDArray[np.int64]:
        """Return the numbers of rows by name; an unknown name is an error."""
        try:
            return np.fromiter(map(self.index.__getitem__, keys), np.int64, len(keys))
        except KeyError:
            position = next(i for i, k in enumerate(keys) if k not in self.index)
        raise self._source.error(
            int(lines[position]), f"unknown row {keys[position][:40]!r}."
        )

    def read_rhs(self, section: Section) -> None:
        """Read right-hand sides and the constant of the objective."""
        for row, side, line in self._first_vector(section, "_RHS_"):
            infinite = abs(side.value) >= INFINITY
            if row == OBJECTIVE:
                if infinite:
                    raise self._source.error(line, "an infinite objective constant.")
                self.offset = -side.value
                if side.exact is not None:
                    self.exact["offset", 0] = -side.exact
                continue
            kind = self._kinds[row]
            if infinite and (kind == "E" or (side.value > 0) == (kind == "G")):
                raise self._source.error(
                    line, f"the right-hand side of a row {kind} is {side.value}."
                )
            self._rhs[row] = side

    def read_ranges(self, section: Section) -> None:
        """Read ranges."""
        for row, side, line in self._first_vector(section, "_RNG_"):
            if row == OBJECTIVE:
                raise self._source.error(line, "a range on the objective.")
            self._ranges[row] = side

    def _first_vector(
        self, section: Section, default: str
    ) -> list[tuple[int, _Side, int]]:
        """Return (row, number, line) of the section's first vector."""
        entries = read_entries(self._source, section.lines, section.first, default)
        values, exact = self._source.numbers(
            entries.texts, entries.line_numbers, infinite=True
        )
        rows = self.numbers_of(entries.keys, entries.line_numbers).tolist()
        lines = entries.line_numbers.tolist()
        seen: set[int] = set()
        result = []
        for p, (owner, row) in enumerate(zip(entries.owners, rows, strict=True)):
            if owner != entries.owners[0] or row == IGNORED:
                continue
            if row in seen:
                raise self._source.error(
                    lines[p], f"row {entries.keys[p][:40]!r} appears twice."
                )
            seen.add(row)
            result.append((row, _Side(float(values[p]), exact.get(p)), lines[p]))
        return result

    def sides(self) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Return lower and upper sides; what they round goes to ``exact``."""
        kinds = np.array(self._kinds, dtype="U1")
        side = np.zeros(len(kinds))
        for row, given in self._rhs.items():
            side[row] = given.value
        lower = np.where(kinds == "L", -np.inf, side)
        upper = np.where(kinds == "G", np.inf, side)
        for row, given in self._rhs.items():
            if given.exact is not None:
                if np.isfinite(lower[row]):
                    self.exact["row_lower", row] = given.exact
                if np.isfinite(upper[row]):
                    self.exact["row_upper", row] = given.exact
        for row, width in self._ranges.items():
            kind = kinds[row]
            downwards = kind == "L" or (kind == "E" and width.value < 0)
            self._extend(lower if downwards else upper, row, downwards, width)
        lower[lower <= -INFINITY] = -np.inf
        upper[upper >= INFINITY] = np.inf
        return lower, upper

    def _extend(
        self,
        sides: NDArray[np.float64],
        row: int,
        downwards: bool,
        width: _Side,
    ) -> None:
        """Put one side at the distance of the range from the other, exactly."""
        part: ExactField = "row_lower" if downwards else "row_upper"
        self.exact.pop((part, row), None)
        base = self._rhs.get(row, _Side(0.0, None))
        if abs(width.value) >= INFINITY or abs(base.value) >= INFINITY:
            sides[row] = -np.inf if downwards else np.inf
            return
        start, distance = _exact(base), abs(_exact(width))
        end = start - distance if downwards else start + distance
        sides[row] = float(end)
        if decimal_of(sides[row]) != end:
            self.exact[part, row] = end


def _exact(side: _Side) -> Fraction:
    return decimal_of(side.value) if side.exact is None else side.exact
