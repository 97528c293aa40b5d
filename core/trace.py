"""The trace of a run: who improved what, and when.

One event is (seconds, objective, bound, who). Events are kept in memory, and can
be streamed to a JSON-lines file while the run lasts, so that a killed run still
leaves what it had found.
"""

import json
import math
import os
import warnings
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import NamedTuple, Protocol

import numpy as np

from boundwise.core.errors import BoundwiseWarning, InputError
from boundwise.core.limits import Deadline


class TraceEvent(NamedTuple):
    """One improvement of the incumbent or of the bound.

    Parameters
    ----------
    seconds
        Wall-clock seconds since the run began.
    objective
        Objective of the incumbent, infinite if there is none.
    bound
        Proven bound, infinite if there is none.
    who
        Name of the part that made the improvement.
    """

    seconds: float
    objective: float
    bound: float
    who: str

    def to_json(self) -> list[float | str | None]:
        """Return the event as JSON holds it: a missing value is None."""
        return [
            round(self.seconds, 6),
            finite_or_none(self.objective),
            finite_or_none(self.bound),
            self.who,
        ]


class EventSink(Protocol):
    """Receive the events of a run as they happen."""

    def __call__(self, event: TraceEvent) -> None:
        """Take one event."""
        ...


class Trace:
    """Record the events of one run.

    Parameters
    ----------
    clock
        The deadline of the run; it gives the seconds.
    sinks
        Receivers of each event, such as a log table or a `JsonLines` file.
    """

    def __init__(self, clock: Deadline, sinks: tuple[EventSink, ...] = ()) -> None:
        self._clock = clock
        self._sinks = sinks
        self._events: list[TraceEvent] = []

    def record(self, objective: float, bound: float, who: str) -> TraceEvent:
        """Add an event at the present time and hand it to the sinks."""
        event = TraceEvent(self._clock.elapsed(), objective, bound, who)
        self._events.append(event)
        for sink in self._sinks:
            sink(event)
        return event

    @property
    def sinks(self) -> tuple[EventSink, ...]:
        """The receivers of each event."""
        return self._sinks

    def extend(self, events: Iterable[TraceEvent]) -> None:
        """Add events that the sinks have seen already."""
        self._events.extend(events)

    def __len__(self) -> int:
        return len(self._events)

    def __iter__(self) -> Iterator[TraceEvent]:
        return iter(self._events)

    def events(self) -> tuple[TraceEvent, ...]:
        """Return all events so far."""
        return tuple(self._events)


class JsonLines:
    """Append each event to a file as one JSON line, flushed at once.

    A file that cannot be written any more (a full disk) ends with a
    `BoundwiseWarning`; it does not end the run.

    Parameters
    ----------
    path
        File to write; an existing one is replaced.

    Raises
    ------
    InputError
        If the file cannot be opened.
    """

    def __init__(self, path: str | os.PathLike[str]) -> None:
        self._path = path
        try:
            # Open until `close`: the file grows while the run lasts. Unbuffered: what
            # did not fit on the disk is not tried again.
            self._stream = Path(path).open("wb", buffering=0)  # noqa: SIM115
        except (OSError, TypeError, ValueError) as error:
            raise InputError(f"cannot write {path!r}: {error}.") from error

    def __call__(self, event: TraceEvent) -> None:
        """Write one event."""
        if self._stream.closed:
            return
        line = (json.dumps(event.to_json()) + "\n").encode()
        try:
            if self._stream.write(line) != len(line):
                raise OSError("the line was cut short")
        except OSError as error:
            self._stream.close()
            warnings.warn(
                f"cannot write {self._path!r} any more: {error}.",
                BoundwiseWarning,
                stacklevel=2,
            )

    def close(self) -> None:
        """Close the file."""
        self._stream.close()

    def __enter__(self) -> "JsonLines":
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


def asking_to_stop(
    callback: Callable[[TraceEvent], object], stop: Callable[[], None]
) -> EventSink:
    """Return a sink that shows events to a user and stops the run if told to.

    Parameters
    ----------
    callback
        Called with each event.
    stop
        Called when the callback returns True, ours or numpy's.
    """

    def sink(event: TraceEvent) -> None:
        answer = callback(event)
        # A callback may return what it likes; only a truth value is an answer.
        if isinstance(answer, bool | np.bool_) and answer:
            stop()

    return sink


def finite_or_none(value: float) -> float | None:
    """Return ``value`` if it is finite, else None: JSON knows no infinity."""
    return float(value) if math.isfinite(value) else None
