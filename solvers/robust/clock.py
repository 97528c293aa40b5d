"""The clock of a robust run: one deadline, one stop flag, for loops and for SCIP."""

import math
from typing import Any

from boundwise.core.interrupt import Interrupter
from boundwise.core.limits import Deadline
from boundwise.core.status import Termination
from boundwise.heuristics.scip.drive import Driver
from boundwise.heuristics.scip.effort import WorkMeter


class Clock:
    """Tell all parts of a run when to stop.

    Parameters
    ----------
    deadline
        End of the run; none by default.
    interrupter
        Stop flag of the run; without one, each SCIP solve has its own.
    """

    def __init__(
        self, deadline: Deadline | None = None, interrupter: Interrupter | None = None
    ) -> None:
        self.deadline = deadline or Deadline()
        self.interrupter = interrupter

    def expired(self) -> bool:
        """Tell whether the run has to end."""
        stopped = self.interrupter is not None and self.interrupter.requested
        return stopped or self.deadline.expired()

    def remaining(self) -> float:
        """Return the seconds left."""
        return 0.0 if self.expired() else self.deadline.remaining()

    def slice(self, seconds: float) -> "Clock":
        """Return a clock that ends after ``seconds``, or with this one if sooner."""
        return Clock(Deadline(min(seconds, self.remaining())), self.interrupter)

    def termination(self) -> Termination:
        """Return why the run has ended, given what the clock knows."""
        if self.interrupter is not None and self.interrupter.requested:
            return Termination.INTERRUPTED
        if self.deadline.expired():
            return Termination.TIME_LIMIT
        return Termination.CONVERGED

    def optimize(self, model: Any) -> str:
        """Run a SCIP model until it ends or the clock does; return SCIP's status.

        Raises
        ------
        SolverError
            If SCIP fails.
        """
        if self.interrupter is not None:
            return self._drive(model, self.interrupter)
        with Interrupter(self.deadline) as own:
            return self._drive(model, own)

    def _drive(self, model: Any, interrupter: Interrupter) -> str:
        driver = Driver(model, interrupter, WorkMeter())
        return driver.run(self.deadline.remaining(), math.inf)
