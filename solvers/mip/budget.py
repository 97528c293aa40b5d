"""How a run divides what it may use, in seconds or in work units.

A run limited by work must not look at the clock, or it would not be reproducible. Its
budget counts work, and its time limit is only a safety net.
"""

import contextlib
import math
from collections.abc import Iterator

from boundwise.core.limits import Deadline
from boundwise.heuristics.scip.effort import WorkMeter

#: Largest share of the budget that is kept back for solvers that stop late.
_MOST_KEPT = 0.03


class Budget:
    """Divide the budget of a run into portions.

    A solver that is asked to stop may still finish an LP first. The latest stop seen
    so far is kept back at the end, so that the run as a whole is on time.

    Parameters
    ----------
    deadline
        The clock.
    meter
        The work.
    """

    def __init__(self, deadline: Deadline, meter: WorkMeter) -> None:
        self._deadline = deadline
        self._meter = meter
        self._lateness = 0.0

    @property
    def total(self) -> float:
        """All there is, in work units or seconds; may be inf."""
        if self._meter.is_limited:
            return self._meter.limit
        return self._deadline.time_limit

    def spent(self) -> float:
        """Return what has been used."""
        if self._meter.is_limited:
            return self._meter.used
        return self._deadline.elapsed()

    def portion(self, fraction: float, least: float, most: float) -> float:
        """Return a fraction of all there is.

        Parameters
        ----------
        fraction
            Fraction of the total.
        least, most
            Range in seconds; not applied to work units, whose worth in seconds
            differs from problem to problem.
        """
        if self._meter.is_limited:
            return fraction * self._meter.limit
        total = self._deadline.time_limit
        return min(most, max(least, fraction * total)) if math.isfinite(total) else most

    @contextlib.contextmanager
    def slice(self, amount: float) -> Iterator[tuple[float, float]]:
        """Give an amount as limits (seconds, work) of one solve, and time the solve."""
        kept = min(self._lateness, _MOST_KEPT * self._deadline.time_limit)
        seconds = max(0.0, self._deadline.remaining() - kept)
        work = math.inf
        if self._meter.is_limited:
            work = min(amount, self._meter.remaining())
        else:
            seconds = min(amount, seconds)
        due = self._deadline.elapsed() + seconds
        yield seconds, work
        if math.isfinite(due):
            self._lateness = max(self._lateness, self._deadline.elapsed() - due)

    def is_over(self) -> bool:
        """Tell whether too little time is left for another solve."""
        kept = min(self._lateness, _MOST_KEPT * self._deadline.time_limit)
        return self._deadline.expired(margin=0.02 + kept)
