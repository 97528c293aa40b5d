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

from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from boundwise.core.tolerances import FEAS_TOL, MIPLIB_TOL
from boundwise.core.trace import finite_or_none
from boundwise.instances.decimals import decimal_of, to_float
from boundwise.instances.instance import Instance
from boundwise.instances.point import (
    AnySolution,
    Claim,
    Point,
    exact_number,
    make_point,
)
from boundwise.instances.violations import Family, Violations


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
            "objective": to_float(self.objective),
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


class _Check:
    def __init__(self, instance: Instance, point: Point) -> None:
        self.instance = instance
        self.point = point
        self.violations = Violations(instance, point)

    def report(self, claim: Claim, needs_claim: bool) -> CheckReport:
        v = self.violations
        bounds = [v.bounds("lower"), v.bounds("upper"), v.semicontinuous()]
        rows = [*v.rows(), v.sos()]
        integrality = [v.integrality()]
        names = self.instance.names
        failures = [f"the value of {names[j]} is not finite" for j in self.point.bad]
        verdicts = {FEAS_TOL: not failures, MIPLIB_TOL: not failures}
        for family in [*bounds, *rows, *integrality]:
            self._judge(family, verdicts, failures)
        value, positive = v.objective()
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
        family: Family, verdicts: dict[float, bool], failures: list[str]
    ) -> None:
        for tolerance in (MIPLIB_TOL, FEAS_TOL):
            i = family.failure(tolerance)
            if i >= 0:
                verdicts[tolerance] = False
                # Whatever fails at 1e-4 fails at 1e-6.
                verdicts[FEAS_TOL] = False
                failures.append(
                    f"{family.what} of {family.names[i]} is violated by "
                    f"{to_float(family.exact(i)[0]):.6g}"
                )
                return

    @staticmethod
    def _largest(families: list[Family]) -> tuple[float, str | None]:
        best, name = Fraction(0), None
        for family in families:
            value, i = family.worst()
            if value > best:
                best, name = value, family.names[i]
        return to_float(best), name

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
                f"the objective is {to_float(value)!r}, not {to_float(claimed)!r}"
            )
        return to_float(distance)
