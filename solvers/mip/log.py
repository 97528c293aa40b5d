"""The live table of a MIP run: one row for each event, and one every few seconds."""

import math

from boundwise.core.logtable import Column, LogTable
from boundwise.core.result import Sense, relative_gap
from boundwise.core.trace import TraceEvent

_COLUMNS = (
    Column("", 1),
    Column("seconds", 8),
    Column("incumbent", 14),
    Column("bound", 14),
    Column("gap %", 7),
    Column("pulls", 6),
    Column("fixed %", 7),
    Column("found by", 16),
)


class SearchLog:
    """Write the table; a sink of the trace.

    The letter in the first column is the initial of who made the event.

    Parameters
    ----------
    sense
        Sense of the objective.
    interval
        Seconds after which a row without news is written.
    """

    def __init__(self, sense: Sense, interval: float = 5.0) -> None:
        self._table = LogTable(_COLUMNS)
        self._sense = sense
        self._interval = interval
        self._last = -math.inf
        self.pulls = 0
        self.fixing_rate = math.nan

    def __call__(self, event: TraceEvent) -> None:
        """Write the row of an event."""
        mark = event.who.rsplit("/", maxsplit=1)[-1][:1].upper()
        self._write(mark, event, event.who)

    def tick(self, seconds: float, objective: float, bound: float) -> None:
        """Write a row without news if the last row is old enough."""
        if seconds - self._last >= self._interval:
            self._write("", TraceEvent(seconds, objective, bound, ""), "")

    def _write(self, mark: str, event: TraceEvent, who: str) -> None:
        self._last = event.seconds
        gap = relative_gap(event.objective, event.bound)
        rate = "" if math.isnan(self.fixing_rate) else f"{100 * self.fixing_rate:.1f}"
        self._table.row(
            mark,
            f"{event.seconds:.1f}",
            event.objective,
            event.bound,
            f"{100 * gap:.2f}" if math.isfinite(gap) else "-",
            self.pulls,
            rate,
            who,
        )
