"""The live table of a robust run: one row for each event."""

from boundwise.core.logtable import Column, LogTable
from boundwise.core.result import relative_gap
from boundwise.core.trace import TraceEvent

_COLUMNS = (
    Column("seconds", 8),
    Column("worst case", 14),
    Column("bound", 14),
    Column("gap %", 8),
    Column("found by", 16),
)


class RobustLog:
    """Write the table; a sink of the trace."""

    def __init__(self) -> None:
        self._table = LogTable(_COLUMNS)

    def __call__(self, event: TraceEvent) -> None:
        """Write the row of an event."""
        self._table.row(
            f"{event.seconds:.1f}",
            event.objective,
            event.bound,
            100.0 * relative_gap(event.objective, event.bound),
            event.who,
        )
