"""How a run divides what it may use, in seconds or in work units.

A run limited by work must not look at the clock, or it would not be reproducible. Its
budget counts work, and its time limit is only a safety net.
"""

import math
from dataclasses import dataclass

from boundwise.core.limits import Deadline
from boundwise.heuristics.scip.effort import WorkMeter


@dataclass(frozen=True, slots=True)
class Budget:
    """Divide the budget of a run into portions.

    Parameters
    ----------
    deadline
        The clock.
    meter
        The work.
    """

    deadline: Deadline
    meter: WorkMeter

    @property
    def total(self) -> float:
        """All there is, in work units or seconds; may be inf."""
        if self.meter.is_limited:
            return self.meter.limit
        return self.deadline.time_limit

    def spent(self) -> float:
        """Return what has been used."""
        if self.meter.is_limited:
            return self.meter.used
        return self.deadline.elapsed()

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
        if self.meter.is_limited:
            return fraction * self.meter.limit
        total = self.deadline.time_limit
        return min(most, max(least, fraction * total)) if math.isfinite(total) else most

    def slice(self, amount: float) -> tuple[float, float]:
        """Return an amount as limits (seconds, work) of one solve."""
        if self.meter.is_limited:
            return self.deadline.remaining(), min(amount, self.meter.remaining())
        return self.deadline.slice(amount), math.inf
