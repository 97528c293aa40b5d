"""The status of a run: a list of rules, the first that matches wins.

The order merges the rules of SCIP's ``check``, the MIPLIB scripts and IPET: files,
crashes, wrong solutions, wrong bounds, limits, and only then success. A failure
never becomes a number.

Comparison: a >= b means a >= b - tol max(|a|, |b|, 1) with tol = 1e-4 (IPET).
"""

import math
from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from boundwise.core.status import Status, Termination
from boundwise.instances.reference import Kind, Reference

#: Relative tolerance of the comparisons of bounds and objectives (IPET).
STATUS_TOL: Final = 1e-4
#: MIPLIB: references up to this magnitude are compared absolutely.
_MIPLIB_SMALL: Final = 100.0
_MIPLIB_ABSOLUTE: Final = 1e-4
_MIPLIB_RELATIVE: Final = 1e-6


class RunStatus(StrEnum):
    """What became of one run."""

    READ_ERROR = "read_error"
    """The solver or the checker cannot read the instance, or it changed."""
    MISSING = "missing"
    """There is no instance file."""
    ABORT = "abort"
    """A crash: signal, non-zero exit code, or no end mark."""
    ABORT_TIME = "abort_time"
    """The solver hung, and was killed at the hard time limit."""
    ABORT_MEMORY = "abort_memory"
    """The hard memory limit ended the run."""
    ABORT_OUTPUT = "abort_output"
    """The solver ended by itself, with output that makes no sense."""
    FAIL_SOLUTION = "fail_solution"
    """The independent checker rejects the solution."""
    FAIL_DUAL = "fail_dual"
    """The dual bound, or a claim of optimality, is beyond a known solution."""
    FAIL_OBJECTIVE = "fail_objective"
    """The solution is better than the proven optimum or a known dual bound."""
    FAIL_INFEASIBLE_CLAIM = "fail_infeasible_claim"
    """Infeasibility is claimed, but a solution is known."""
    FAIL_SOLUTION_ON_INFEASIBLE = "fail_solution_on_infeasible"
    """A solution is claimed of an instance that has none."""
    FAIL_INCONSISTENT = "fail_inconsistent"
    """Two runs of the experiment contradict each other."""
    TIME_LIMIT = "time_limit"
    MEMORY_LIMIT = "memory_limit"
    NODE_LIMIT = "node_limit"
    GAP_LIMIT = "gap_limit"
    SOLUTION_LIMIT = "solution_limit"
    OK = "ok"
    """Solved, and in agreement with the reference."""
    SOLVED_NOT_VERIFIED = "solved_not_verified"
    """Solved, and there is no reference."""
    BETTER = "better"
    """Solved, and better than the best known solution."""
    UNKNOWN = "unknown"
    """None of the above."""

    @property
    def solved(self) -> bool:
        """Whether the instance counts as solved."""
        return self in {self.OK, self.SOLVED_NOT_VERIFIED, self.BETTER}

    @property
    def failed(self) -> bool:
        """Whether the run was wrong, as opposed to slow."""
        return self.value.startswith(("fail", "abort")) or self in {
            self.READ_ERROR,
            self.MISSING,
        }

    @property
    def severity(self) -> int:
        """Rank from 0 (best) upwards; of several seeds the worst one counts."""
        return _SEVERITY[self]


_BEST_FIRST = (
    RunStatus.OK,
    RunStatus.BETTER,
    RunStatus.SOLVED_NOT_VERIFIED,
    RunStatus.GAP_LIMIT,
    RunStatus.SOLUTION_LIMIT,
    RunStatus.NODE_LIMIT,
    RunStatus.TIME_LIMIT,
    RunStatus.MEMORY_LIMIT,
    RunStatus.UNKNOWN,
    RunStatus.MISSING,
    RunStatus.READ_ERROR,
    RunStatus.ABORT_TIME,
    RunStatus.ABORT_MEMORY,
    RunStatus.ABORT_OUTPUT,
    RunStatus.ABORT,
    RunStatus.FAIL_INCONSISTENT,
    RunStatus.FAIL_OBJECTIVE,
    RunStatus.FAIL_INFEASIBLE_CLAIM,
    RunStatus.FAIL_DUAL,
    RunStatus.FAIL_SOLUTION_ON_INFEASIBLE,
    RunStatus.FAIL_SOLUTION,
)
_SEVERITY = {status: rank for rank, status in enumerate(_BEST_FIRST)}


