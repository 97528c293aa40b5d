"""The BOUNDS section of MPS: bounds, types, and the order that results in SCIP."""

import math
import warnings
from dataclasses import dataclass
from fractions import Fraction

import numpy as np
from numpy.typing import NDArray

from boundwise.core.errors import BoundwiseWarning, InputError
from boundwise.core.tolerances import FEAS_TOL, INFINITY
from boundwise.instances.decimals import parse_many
from boundwise.instances.instance import ExactField, SemiContinuous
from boundwise.instances.mps.order import BINARY, CONTINUOUS, INTEGER, VariableOrder
from boundwise.instances.mps.source import MpsSource, Section, strip_comment

_WITH_VALUE = frozenset(("LO", "UP", "FX", "LI", "UI", "SC", "SI"))
_WITHOUT_VALUE = frozenset(("FR", "MI", "PL", "BV"))


class AmbiguousBoundWarning(BoundwiseWarning):
    """Warn of a bound that solvers read differently."""


@dataclass(frozen=True, slots=True)
class Bounds:
    """What the BOUNDS section, with its defaults, says of the columns."""

    lower: NDArray[np.float64]
    upper: NDArray[np.float64]
    is_integer: NDArray[np.bool_]
    semicontinuous: tuple[SemiContinuous, ...]
    exact: dict[tuple[ExactField, int], Fraction]
    order: list[int]


