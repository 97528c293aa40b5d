"""Violations of the constraints of an instance, by families of one kind.

Each family holds violations in double precision with proven error bounds, and a
function that evaluates one member exactly; the latter is called only where the former
do not decide.
"""

import functools
import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_array, vstack

from boundwise.instances.decimals import decimal_of
from boundwise.instances.exactrows import (
    TINY,
    UNIT,
    WHOLE_LIMIT,
    Activities,
    activities,
    decimal_digits,
    exact_activity,
    scaled,
    two_product,
    whole_difference,
)
from boundwise.instances.instance import ExactField, Instance
from boundwise.instances.point import Point

#: Violations and bounds on their errors.
_Bounded = tuple[NDArray[np.float64], NDArray[np.float64]]
#: Rounding of the few operations on the error bounds themselves.
_MARGIN = 1e-12


#: From this many undecided members on, a sharper bound is computed first.
_MANY = 16


@dataclass(frozen=True, slots=True)
class Family:
    """Violations of many constraints of one kind.

    ``violation`` is within ``error`` of the truth, ``scale`` is a lower bound on the
    factor of the tolerance; ``exact(i)`` gives both exactly; ``refine(places)`` gives
    sharper violations and errors of some members.
    """

    what: str
    names: Sequence[str]
    violation: NDArray[np.float64]
    error: NDArray[np.float64]
    scale: NDArray[np.float64]
    exact: Callable[[int], tuple[Fraction, Fraction]]
    refine: Callable[[NDArray[np.int64]], _Bounded] | None = None

    def worst(self) -> tuple[Fraction, int]:
        """Return the largest violation, exactly, and where it is (-1 if zero)."""
        places = np.arange(len(self.violation))
        violation, error = self.violation, self.error
        places, high = _leaders(places, violation, error)
        if self.refine is not None and len(places) > _MANY:
            violation, error = self.refine(places)
            places, high = _leaders(places, violation, error)
        best, place = Fraction(0), -1
        for k in np.argsort(-high, kind="stable").tolist():
            if Fraction(high[k]) * (1 + Fraction(_MARGIN)) <= best:
                break
            value = self.exact(int(places[k]))[0]
            if value > best:
                best, place = value, int(places[k])
        return best, place

    def failure(self, tolerance: float) -> int:
        """Return a constraint violated beyond the tolerance, or -1."""
        limit = tolerance * self.scale
        high = self.violation + self.error
        suspects = np.flatnonzero(high > limit * (1 - _MARGIN))
        exact_tolerance = decimal_of(tolerance)
        order: list[int] = suspects[np.argsort(-self.violation[suspects])].tolist()
        for i in order:
            violation, scale = self.exact(i)
            if violation > exact_tolerance * scale:
                return i
        return -1


def _leaders(
    places: NDArray[np.int64],
    violation: NDArray[np.float64],
    error: NDArray[np.float64],
) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
    """Return the places that can hold a positive maximum, with upper bounds."""
    high = violation + error
    low = float(np.max(violation - error, initial=0.0))
    kept = (high > 0) & (high * (1 + _MARGIN) >= low)
    return places[kept], high[kept]


