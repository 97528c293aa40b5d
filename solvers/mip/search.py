"""What all parts of one run share: clock, incumbent, bound, pool, trace.

Every solution enters through `Search.offer`: it is taken to the user's space, its
integers are rounded, it is checked exactly against the problem as given, repaired by
an LP where rounding broke it, and only then counts. Several threads may offer at the
same time.
"""

import math
import threading
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np

from boundwise.core.interrupt import Interrupter
from boundwise.core.limits import Deadline, Limits
from boundwise.core.memory import resident_mebibytes
from boundwise.core.result import missing_value, relative_gap
from boundwise.core.status import Status, Termination
from boundwise.core.tolerances import FEAS_TOL
from boundwise.core.trace import Trace
from boundwise.heuristics.completion import complete_continuous
from boundwise.heuristics.pool import SolutionPool
from boundwise.heuristics.protocols import FloatVector, Relaxation
from boundwise.heuristics.rewards import closed_gap
from boundwise.heuristics.scip.effort import WorkMeter
from boundwise.instances.checker import CheckReport, check
from boundwise.solvers.mip.budget import Budget

if TYPE_CHECKING:
    from boundwise.instances.instance import Instance
    from boundwise.solvers.mip.presolved import PresolvedProblem

#: A value this close to an integer is rounded before the exact check.
_NEARLY_INTEGER = 1e-4
#: Most seconds of the LP that repairs a solution.
_COMPLETION_SECONDS = 5.0
#: Relative difference from which a solution refutes a bound, instead of rounding it.
_CONTRADICTION = 1e-4
#: Magnitude from which a value of an unbounded variable is no longer trusted.
_FAR = 1e8
#: Least memory, in MiB, with which it makes sense to start another solve.
_LEAST_MEMORY = 16.0