class BoundReader:
    """Apply bounds in the order of the file.

    Parameters
    ----------
    source
        The file.
    index
        Column name -> number.
    is_marked
        Which columns stand between integer markers.
    """

    def __init__(
        self, source: MpsSource, index: dict[str, int], is_marked: NDArray[np.bool_]
    ) -> None:
        self._source = source
        self._index = index
        n = len(index)
        self._types = np.where(is_marked, BINARY, CONTINUOUS).tolist()
        self._lower = [0.0] * n
        self._upper = np.where(is_marked, 1.0, math.inf).tolist()
        self._exact: dict[tuple[ExactField, int], Fraction] = {}
        self._semicontinuous: dict[int, None] = {}
        self._has_lower: set[int] = set()
        self._numbers: dict[str, tuple[float, Fraction | None]] = {}
        self._order = VariableOrder(self._types)

    def read(self, section: Section) -> None:
        """Apply the lines of the section; only its first vector counts."""
        chosen: str | None = None
        types, touch = self._types, self._order.touch
        for line, text in enumerate(section.lines, section.first):
            fields = text.split()
            if not fields:
                continue
            # Most lines of real files are the upper bound 1 of a binary column.
            if len(fields) == 4 and fields[0] == "UP" and fields[3] in ("1", "1.0"):
                column = self._index.get(fields[2], -1)
                if column >= 0 and types[column] == BINARY and fields[1] == chosen:
                    self._set("upper", column, 1.0, None)
                    touch(column, BINARY)
                    continue
            kind, vector, column, number = self._fields(fields, line)
            chosen = vector if chosen is None else chosen
            if vector == chosen:
                self._apply(kind, column, number, line)

    def _fields(self, fields: list[str], line: int) -> tuple[str, str, int, str]:
        """Return kind, vector, column and number text of a line."""
        if "$" in "".join(fields):
            fields = strip_comment(fields)
        kind, *rest = fields
        index = self._index
        if kind in _WITH_VALUE:
            if len(rest) == 2:
                rest = ["_BND_", *rest]
            if len(rest) != 3:
                raise self._source.error(
                    line, f"a bound {kind} needs a column and a number."
                )
        elif kind in _WITHOUT_VALUE:
            if len(rest) == 1 or (len(rest) == 2 and rest[1] not in index):
                rest = ["_BND_", *rest]
            rest = [*rest[:2], "0"]
            if len(rest) != 3:
                raise self._source.error(line, f"a bound {kind} needs a column.")
        else:
            raise self._source.error(line, f"unknown bound type {kind[:40]!r}.")
        vector, name, text = rest
        if name not in index:
            raise self._source.error(line, f"unknown column {name[:40]!r}.")
        return kind, vector, index[name], text

    def _apply(self, kind: str, column: int, text: str, line: int) -> None:
        value, exact = self._number(text, line)
        type_ = self._types[column]
        if type_ == BINARY and not self._stays_binary(kind, value):
            self._order.change(column, INTEGER)
            self._types[column] = type_ = INTEGER
            self._set("upper", column, math.inf, None)
        match kind[0]:
            case "L":
                self._bound("lower", column, value, exact, line)
                self._has_lower.add(column)
            case "U":
                self._bound("upper", column, value, exact, line)
                if value < 0 and column not in self._has_lower:
                    self._warn_negative(column, line)
            case "S":
                self._semicontinuous[column] = None
                self._bound("upper", column, value, exact, line)
            case "F" if kind == "FX":
                if math.isinf(value):
                    raise self._source.error(line, "a variable fixed at infinity.")
                self._set("lower", column, value, exact)
                self._set("upper", column, value, exact)
                self._has_lower.add(column)
            case "F":
                self._set("lower", column, -math.inf, None)
                self._set("upper", column, math.inf, None)
                self._has_lower.add(column)
            case "M":
                self._set("lower", column, -math.inf, None)
                self._has_lower.add(column)
            case "P":
                self._set("upper", column, math.inf, None)
            case "B" if type_ != BINARY:
                if self._lower[column] < 0:
                    self._set("lower", column, 0.0, None)
                if self._upper[column] > 1:
                    self._set("upper", column, 1.0, None)
        self._retype(kind, column, type_)

    @staticmethod
    def _stays_binary(kind: str, value: float) -> bool:
        if kind == "BV":
            return True
        if kind[0] == "U":
            return value <= 1 + FEAS_TOL
        return kind == "FX" and -FEAS_TOL <= value <= 1 + FEAS_TOL

    def _retype(self, kind: str, column: int, type_: int) -> None:
        """Change the type as SCIP does: continuous in between, then the new type."""
        order = self._order
        new = type_
        if kind in ("LI", "UI", "SI"):
            new = min(type_, INTEGER)
        elif kind == "BV":
            new = BINARY
        if type_ != CONTINUOUS:
            if new == type_ and (new == INTEGER or kind not in ("UI", "LI", "SI")):
                order.touch(column, type_)
                return
            order.change(column, CONTINUOUS)
        if kind in ("LI", "UI", "SI"):
            order.change(column, INTEGER)
            if new != INTEGER:
                order.change(column, new)
        elif new != CONTINUOUS:
            order.change(column, new)
        self._types[column] = new

    def _number(self, text: str, line: int) -> tuple[float, Fraction | None]:
        known = self._numbers.get(text)
        if known is None:
            try:
                known = self._numbers[text] = _parse(text)
            except InputError:
                raise self._source.error(
                    line, f"{text[:40]!r} is not a usable number."
                ) from None
        return known

    def _bound(
        self,
        part: ExactField,
        column: int,
        value: float,
        exact: Fraction | None,
        line: int,
    ) -> None:
        wrong = math.inf if part == "lower" else -math.inf
        if value == wrong:
            raise self._source.error(line, f"the {part} bound is {value}.")
        self._set(part, column, value, exact)

    def _set(
        self, part: ExactField, column: int, value: float, exact: Fraction | None
    ) -> None:
        (self._lower if part == "lower" else self._upper)[column] = value
        if exact is not None:
            self._exact[part, column] = exact
        elif self._exact:
            self._exact.pop((part, column), None)

    def _warn_negative(self, column: int, line: int) -> None:
        if self._lower[column] == 0.0:
            warnings.warn(
                f"{self._source.label}:{line}: an upper bound is negative and no lower "
                "bound is given; it is taken as 0 here and in SCIP (infeasible), as "
                "minus infinity by some other solvers.",
                AmbiguousBoundWarning,
                stacklevel=2,
            )

    def finish(self) -> Bounds:
        """Return the bounds; semicontinuous variables get their defaults."""
        special = []
        for column in self._semicontinuous:
            lower = self._lower[column]
            if lower < 0:
                raise InputError(
                    f"{self._source.label}: a semicontinuous variable has the negative "
                    f"lower bound {lower}."
                )
            # As in SCIP, a lower bound that was not given is 1.
            special.append(SemiContinuous(column, lower or 1.0))
            self._set("lower", column, 0.0, None)
        return Bounds(
            np.array(self._lower),
            np.array(self._upper),
            np.array(self._types) != CONTINUOUS,
            tuple(special),
            self._exact,
            self._order.variables,
        )


def _parse(text: str) -> tuple[float, Fraction | None]:
    values, exact = parse_many([text], infinite=True)
    value = float(values[0])
    if abs(value) >= INFINITY:
        return math.copysign(math.inf, value), None
    if value == 0.0 and exact.get(0):
        raise InputError("a bound too small for a double.")
    return value, exact.get(0)