class Ending(StrEnum):
    """How the process of a run ended."""

    DONE = "done"
    """An answer was written."""
    CRASH = "crash"
    TIME = "time"
    MEMORY = "memory"
    OUTPUT = "output"
    READ = "read"
    MISSING = "missing"
    INTERRUPTED = "interrupted"
    """Ended by SIGINT at the limit, without an answer."""


#: Nothing is known of the instance.
NOTHING_KNOWN: Final = Reference(Kind.UNKNOWN)


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts:
    """What the rules look at.

    Parameters
    ----------
    ending
        How the process ended.
    claim, termination
        The solver's claim.
    sense
        ``"minimize"`` or ``"maximize"``.
    primal, dual
        Claimed values in the user's sense.
    verified
        Verdict of the independent checker; None if it gave none.
    gap
        The relative gap the solver was asked for.
    reference
        What is known of the instance.
    """

    ending: Ending = Ending.DONE
    claim: Status = Status.UNKNOWN
    termination: Termination = Termination.CONVERGED
    sense: str = "minimize"
    primal: float | None = None
    dual: float | None = None
    verified: bool | None = None
    gap: float = 0.0
    reference: Reference = NOTHING_KNOWN


def at_least(left: float, right: float, tolerance: float = STATUS_TOL) -> bool:
    """Tell whether ``left >= right`` up to the tolerance.

    Examples
    --------
    >>> at_least(0.99995, 1.0), at_least(0.9998, 1.0)
    (True, False)
    """
    return left >= right - tolerance * max(abs(left), abs(right), 1.0)


def miplib_mismatch(value: float, reference: float) -> bool:
    """Tell whether MIPLIB's scripts call two objective values different.

    Examples
    --------
    >>> miplib_mismatch(1.00005, 1.0), miplib_mismatch(1000.01, 1000.0)
    (False, True)
    """
    difference = abs(value - reference)
    if abs(reference) <= _MIPLIB_SMALL:
        return difference > _MIPLIB_ABSOLUTE
    return difference > _MIPLIB_RELATIVE * abs(reference)


def classify(facts: Facts) -> RunStatus:
    """Return the status of one run, judged by itself."""
    for rule in _RULES:
        status = rule(facts)
        if status is not None:
            return status
    return RunStatus.UNKNOWN


_ENDINGS = {
    Ending.READ: RunStatus.READ_ERROR,
    Ending.MISSING: RunStatus.MISSING,
    Ending.CRASH: RunStatus.ABORT,
    Ending.TIME: RunStatus.ABORT_TIME,
    Ending.MEMORY: RunStatus.ABORT_MEMORY,
    Ending.OUTPUT: RunStatus.ABORT_OUTPUT,
}


def _ending(facts: Facts) -> RunStatus | None:
    return _ENDINGS.get(facts.ending)


def _claims_solved(facts: Facts) -> bool:
    return facts.claim.is_proven and facts.ending is Ending.DONE


def _solution(facts: Facts) -> RunStatus | None:
    if facts.reference.kind is Kind.INFEASIBLE and facts.primal is not None:
        # Both could be said; that the instance has no solution says more.
        return RunStatus.FAIL_SOLUTION_ON_INFEASIBLE
    if facts.verified is False:
        return RunStatus.FAIL_SOLUTION
    return None


