"""The best decision so far, by exact evaluation; each decision is evaluated once."""

import math

from boundwise.core.trace import Trace
from boundwise.instances.robust.arrays import Floats
from boundwise.solvers.robust.clock import Clock
from boundwise.solvers.robust.problem import TwoStageProblem, WorstCase

#: A decision that is worse than the best by this (relative) is not evaluated further.
_HOPELESS = 0.05


class Incumbent:
    """Evaluate decisions by the problem's own worst case and keep the best.

    Parameters
    ----------
    problem
        The problem.
    trace
        Told of each improvement.
    clock
        When evaluations have to end.
    """

    def __init__(self, problem: TwoStageProblem, trace: Trace, clock: Clock) -> None:
        self._problem = problem
        self._trace = trace
        self._clock = clock
        self._seen: dict[bytes, WorstCase] = {}
        self.x: Floats | None = None
        self.worst: WorstCase | None = None

    @property
    def evaluations(self) -> int:
        """Number of decisions that were evaluated."""
        return len(self._seen)

    @property
    def cost(self) -> float:
        """Worst-case cost of the best decision; ``inf`` without one."""
        return math.inf if self.worst is None else self.worst.cost

    def offer(self, x: Floats, who: str, *, cutoff: bool = False) -> WorstCase:
        """Evaluate a decision and keep it if it is better.

        Parameters
        ----------
        x
            The decision.
        who
            Who found it, for the trace.
        cutoff
            Stop its evaluation once it is proven worse than the best; then the
            scenario that proves it is returned, and the cost is only a lower bound.
        """
        key = x.tobytes()
        known = self._seen.get(key)
        if known is not None:
            return known
        limit = self.cost if cutoff else self._far()
        worst = self._problem.worst_case(x, clock=self._clock, cutoff=limit)
        self._seen[key] = worst
        # What an evaluation has found when the time is over is too optimistic.
        is_fair = worst.is_exact or not self._clock.expired()
        if worst.cost < self.cost and (is_fair or self.x is None):
            self.x, self.worst = x, worst
            sign = -1.0 if self._problem.sense == "maximize" else 1.0
            self._trace.record(sign * worst.cost, -sign * math.inf, who)
        return worst

    def _far(self) -> float:
        return self.cost + _HOPELESS * max(1.0, abs(self.cost))
