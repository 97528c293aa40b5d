"""When a search has to stop: a deadline, Ctrl-C, or the end of the process."""

from collections.abc import Callable

from boundwise.core.interrupt import Interrupter
from boundwise.core.limits import Deadline
from boundwise.core.status import Termination


class StopSearch(Exception):  # noqa: N818 (not an error: it ends a loop)
    """End a search from deep inside; the best order so far is kept."""


class Stopper:
    """Tell whether a search has to stop.

    Parameters
    ----------
    deadline
        Clock of the run.
    interrupter
        Stop flag of the run, or None.
    """

    def __init__(self, deadline: Deadline, interrupter: Interrupter | None) -> None:
        self.deadline = deadline
        self._interrupter = interrupter

    @property
    def reason(self) -> Termination | None:
        """Why to stop, or None."""
        if self._interrupter is not None and self._interrupter.requested:
            return Termination.INTERRUPTED
        return Termination.TIME_LIMIT if self.deadline.expired() else None

    def check(self) -> None:
        """Raise StopSearch if the search has to stop."""
        if self.reason is not None:
            raise StopSearch


#: Called now and then by long loops; raises StopSearch to end them.
Check = Callable[[], None]


def never() -> None:
    """Go on."""
