"""The clock in which limits, times and traces are counted.

    wall   time.monotonic(), the default
    cpu    CPU seconds of this process, of the children it has waited for, and of the
           live processes below it

Wall-clock times mean little on a machine that others use too. The environment
variable ``BOUNDWISE_CLOCK=cpu`` makes every `Deadline` of the process, and of those it
starts, count CPU seconds instead; the benchmark runner sets it with ``--clock cpu``.
Several threads then use up a limit several times as fast.
"""

import functools
import os
import resource
import time
from collections.abc import Callable

from boundwise.core.errors import InputError
from boundwise.core.processes import cpu_seconds, descendants

#: Environment variable that names the clock.
CLOCK_VARIABLE = "BOUNDWISE_CLOCK"
CLOCKS = ("wall", "cpu")
#: Seconds (wall) for which the CPU time of live children counts as unchanged.
_LOOK_EVERY = 0.05


class CpuClock:
    """Count the CPU seconds of this process and of all below it; never run back."""

    def __init__(self) -> None:
        self._before_fork = 0.0
        self._latest = 0.0
        self._reaped = 0.0
        self._live = 0.0
        self._look_at = 0.0

    def __call__(self) -> float:
        """Return the seconds so far."""
        # First the ended children, then the live ones: a child that ends in between
        # is missed for a moment, which the maximum hides, and never counted twice.
        usage = resource.getrusage(resource.RUSAGE_CHILDREN)
        reaped = usage.ru_utime + usage.ru_stime
        now = time.monotonic()
        if reaped != self._reaped or now >= self._look_at:
            self._live = cpu_seconds(descendants(os.getpid()))
            self._reaped, self._look_at = reaped, now + _LOOK_EVERY
        total = self._before_fork + time.process_time() + reaped + self._live
        self._latest = max(self._latest, total)
        return self._latest

    def go_on_after_fork(self) -> None:
        """Go on from the parent's time: the CPU time of a new process starts at 0."""
        self._before_fork = self._latest
        self._reaped = self._live = self._look_at = 0.0


@functools.cache
def _clock() -> Callable[[], float]:
    if clock_name() == "wall":
        return time.monotonic
    clock = CpuClock()
    os.register_at_fork(after_in_child=clock.go_on_after_fork)
    return clock


def clock_name() -> str:
    """Return ``"wall"`` or ``"cpu"``.

    Raises
    ------
    InputError
        If the environment variable ``BOUNDWISE_CLOCK`` says something else.
    """
    name = os.environ.get(CLOCK_VARIABLE, "") or "wall"
    if name not in CLOCKS:
        raise InputError(
            f"{CLOCK_VARIABLE} must be one of {', '.join(CLOCKS)}, got {name!r}."
        )
    return name


def fastest_pace() -> float:
    """Return how many seconds of the clock one wall-clock second can take at most."""
    if clock_name() == "wall":
        return 1.0
    return float(os.cpu_count() or 1)


def now() -> float:
    """Return the seconds of the clock since some fixed point in the past.

    Raises
    ------
    InputError
        If the environment names a clock that there is not.
    """
    return _clock()()