@dataclass(slots=True)
class Search:
    """State of one run.

    Parameters
    ----------
    instance
        The problem as the user gave it.
    limits, deadline, interrupter, meter, trace
        What bounds and records the run.
    """

    instance: "Instance"
    limits: Limits
    deadline: Deadline
    interrupter: Interrupter
    meter: WorkMeter
    trace: Trace
    budget: Budget = field(init=False)
    problem: "PresolvedProblem | None" = field(default=None, init=False)
    pool: SolutionPool | None = field(default=None, init=False)
    x: FloatVector | None = field(default=None, init=False)
    objective: float = field(init=False)
    bound: float = field(init=False)
    report: CheckReport | None = field(default=None, init=False)
    bounds_refuted: bool = field(default=False, init=False)
    n_rejected: int = field(default=0, init=False)
    improved_at: float = field(default=0.0, init=False)
    fruitless: int = field(default=0, init=False)
    relaxation: Relaxation | None = field(default=None, init=False)
    proof: Status | None = field(default=None, init=False)
    gains: dict[str, float] = field(default_factory=dict, init=False)
    lock: threading.RLock = field(default_factory=threading.RLock, init=False)
    out_of_memory: bool = field(default=False, init=False)

    def __post_init__(self) -> None:
        """Begin with nothing found and nothing proven."""
        self.budget = Budget(self.deadline, self.meter)
        self.objective = missing_value("objective", self.instance.sense)
        self.bound = missing_value("bound", self.instance.sense)

    # -- limits ---------------------------------------------------------------

    def reason_to_stop(self) -> Termination | None:
        """Return why the run must end now, or None."""
        if self.interrupter.requested:
            return Termination.INTERRUPTED
        if self.is_converged or self.proof is not None:
            return Termination.CONVERGED
        if self.meter.expired():
            return Termination.WORK_LIMIT
        if self.budget.is_over():
            return Termination.TIME_LIMIT
        if self.out_of_memory or self.memory_left() == 0.0:
            return Termination.MEMORY_LIMIT
        return None

    def memory_left(self) -> float | None:
        """Return the MiB that one more solve may use; 0 if that is too little."""
        if self.limits.memory_limit is None:
            return None
        left = self.limits.memory_limit - resident_mebibytes()
        return left if left >= _LEAST_MEMORY else 0.0

    def patience_used(self, patience: float, pulls: int) -> float:
        """Return for how long nobody improved, as a fraction of a long time.

        A long time is long by the clock and in pulls: where pulls are slow, few of
        them without success say little.

        Parameters
        ----------
        patience
            A long time, in the unit of the budget.
        pulls
            Many pulls.
        """
        by_clock = (self.budget.spent() - self.improved_at) / patience
        return min(by_clock, self.fruitless / pulls)

    @property
    def is_converged(self) -> bool:
        """Whether the incumbent is within the requested gap of the bound."""
        return self.x is not None and self.gap <= self.limits.gap

    @property
    def gap(self) -> float:
        """Relative gap between incumbent and bound."""
        return relative_gap(self.objective, self.bound)

    # -- the presolved space --------------------------------------------------

    @property
    def best(self) -> float:
        """Objective of the incumbent in the presolved space, inf if none."""
        if self.x is None or self.problem is None:
            return math.inf
        return self.problem.from_user(self.objective)

    @property
    def lower_bound(self) -> float:
        """Proven bound in the presolved space, -inf if none."""
        if self.problem is None or not math.isfinite(self.bound):
            return -math.inf
        return self.problem.from_user(self.bound)

    # -- news -----------------------------------------------------------------

    def offer(self, values: FloatVector, who: str) -> bool:
        """Take a solution of the presolved space; tell whether it is a new incumbent.

        Parameters
        ----------
        values
            Solution in the presolved space.
        who
            Who found it.
        """
        assert self.problem is not None
        assert self.pool is not None
        accepted = self._verify(self.problem.to_original(values))
        if accepted is None or (
            self.instance.unchecked and not self.problem.accepts(values)
        ):
            self.n_rejected += 1
            return False
        x, report = accepted
        objective = float(report.objective)
        with self.lock:
            self.pool.add(values, self.problem.from_user(objective))
            return self._take(x, objective, report, who)

    def offer_original(self, x: FloatVector, who: str) -> bool:
        """Take a solution of the user's space; tell whether it is a new incumbent."""
        accepted = self._verify(x)
        if accepted is None:
            self.n_rejected += 1
            return False
        x, report = accepted
        with self.lock:
            return self._take(x, float(report.objective), report, who)

    def raise_bound(self, bound: float, who: str) -> None:
        """Take a proven bound of the presolved space."""
        if self.problem is not None and math.isfinite(bound):
            self.raise_user_bound(self.problem.to_user(bound), who)

    def raise_user_bound(self, bound: float, who: str) -> None:
        """Take a proven bound of the user's space."""
        with self.lock:
            if self.bounds_refuted or self._refutes(self.objective, bound):
                return
            # A bound just beyond a verified solution is rounding, not information.
            if self._is_better(self.objective, bound):
                bound = self.objective
            if self._is_better(self.bound, bound):
                self.bound = bound
                self.trace.record(self.objective, self.bound, who)

    def close_gap_at(self, objective: float, who: str) -> None:
        """Note the proof that ``objective``, in the user's space, is optimal.

        The incumbent is then optimal too if it is as good up to the tolerance of
        feasibility; otherwise the optimal solution was refused by the checker, and
        the incumbent is not claimed to be optimal.
        """
        if self.x is None or self.bounds_refuted:
            return
        if abs(objective - self.objective) > FEAS_TOL * max(1.0, abs(objective)):
            return
        if self.bound != self.objective:
            self.bound = self.objective
            self.trace.record(self.objective, self.bound, who)

    def forget(self) -> None:
        """Drop the incumbent: what was proven leaves no solution to return."""
        self.x = self.report = None
        self.objective = missing_value("objective", self.instance.sense)
        self.bound = missing_value("bound", self.instance.sense)

    def _take(
        self, x: FloatVector, objective: float, report: CheckReport, who: str
    ) -> bool:
        if not self._is_better(objective, self.objective):
            return False
        self._book_gain(objective, who)
        self.x, self.objective, self.report = x, objective, report
        if self._reaches_far(x):
            self._distrust_bounds()
        if not self._refutes(objective, self.bound) and self._is_better(
            objective, self.bound
        ):
            self.bound = objective
        self.improved_at = self.budget.spent()
        self.fruitless = 0
        self.trace.record(self.objective, self.bound, who)
        return True

    def _book_gain(self, objective: float, who: str) -> None:
        """Note how much of the gap the finder closes; its name ends at the slash.

        A first solution closes no gap: that somebody found it says little about who
        will improve it.
        """
        if self.x is None:
            return
        sign = -1.0 if self.instance.sense == "maximize" else 1.0
        gain = closed_gap(sign * self.objective, sign * objective, sign * self.bound)
        finder = who.split("/", maxsplit=1)[0]
        self.gains[finder] = self.gains.get(finder, 0.0) + gain

    def _refutes(self, objective: float, bound: float) -> bool:
        """Tell whether a verified objective shows that a bound is wrong."""
        if not self._is_better(objective, bound) or not math.isfinite(bound):
            return False
        if abs(objective - bound) <= _CONTRADICTION * max(1.0, abs(bound)):
            return False
        self._distrust_bounds()
        return True

    def _reaches_far(self, x: FloatVector) -> bool:
        """Tell whether a solution runs off along an unbounded direction.

        SCIP cuts such directions off at its own idea of infinity, and then takes the
        cut-off problem's optimum for the problem's.
        """
        up = np.isinf(self.instance.upper) & (x >= _FAR)
        down = np.isinf(self.instance.lower) & (x <= -_FAR)
        return bool(np.any(up | down))

    def _distrust_bounds(self) -> None:
        self.bounds_refuted = True
        self.bound = missing_value("bound", self.instance.sense)

    def _verify(self, x: FloatVector) -> tuple[FloatVector, CheckReport] | None:
        instance = self.instance
        nearest = np.round(x)
        nearly = instance.is_integer & (np.abs(x - nearest) <= _NEARLY_INTEGER)
        rounded = np.where(nearly, nearest, x)
        rounded = np.clip(rounded, instance.lower, instance.upper)
        report = check(instance, rounded)
        if report.strict:
            return rounded, report
        if instance.unchecked:
            return None  # the LP does not know those constraints
        seconds = self.deadline.remaining()
        if not self.meter.is_limited:  # a run by work does not look at the clock
            seconds = min(_COMPLETION_SECONDS, seconds)
        completed = complete_continuous(instance, x, seconds)
        if completed is None:
            return None
        report = check(instance, completed)
        return (completed, report) if report.strict else None

    def _is_better(self, one: float, other: float) -> bool:
        if self.instance.sense == "maximize":
            return one > other
        return one < other
