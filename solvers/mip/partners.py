"""The partners of a run: who gets turns.

A partner is a way to search the whole problem: SCIP's tree, the neighbourhoods, the
local search, another engine. Turns are short; what a partner knows it keeps for its
next turn. All partners start from the common pool and feed it.
"""

from typing import Protocol, runtime_checkable


@runtime_checkable
class Partner(Protocol):
    """Search in turns."""

    @property
    def name(self) -> str:
        """Name under which solutions and statistics are booked."""
        ...

    @property
    def concurrency(self) -> int:
        """How many of its turns may run at the same time."""
        ...

    @property
    def turn_length(self) -> float:
        """Usual length of a turn, in the unit of the budget."""
        ...

    def is_ready(self) -> bool:
        """Tell whether a turn could find or prove anything now."""
        ...

    def take_turn(self) -> None:
        """Search for about one turn, within the limits of the run."""
        ...

    def free(self) -> None:
        """Release what the partner holds."""
        ...
