"""Check a solution with exact rational arithmetic, without any solver.

With P the sum of the positive terms of a row, tolerance t and x the solution:

    bounds       l - t max(1, |l|, |x|) <= x <= u + t max(1, |u|, |x|)
    rows         violation of a side <= t max(1, P, |side|)
    integrality  |x - round(x)| <= t
    objective    |c x + offset - claimed| <= t max(1, P_objective, |claimed|)

as in the checker of MIPLIB 2017 (Gleixner et al. 2021,
doi:10.1007/s12532-020-00194-3), for t = 1e-6 (``strict``) and t = 1e-4 (``miplib``).
Doubles with proven error bounds decide what they can; fractions decide the rest, so
that every verdict is that of exact arithmetic on the decimals of the file.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_array, vstack

from boundwise.core.tolerances import FEAS_TOL, MIPLIB_TOL
from boundwise.core.trace import finite_or_none
from boundwise.instances.decimals import decimal_of
from boundwise.instances.exactrows import activities, exact_activity
from boundwise.instances.instance import Instance
from boundwise.instances.point import (
    AnySolution,
    Claim,
    Point,
    exact_number,
    make_point,
)

_UNIT = 2.0**-53
_WHOLE_LIMIT = 2.0**52
#: Rounding of the few operations on the error bounds themselves.
_MARGIN = 1e-12


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckReport:
    """State how far a solution is from feasible, and the verdicts.

    Parameters
    ----------
    strict
        Whether everything holds within 1e-6.
    miplib
        Whether everything holds within 1e-4, the tolerance of MIPLIB.
    bound_violation, row_violation, integrality_violation
        Largest violations, not scaled; special constraints count as rows, the lower
        bounds of semicontinuous variables as bounds.
    objective_violation
        Distance of the claimed objective from the exact one; 0 without a claim.
    objective
        Exact objective of the solution.
    claimed
        The claimed objective, or None.
    worst
        Name of the row or variable with the largest violation, or None.
    unchecked
        Constraints that could not be evaluated: the verdicts do not cover them.
    missing
        Number of variables that the solution did not name, taken as 0.
    unknown
        Names in the solution that are no variables, ignored.
    failures
        What failed the strict check, in words.
    """

    strict: bool
    miplib: bool
    bound_violation: float
    row_violation: float
    integrality_violation: float
    objective_violation: float
    objective: Fraction
    claimed: Fraction | None = None
    worst: str | None = None
    unchecked: tuple[str, ...] = ()
    missing: int = 0
    unknown: tuple[str, ...] = ()
    failures: tuple[str, ...] = ()

    @property
    def max_violation(self) -> float:
        """Largest violation of a bound, row or integrality, not scaled."""
        return max(self.bound_violation, self.row_violation, self.integrality_violation)

    @property
    def complete(self) -> bool:
        """Whether every constraint could be evaluated."""
        return not self.unchecked

    def to_dict(self) -> dict[str, Any]:
        """Return the report as strict JSON holds it; infinite violations are None."""
        return {
            "strict": self.strict,
            "miplib": self.miplib,
            "max_violation": finite_or_none(self.max_violation),
            "bound_violation": finite_or_none(self.bound_violation),
            "row_violation": finite_or_none(self.row_violation),
            "integrality_violation": finite_or_none(self.integrality_violation),
            "objective_violation": finite_or_none(self.objective_violation),
            "objective": float(self.objective),
            "worst": self.worst,
            "unchecked": list(self.unchecked),
            "missing": self.missing,
            "unknown": len(self.unknown),
            "failures": list(self.failures),
        }


def check(
    instance: Instance,
    solution: AnySolution,
    *,
    objective: Claim = None,
) -> CheckReport:
    """Check a solution exactly.

    Parameters
    ----------
    instance
        The problem.
    solution
        Mapping name -> number (decimal texts are taken as they are, doubles as the
        binary numbers they are), array in the order of the instance's variables,
        `Result`, or path of a solution file.
    objective
        Claimed objective; replaces the claim of the solution itself.

    Returns
    -------
    CheckReport
        Violations and verdicts. A variable that is not named counts as 0, an unknown
        name is ignored and reported, a value that is nan or infinite fails, and so
        does a solution file without a claimed objective.

    Raises
    ------
    InputError
        If ``solution`` is not a solution of this instance at all.
    """
    point, claim, needs_claim = make_point(instance, solution)
    if objective is not None:
        claim = objective
    return _Check(instance, point).report(claim, needs_claim)


@dataclass(frozen=True, slots=True)
class _Family:
    """Violations of many constraints of one kind.

    ``violation`` is within ``error`` of the truth, ``scale`` is a lower bound on the
    factor of the tolerance; ``exact(i)`` gives both exactly.
    """

    what: str
    names: Sequence[str]
    violation: NDArray[np.float64]
    error: NDArray[np.float64]
    scale: NDArray[np.float64]
    exact: Callable[[int], tuple[Fraction, Fraction]]

    def worst(self) -> tuple[Fraction, int]:
        """Return the largest violation, exactly, and where it is (-1 if zero)."""
        best, place = Fraction(0), -1
        high = self.violation + self.error
        for i in np.argsort(-high, kind="stable").tolist():
            if high[i] <= 0 or Fraction(high[i]) * (1 + Fraction(_MARGIN)) <= best:
                break
            value = (
                Fraction(self.violation[i]) if self.error[i] == 0 else self.exact(i)[0]
            )
            if value > best:
                best, place = value, i
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


class _Check:
    def __init__(self, instance: Instance, point: Point) -> None:
        self.instance = instance
        self.point = point
        self.x = point.values
        self.whole = point.is_whole

    def report(self, claim: Claim, needs_claim: bool) -> CheckReport:
        bounds = [self.bounds("lower"), self.bounds("upper"), self.semicontinuous()]
        rows = [*self.rows(), self.sos()]
        integrality = [self.integrality()]
        names = self.instance.names
        failures = [f"the value of {names[j]} is not finite" for j in self.point.bad]
        verdicts = {FEAS_TOL: not failures, MIPLIB_TOL: not failures}
        for family in [*bounds, *rows, *integrality]:
            self._judge(family, verdicts, failures)
        value, positive = self.objective()
        claimed = None if claim is None else exact_number(claim, "objective")
        distance = self._judge_claim(
            claim, claimed, needs_claim, value, positive, verdicts, failures
        )
        groups = [self._largest(g) for g in (bounds, rows, integrality)]
        worst_value, worst = max(groups, key=lambda pair: pair[0])
        if self.point.bad:
            groups[0] = (float("inf"), None)
            worst_value, worst = float("inf"), self.instance.names[self.point.bad[0]]
        return CheckReport(
            strict=verdicts[FEAS_TOL],
            miplib=verdicts[MIPLIB_TOL],
            bound_violation=groups[0][0],
            row_violation=groups[1][0],
            integrality_violation=groups[2][0],
            objective_violation=distance,
            objective=value,
            claimed=claimed,
            worst=worst if worst_value > 0 else None,
            unchecked=self.instance.unchecked,
            missing=self.point.missing,
            unknown=self.point.unknown,
            failures=tuple(failures),
        )

    @staticmethod
    def _judge(
        family: _Family, verdicts: dict[float, bool], failures: list[str]
    ) -> None:
        for tolerance in (MIPLIB_TOL, FEAS_TOL):
            i = family.failure(tolerance)
            if i >= 0:
                verdicts[tolerance] = False
                # Whatever fails at 1e-4 fails at 1e-6.
                verdicts[FEAS_TOL] = False
                failures.append(
                    f"{family.what} of {family.names[i]} is violated by "
                    f"{float(family.exact(i)[0]):.6g}"
                )
                return

    @staticmethod
    def _largest(families: list[_Family]) -> tuple[float, str | None]:
        best, name = Fraction(0), None
        for family in families:
            value, i = family.worst()
            if value > best:
                best, name = value, family.names[i]
        return float(best), name

    def _judge_claim(
        self,
        claim: Claim,
        claimed: Fraction | None,
        needs_claim: bool,
        value: Fraction,
        positive: Fraction,
        verdicts: dict[float, bool],
        failures: list[str],
    ) -> float:
        if claimed is None:
            if claim is None and not needs_claim:
                return 0.0
            failures.append("no objective is claimed")
            verdicts[FEAS_TOL] = verdicts[MIPLIB_TOL] = False
            return float("inf")
        distance = abs(value - claimed)
        scale = max(Fraction(1), positive, abs(claimed))
        for tolerance in verdicts:
            if distance > decimal_of(tolerance) * scale:
                verdicts[tolerance] = False
        if distance > decimal_of(FEAS_TOL) * scale:
            failures.append(
                f"the objective is {float(value)!r}, not {float(claimed)!r}"
            )
        return float(distance)

    def bounds(self, part: Any) -> _Family:
        """Violations of lower or upper bounds."""
        bound = getattr(self.instance, part)
        finite = np.flatnonzero(np.isfinite(bound))
        side, x = bound[finite], self.x[finite]
        sign = 1.0 if part == "lower" else -1.0
        violation = sign * (side - x)
        clean = self.whole[finite] & self._is_whole_side(part, finite, side)
        magnitude = np.maximum(np.abs(side), np.abs(x))
        error = np.where(clean & (magnitude < _WHOLE_LIMIT), 0.0, 4 * _UNIT * magnitude)
        places = finite.tolist()

        def exact(i: int) -> tuple[Fraction, Fraction]:
            b, v = (
                self.instance.exact_value(part, places[i]),
                self.point.value(places[i]),
            )
            amount = b - v if part == "lower" else v - b
            return max(amount, Fraction(0)), max(Fraction(1), abs(b), abs(v))

        return _Family(
            f"the {part} bound",
            _Selected(self.instance.names, places),
            violation,
            error,
            np.maximum(1.0, magnitude),
            exact,
        )

    def _is_whole_side(
        self, part: Any, places: NDArray[np.int64], side: NDArray[np.float64]
    ) -> NDArray[np.bool_]:
        """Tell where a side is exactly an integer double."""
        whole = (side == np.rint(side)) & (np.abs(side) < _WHOLE_LIMIT)
        lost = [k for p, k in self.instance.exact if p == part]
        if lost:
            whole &= ~np.isin(places, lost)
        return np.asarray(whole)

    def semicontinuous(self) -> _Family:
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

    def rows(self) -> list[_Family]:
        """Violations of the rows and of the indicator rows that are active."""
        matrix, names, lower, upper = self._all_rows()
        active = activities(matrix, self.x, self.whole)
        exact_rows: dict[int, tuple[Fraction, Fraction]] = {}

        def row(i: int) -> tuple[Fraction, Fraction]:
            if i not in exact_rows:
                exact_rows[i] = self._exact_row(matrix, i)
            return exact_rows[i]

        families = []
        sides: tuple[tuple[Any, NDArray[np.float64], float], ...] = (
            ("row_lower", lower, 1.0),
            ("row_upper", upper, -1.0),
        )
        for part, bound, sign in sides:
            finite = np.flatnonzero(np.isfinite(bound))
            side = bound[finite]
            violation = sign * (side - active.value[finite])
            row_error = active.error[finite]
            clean = (row_error == 0) & self._is_whole_side(part, finite, side)
            rounding = 3 * _UNIT * (np.abs(side) + active.magnitude[finite])
            positive = np.maximum(active.positive[finite] - row_error - rounding, 0.0)
            families.append(
                _Family(
                    "the row" if part == "row_upper" else "the lower side",
                    _Selected(names, finite.tolist()),
                    violation,
                    np.where(clean, 0.0, row_error + rounding),
                    np.maximum(1.0, np.maximum(positive, np.abs(side))),
                    self._exact_side(part, sign, finite.tolist(), bound, row),
                )
            )
        return families

    def _exact_side(
        self,
        part: Any,
        sign: float,
        places: list[int],
        bound: NDArray[np.float64],
        row: Callable[[int], tuple[Fraction, Fraction]],
    ) -> Callable[[int], tuple[Fraction, Fraction]]:
        def exact(i: int) -> tuple[Fraction, Fraction]:
            place = places[i]
            if place < self.instance.n_rows:
                side = self.instance.exact_value(part, place)
            else:
                side = decimal_of(bound[place])
            activity, positive = row(place)
            amount = side - activity if sign > 0 else activity - side
            return max(amount, Fraction(0)), max(Fraction(1), positive, abs(side))

        return exact

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

    def sos(self) -> _Family:
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

    def integrality(self) -> _Family:
        """Distances of integer variables from integers."""
        suspects = np.flatnonzero(self.instance.is_integer & ~self.whole).tolist()

        def exact(i: int) -> tuple[Fraction, Fraction]:
            value = self.point.value(suspects[i])
            return abs(value - round(value)), Fraction(1)

        return self._exact_family(
            "integrality", _Selected(self.instance.names, suspects), exact
        )

    @staticmethod
    def _exact_family(
        what: str,
        names: Sequence[str],
        exact: Callable[[int], tuple[Fraction, Fraction]],
    ) -> _Family:
        """Make a family whose members are all evaluated exactly."""
        pairs = [exact(i) for i in range(len(names))]
        violation = np.array([float(v) for v, _ in pairs], dtype=np.float64)
        return _Family(
            what,
            names,
            violation,
            4 * _UNIT * violation + 1e-300,
            np.ones(len(pairs)),
            pairs.__getitem__,
        )

    def objective(self) -> tuple[Fraction, Fraction]:
        """Return the exact objective and the sum of its positive terms."""
        c = self.instance.objective
        used = np.flatnonzero((c != 0) & ((self.x != 0) | ~self.whole))
        clean = self.whole[used] & self._is_whole_side("objective", used, c[used])
        simple, rest = used[clean], used[~clean]
        terms = c[simple] * self.x[simple]
        if np.abs(terms).sum() >= _WHOLE_LIMIT:
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
