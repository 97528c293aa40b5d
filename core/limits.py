"""Limits of a run and the one clock that every sub-solve asks.

A `Limits` object states what the caller allows; `Limits.start` returns the
`Deadline` that all parts of one run share.
"""

import math
from dataclasses import dataclass, field

from boundwise.core.arguments import as_count, as_number
from boundwise.core.clock import fastest_pace, now


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """State what one run may use.

    Parameters
    ----------
    time_limit
        Seconds of the clock of `boundwise.core.clock` (wall-clock seconds, unless
        told otherwise), or None for no limit.
    memory_limit
        MiB of the process's resident memory, or None for no limit.
    gap
        Relative gap at which a solution counts as optimal, a fraction.
    threads
        Number of threads.
    work_limit
        Deterministic work units (see the method for what one unit is), or None.
        A run that stops at a work limit is reproducible; one that stops at a
        time limit is not.

    Raises
    ------
    InputError
        If a value is out of range.
    """

    time_limit: float | None = None
    memory_limit: float | None = None
    gap: float = 0.0
    threads: int = 1
    work_limit: float | None = None

    def __post_init__(self) -> None:
        """Validate every limit."""
        for name in ("time_limit", "memory_limit", "work_limit"):
            value = getattr(self, name)
            if value is not None:
                number = as_number(name, value, above=0, finite=False)
                object.__setattr__(self, name, number)
        object.__setattr__(self, "gap", as_number("gap", self.gap, at_least=0))
        object.__setattr__(self, "threads", as_count("threads", self.threads))

    def start(self) -> "Deadline":
        """Start the clock of a run."""
        return Deadline(math.inf if self.time_limit is None else self.time_limit)


@dataclass(slots=True)
class Deadline:
    """Clock of one run: it starts at zero and never runs back.

    Parameters
    ----------
    time_limit
        Seconds from now, of the clock of `boundwise.core.clock`; ``inf`` for no limit.

    Raises
    ------
    InputError
        If the limit is not a non-negative number.
    """

    time_limit: float = math.inf
    _started: float = field(default_factory=now, init=False, repr=False)

    def __post_init__(self) -> None:
        """Validate the limit."""
        self.time_limit = as_number(
            "time_limit", self.time_limit, at_least=0, finite=False
        )

    def elapsed(self) -> float:
        """Return the seconds since the start."""
        return now() - self._started

    def remaining(self) -> float:
        """Return the seconds left, never negative."""
        return max(0.0, self.time_limit - self.elapsed())

    def soonest(self) -> float:
        """Return the least wall-clock seconds in which the end can come.

        They differ from `remaining` on the CPU clock, which several cores drive at a
        time.
        """
        return self.remaining() / fastest_pace()

    def expired(self, margin: float = 0.0) -> bool:
        """Tell whether at most ``margin`` seconds are left."""
        return self.remaining() <= margin

    def slice(self, seconds: float) -> float:
        """Return ``seconds``, or what is left if that is less."""
        return min(seconds, self.remaining())
