"""The best solution of a run, its proven bound, and the record of both.

Every candidate is a point that is integral where it must be and comes from the oracle,
or from a convex combination of vertices that agree at the integers: it is feasible as
far as the oracle is. Its objective is evaluated anew.
"""

import math
from collections.abc import Callable, Iterable

import numpy as np

from boundwise.core.errors import InputError
from boundwise.core.tolerances import INT_TOL
from boundwise.core.trace import Trace, TraceEvent
from boundwise.heuristics.frank_wolfe.protocols import Floats, Indices
from boundwise.solvers.convex.bounds import closing_threshold

#: Relative distance from which a solution below the bound is no rounding error.
_CONTRADICTION = 1e-6


class Incumbent:
    """Keep the best solution and bound.

    Parameters
    ----------
    value
        Evaluates the objective; ``inf`` outside its domain.
    integers
        Indices of the integer variables.
    trace
        Records improvements.
    gap, abs_gap
        Gaps at which the run is finished, see `bounds.closing_threshold`.
    accept
        Further test of a candidate, such as the exact check against a file.
    """

    def __init__(
        self,
        value: Callable[[Floats], float],
        integers: Indices,
        trace: Trace,
        gap: float,
        abs_gap: float,
        accept: Callable[[Floats], bool] = lambda x: True,
    ) -> None:
        self._value = value
        self._integers = integers
        self._trace = trace
        self._gap, self._abs_gap = gap, abs_gap
        self._accept = accept
        self.x: Floats | None = None
        self.objective = math.inf
        self.bound = -math.inf
        self.threshold = math.inf
        self.n_rejected = 0

    def offer(self, x: Floats, who: str) -> bool:
        """Take a candidate if it is better; return whether it is.

        Parameters
        ----------
        x
            The point; integer entries are rounded if they are within 1e-6.
        who
            Who found it.
        """
        whole = np.rint(x[self._integers])
        if len(whole) and np.abs(whole - x[self._integers]).max() > INT_TOL:
            return False
        # Adding zero turns -0.0 into 0.0.
        point = np.array(x) + 0.0
        point[self._integers] = whole + 0.0
        objective = self._value(point)
        if not objective < self.objective:
            return False
        if objective < self.bound - _CONTRADICTION * max(1.0, abs(self.bound)):
            raise InputError(
                f"f must be convex: it is {objective!r} at a point of the set, below "
                f"the bound {self.bound!r} that its linearisations prove."
            )
        if not self._accept(point):
            self.n_rejected += 1
            return False
        self.x, self.objective = point, objective
        self.threshold = closing_threshold(objective, self._gap, self._abs_gap)
        self._trace.record(objective, self.bound, who)
        return True

    def take_over(
        self,
        x: Floats | None,
        objective: float,
        bound: float,
        events: Iterable[TraceEvent],
    ) -> None:
        """Become the end of a run that another solver made and recorded."""
        self.x, self.objective, self.bound = x, objective, bound
        self.threshold = closing_threshold(objective, self._gap, self._abs_gap)
        self._trace.extend(events)

    def forget_bound(self) -> None:
        """Prove anew: the bound of another solver is as good as its tolerances."""
        self.bound = -math.inf

    def raise_bound(self, bound: float, who: str) -> None:
        """Note a proven bound of the whole problem; a weaker one changes nothing."""
        bound = min(bound, self.objective)
        if not bound > self.bound:
            return
        # A trace of every small step of the bound would be longer than the run.
        is_news = bound - self.bound > 1e-4 * max(1.0, abs(bound))
        self.bound = bound
        if is_news:
            self._trace.record(self.objective, bound, who)

    @property
    def is_converged(self) -> bool:
        """Whether the gap is closed."""
        return self.x is not None and self.bound >= self.threshold
