"""What a SCIP solve has cost, in seconds of CPU or in deterministic work units.

One work unit is a thousand simplex iterations or a hundred nodes of the solve itself;
sub-MIPs inside SCIP's own heuristics are not counted. Work does not depend on the
machine or its load, so a run that is limited by work alone is reproducible.
"""

import math
import time
from dataclasses import dataclass, field
from typing import Any

#: Work of setting up one solve, so that no sequence of empty solves is free.
_SETUP = 0.1


def work_of(model: Any) -> float:
    """Return the work units that a model has used since it was transformed."""
    iterations, nodes = model.getNLPIterations(), model.getNTotalNodes()
    return float(_SETUP + iterations / 1000.0 + nodes / 100.0)


@dataclass(slots=True)
class WorkMeter:
    """Count the work of a run against its limit.

    Parameters
    ----------
    limit
        Work units; ``inf`` for none, and then efforts are seconds of CPU.
    """

    limit: float = math.inf
    used: float = field(default=0.0, init=False)

    @property
    def is_limited(self) -> bool:
        """Whether the run is limited by work, and so must not look at the clock."""
        return math.isfinite(self.limit)

    def remaining(self) -> float:
        """Return the work units left, never negative."""
        return max(0.0, self.limit - self.used)

    def expired(self) -> bool:
        """Tell whether the limit is reached."""
        return self.used >= self.limit

    def charge(self, work: float) -> None:
        """Add work units."""
        self.used += work

    def stopwatch(self) -> "Stopwatch":
        """Start to measure one pull."""
        return Stopwatch(self)


@dataclass(slots=True)
class Stopwatch:
    """Measure the effort of one pull, in the unit of its meter."""

    meter: WorkMeter
    _cpu: float = field(default_factory=time.thread_time, init=False)
    _work: float = field(init=False)

    def __post_init__(self) -> None:
        """Remember the start."""
        self._work = self.meter.used

    def effort(self) -> float:
        """Return work units if the run is limited by work, else seconds of CPU."""
        if self.meter.is_limited:
            return self.meter.used - self._work
        return time.thread_time() - self._cpu