def _dual(facts: Facts) -> RunStatus | None:
    known = facts.reference.value
    if known is None:
        return None
    sign = 1.0 if facts.sense == "minimize" else -1.0
    bounds = [facts.dual]
    if facts.claim is Status.OPTIMAL and facts.primal is not None:
        # Whoever claims optimality within a gap claims a bound as well.
        slack = facts.gap * abs(facts.primal)
        bounds.append(facts.primal - sign * slack)
    if any(b is not None and not at_least(sign * known, sign * b) for b in bounds):
        return RunStatus.FAIL_DUAL
    return None


def _objective(facts: Facts) -> RunStatus | None:
    reference = facts.reference
    if facts.primal is None:
        return None
    sign = 1.0 if facts.sense == "minimize" else -1.0
    floors = [reference.dual]
    if reference.kind is Kind.OPTIMAL:
        floors.append(reference.value)
    below = (
        floor is not None and not at_least(sign * facts.primal, sign * floor)
        for floor in floors
    )
    return RunStatus.FAIL_OBJECTIVE if any(below) else None


_HAVE_SOLUTIONS = {Kind.UNBOUNDED, Kind.FEASIBLE}


def _infeasible_claim(facts: Facts) -> RunStatus | None:
    if facts.claim is not Status.INFEASIBLE:
        return None
    reference = facts.reference
    known = reference.value is not None or reference.kind in _HAVE_SOLUTIONS
    return RunStatus.FAIL_INFEASIBLE_CLAIM if known else None


def _unbounded_claim(facts: Facts) -> RunStatus | None:
    # A finite optimum, or no solution at all, contradicts an infinite bound.
    if facts.claim is Status.UNBOUNDED and facts.reference.kind in {
        Kind.OPTIMAL,
        Kind.INFEASIBLE,
    }:
        return RunStatus.FAIL_OBJECTIVE
    if facts.claim is Status.OPTIMAL and facts.reference.kind is Kind.UNBOUNDED:
        return RunStatus.FAIL_DUAL
    return None


_LIMITS = {
    Termination.TIME_LIMIT: RunStatus.TIME_LIMIT,
    Termination.INTERRUPTED: RunStatus.TIME_LIMIT,
    Termination.MEMORY_LIMIT: RunStatus.MEMORY_LIMIT,
    Termination.NODE_LIMIT: RunStatus.NODE_LIMIT,
    Termination.WORK_LIMIT: RunStatus.NODE_LIMIT,
    Termination.ITERATION_LIMIT: RunStatus.SOLUTION_LIMIT,
}


def _limit(facts: Facts) -> RunStatus | None:
    if facts.ending is Ending.INTERRUPTED:
        return RunStatus.TIME_LIMIT
    if _claims_solved(facts):
        return None
    return _LIMITS.get(facts.termination)


def _solved(facts: Facts) -> RunStatus | None:
    if not _claims_solved(facts):
        return None
    reference = facts.reference
    if facts.claim is not Status.OPTIMAL:
        # The rules above have compared the claim with what is known.
        return _settled(reference.kind in {Kind.INFEASIBLE, Kind.UNBOUNDED})
    if facts.primal is None:
        return RunStatus.UNKNOWN
    if facts.verified is None or reference.value is None:
        return RunStatus.SOLVED_NOT_VERIFIED
    sign = 1.0 if facts.sense == "minimize" else -1.0
    if not at_least(sign * facts.primal, sign * reference.value):
        return RunStatus.BETTER
    return RunStatus.OK


def _settled(agrees: bool) -> RunStatus:
    return RunStatus.OK if agrees else RunStatus.SOLVED_NOT_VERIFIED


_RULES: tuple[Callable[[Facts], RunStatus | None], ...] = (
    _ending,
    _solution,
    _dual,
    _objective,
    _infeasible_claim,
    _unbounded_claim,
    _limit,
    _solved,
)


def finite(value: float | None) -> float | None:
    """Return a number that is there and finite, else None."""
    return value if value is not None and math.isfinite(value) else None