class Violations:
    """Evaluate the constraints of an instance at a point.

    Parameters
    ----------
    instance
        The problem.
    point
        The solution.
    """

    def __init__(self, instance: Instance, point: Point) -> None:
        self.instance = instance
        self.point = point
        self.x = point.values
        self.x_digits = point.digits()

    def bounds(self, part: Literal["lower", "upper"]) -> Family:
        """Violations of lower or upper bounds."""
        bound = getattr(self.instance, part)
        finite = np.flatnonzero(np.isfinite(bound))
        side, x, digits = bound[finite], self.x[finite], self.x_digits[finite]
        sign = 1.0 if part == "lower" else -1.0
        side_digits = self._digits(part, bound)[finite]
        whole = scaled(x, np.maximum(digits, 0))
        difference, fits = whole_difference(side, side_digits, whole, digits)
        if self.point.decimal:
            # Two decimals with one shortest double are equal.
            same = (side == x) & ~self._kept(part, finite)
            same &= ~np.isin(finite, list(self.point.exact))
            difference[same], fits[same] = 0.0, True
        magnitude = np.maximum(np.abs(side), np.abs(x))
        places = finite.tolist()

        def exact(i: int) -> tuple[Fraction, Fraction]:
            b = self.instance.exact_value(part, places[i])
            v = self.point.value(places[i])
            amount = b - v if part == "lower" else v - b
            return max(amount, Fraction(0)), max(Fraction(1), abs(b), abs(v))

        return Family(
            f"the {part} bound",
            _Selected(self.instance.names, places),
            sign * np.where(fits, difference, side - x),
            np.where(fits, 2 * UNIT * np.abs(difference), 4 * UNIT * magnitude),
            np.maximum(1.0, magnitude),
            exact,
        )

    def _digits(
        self, part: ExactField, values: NDArray[np.float64]
    ) -> NDArray[np.int64]:
        """Return the decimals of the exact entries of one array."""
        digits = decimal_digits(values)
        digits[self._kept(part, np.arange(len(values)))] = -1
        return digits

    def _kept(self, part: ExactField, places: NDArray[np.int64]) -> NDArray[np.bool_]:
        """Tell which entries have an exact value that their double does not tell."""
        kept = [k for p, k in self.instance.exact if p == part]
        return np.isin(places, kept) if kept else np.zeros(len(places), dtype=np.bool_)

    def semicontinuous(self) -> Family:
        """Violations of "zero or at least lower"."""
        semi = self.instance.semicontinuous

        def exact(i: int) -> tuple[Fraction, Fraction]:
            x, low = self.point.value(semi[i].index), decimal_of(semi[i].lower)
            if abs(x) <= low - x:
                return abs(x), Fraction(1)
            return max(low - x, Fraction(0)), max(Fraction(1), abs(low), abs(x))

        return self._exact_family(
            "semicontinuity", [self.instance.names[s.index] for s in semi], exact
        )

    def rows(self) -> list[Family]:
        """Violations of the rows and of the indicator rows that are active."""
        matrix, names, lower, upper = self._all_rows()
        n_own = self.instance.n_nonzeros
        a_digits = decimal_digits(matrix.data)
        a_digits[:n_own] = self._digits("matrix", matrix.data[:n_own])
        active = activities(matrix, self.x, a_digits, self.x_digits)
        exact_row = functools.cache(functools.partial(self._exact_row, matrix))
        return [
            self._side("row_lower", names, lower, matrix, active, exact_row),
            self._side("row_upper", names, upper, matrix, active, exact_row),
        ]

    def _side(
        self,
        part: Literal["row_lower", "row_upper"],
        names: Sequence[str],
        bound: NDArray[np.float64],
        matrix: csr_array,
        active: Activities,
        exact_row: Callable[[int], tuple[Fraction, Fraction]],
    ) -> Family:
        """Violations of the lower or of the upper sides."""
        finite = np.flatnonzero(np.isfinite(bound))
        side, magnitude = bound[finite], active.magnitude[finite]
        sign = 1.0 if part == "row_lower" else -1.0
        m = self.instance.n_rows
        side_digits = decimal_digits(bound)
        side_digits[:m] = self._digits(part, bound[:m])
        difference, fits = whole_difference(
            side, side_digits[finite], active.whole[finite], active.digits[finite]
        )
        error = active.error[finite] + 3 * UNIT * (np.abs(side) + magnitude)
        positive = np.maximum(active.positive[finite] - error, 0.0)
        places = finite.tolist()

        def exact_side(place: int) -> Fraction:
            if place < m:
                return self.instance.exact_value(part, place)
            return decimal_of(bound[place])

        def exact(i: int) -> tuple[Fraction, Fraction]:
            limit = exact_side(places[i])
            activity, positive = exact_row(places[i])
            amount = limit - activity if sign > 0 else activity - limit
            return max(amount, Fraction(0)), max(Fraction(1), positive, abs(limit))

        def refine(chosen: NDArray[np.int64]) -> _Bounded:
            rows = finite[chosen]
            limits = [exact_side(place) for place in rows.tolist()]
            return self._refined(matrix, rows, limits, sign, magnitude[chosen])

        return Family(
            "the lower side of row" if sign > 0 else "the upper side of row",
            _Selected(names, places),
            sign * np.where(fits, difference, side - active.value[finite]),
            np.where(fits, 2 * UNIT * np.abs(difference), error),
            np.maximum(1.0, np.maximum(positive, np.abs(side))),
            exact,
            refine,
        )

    def _refined(
        self,
        matrix: csr_array,
        rows: NDArray[np.int64],
        limits: list[Fraction],
        sign: float,
        magnitude: NDArray[np.float64],
    ) -> _Bounded:
        """Evaluate some rows with every number as a sum of two doubles."""
        part = matrix[rows]
        starts, columns = part.indptr.tolist(), part.indices
        used, which = np.unique(columns, return_inverse=True)
        x_tail = np.array([self.point.tail(j) for j in used.tolist()])[which]
        entries = np.concatenate(
            [np.arange(matrix.indptr[i], matrix.indptr[i + 1]) for i in rows.tolist()]
        )
        a_tail = self._tails(matrix.data, entries)
        product, lost = two_product(part.data, self.x[columns])
        terms = np.column_stack(
            [product, lost, part.data * x_tail, a_tail * self.x[columns]]
        ).ravel()
        values = terms.tolist()
        amounts = []
        for k, limit in enumerate(limits):
            head = float(limit)
            own = values[4 * starts[k] : 4 * starts[k + 1]]
            amounts.append(math.fsum([*own, -head, -float(limit - Fraction(head))]))
        violation = -sign * np.array(amounts)
        sides = np.abs(np.array([float(limit) for limit in limits]))
        error = 8 * UNIT**2 * (magnitude + sides) + UNIT * np.abs(violation)
        return violation, error + TINY * (1 + np.diff(part.indptr))

    def _tails(
        self, data: NDArray[np.float64], entries: NDArray[np.int64]
    ) -> NDArray[np.float64]:
        """Return exact coefficients minus their doubles, rounded."""
        values, which = np.unique(data[entries], return_inverse=True)
        tails = np.array([float(decimal_of(v) - Fraction(v)) for v in values.tolist()])[
            which
        ]
        for k in np.flatnonzero(self._kept("matrix", entries)).tolist():
            place = int(entries[k])
            exact = self.instance.exact_value("matrix", place)
            tails[k] = float(exact - Fraction(float(data[place])))
        return tails

    def _all_rows(
        self,
    ) -> tuple[csr_array, Sequence[str], NDArray[np.float64], NDArray[np.float64]]:
        """Return the rows followed by those of active indicators."""
        instance = self.instance
        half = Fraction(1, 2)
        active = [
            s
            for s in instance.indicators
            if (self.point.value(s.binary) > half) == bool(s.value)
        ]
        if not active:
            return (
                instance.matrix,
                instance.row_names,
                instance.row_lower,
                instance.row_upper,
            )
        extra = csr_array(
            (
                np.array([a for s in active for a in s.coefficients]),
                np.array([j for s in active for j in s.indices]),
                np.cumsum([0, *(len(s.indices) for s in active)]),
            ),
            shape=(len(active), instance.n_variables),
        )
        return (
            csr_array(vstack([instance.matrix, extra], format="csr")),
            (*instance.row_names, *(s.name for s in active)),
            np.concatenate([instance.row_lower, [s.lower for s in active]]),
            np.concatenate([instance.row_upper, [s.upper for s in active]]),
        )

    def _exact_row(self, matrix: csr_array, i: int) -> tuple[Fraction, Fraction]:
        begin, end = int(matrix.indptr[i]), int(matrix.indptr[i + 1])
        columns = matrix.indices[begin:end].tolist()
        values = [self.point.value(j) for j in columns]
        kept = [k for k, value in enumerate(values) if value]
        if i < self.instance.n_rows:
            row = [self.instance.exact_value("matrix", begin + k) for k in kept]
        else:
            row = [decimal_of(matrix.data[begin + k]) for k in kept]
        return exact_activity(row, [values[k] for k in kept])

    def sos(self) -> Family:
        """Violations of special ordered sets: what is outside the best allowed pair."""
        sets = self.instance.sos

        def exact(i: int) -> tuple[Fraction, Fraction]:
            sizes = [abs(self.point.value(j)) for j in sets[i].indices]
            width = sets[i].kind
            best: Fraction | None = None
            for k in range(max(1, len(sizes) - width + 1)):
                outside = max((*sizes[:k], *sizes[k + width :], Fraction(0)))
                best = outside if best is None else min(best, outside)
            return best or Fraction(0), Fraction(1)

        return self._exact_family("the set", [s.name for s in sets], exact)

    def integrality(self) -> Family:
        """Distances of integer variables from integers."""
        suspects = np.flatnonzero(self.instance.is_integer & (self.x_digits != 0))

        def exact(i: int) -> tuple[Fraction, Fraction]:
            value = self.point.value(int(suspects[i]))
            return abs(value - round(value)), Fraction(1)

        return self._exact_family(
            "integrality", _Selected(self.instance.names, suspects.tolist()), exact
        )

    @staticmethod
    def _exact_family(
        what: str,
        names: Sequence[str],
        exact: Callable[[int], tuple[Fraction, Fraction]],
    ) -> Family:
        """Make a family whose members are all evaluated exactly."""
        pairs = [exact(i) for i in range(len(names))]
        violation = np.array([float(v) for v, _ in pairs], dtype=np.float64)
        return Family(
            what,
            names,
            violation,
            4 * UNIT * violation + TINY,
            np.ones(len(pairs)),
            pairs.__getitem__,
        )

    def objective(self) -> tuple[Fraction, Fraction]:
        """Return the exact objective and the sum of its positive terms."""
        c = self.instance.objective
        used = np.flatnonzero((c != 0) & ((self.x != 0) | (self.x_digits < 0)))
        digits = self._digits("objective", c)[used]
        simple = (digits == 0) & (self.x_digits[used] == 0)
        terms = c[used[simple]] * self.x[used[simple]]
        rest = used[~simple]
        if np.abs(terms).sum() >= WHOLE_LIMIT:
            terms, rest = terms[:0], used
        value, positive = exact_activity(
            [self.instance.exact_value("objective", j) for j in rest.tolist()],
            [self.point.value(j) for j in rest.tolist()],
        )
        offset = self.instance.exact_value("offset")
        value += Fraction(float(terms.sum())) + offset
        positive += Fraction(float(terms[terms > 0].sum())) + max(offset, Fraction(0))
        return value, positive


class _Selected(Sequence[str]):
    """View on some of the names, without copying them."""

    def __init__(self, names: Sequence[str], places: list[int]) -> None:
        self._names = names
        self._places = places

    def __len__(self) -> int:
        return len(self._places)

    def __getitem__(self, i: Any) -> Any:
        return self._names[self._places[i]]
