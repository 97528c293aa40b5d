"""The live table of a tree search: one row for each event, and one every few seconds.

The columns are those of Boscia's log, in plain words.
"""

import math

from boundwise.core.logtable import Column, LogTable
from boundwise.core.result import relative_gap
from boundwise.core.trace import TraceEvent

_COLUMNS = (
    Column("", 1),
    Column("nodes", 8),
    Column("open", 7),
    Column("bound", 13),
    Column("incumbent", 13),
    Column("gap", 10),
    Column("gap %", 7),
    Column("seconds", 8),
    Column("nodes/s", 8),
    Column("FW ms", 7),
    Column("oracle ms", 9),
    Column("oracle calls", 12),
    Column("FW steps", 8),
    Column("atoms", 5),
    Column("shadow", 6),
    Column("found by", 16),
)


class TreeLog:
    """Write the table; a sink of the trace.

    ``FW ms`` and ``oracle ms`` are means over the nodes and calls so far; ``atoms`` and
    ``shadow`` are those of the last node.

    Parameters
    ----------
    interval
        Seconds after which a row without news is written.
    """

    def __init__(self, interval: float = 5.0) -> None:
        self._table = LogTable(_COLUMNS)
        self._interval = interval
        self._last = -math.inf
        self.nodes = 0
        self.open_nodes = 0
        self.steps = 0
        self.step_seconds = 0.0
        self.oracle_calls = 0
        self.oracle_seconds = 0.0
        self.atoms = 0
        self.shadow = 0

    def __call__(self, event: TraceEvent) -> None:
        """Write the row of an event; new incumbents are starred."""
        self._write("" if event.who == "tree" else "*", event, event.who)

    def tick(self, seconds: float, objective: float, bound: float) -> None:
        """Write a row without news if the last row is old enough."""
        if seconds - self._last >= self._interval:
            self._write("", TraceEvent(seconds, objective, bound, ""), "")

    def _write(self, mark: str, event: TraceEvent, who: str) -> None:
        self._last = event.seconds
        gap = relative_gap(event.objective, event.bound)
        self._table.row(
            mark,
            self.nodes,
            self.open_nodes,
            event.bound,
            event.objective,
            event.objective - event.bound,
            f"{100 * gap:.2f}" if math.isfinite(gap) else "-",
            f"{event.seconds:.1f}",
            f"{self.nodes / max(event.seconds, 1e-9):.1f}",
            f"{1e3 * self.step_seconds / max(1, self.nodes):.1f}",
            f"{1e3 * self.oracle_seconds / max(1, self.oracle_calls):.3f}",
            self.oracle_calls,
            self.steps,
            self.atoms,
            self.shadow,
            who,
        )
