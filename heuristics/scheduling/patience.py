"""How much of their share arms may use while they find nothing.

Where the gap is wide a better solution is likely, and worth a search; where it is
narrow, what is left of a solve is mostly proof, and every second of an arm is lost:

    patience = min(most, max(least, most * gap / wide)),

and another one at the root, where a solution helps the whole tree.
"""

from dataclasses import dataclass
from typing import Any, Protocol

from boundwise.core.errors import InputError


class Patience(Protocol):
    """State the fraction of a share that may be used without success."""

    def __call__(self, model: Any) -> float:
        """Return a number in (0, 1]."""
        ...


def endless(model: Any) -> float:
    """Let arms use their whole share, found or not."""
    return 1.0


@dataclass(frozen=True, slots=True)
class GapPatience:
    """Be the more patient the wider the gap is.

    Parameters
    ----------
    least, most
        Range of the patience, in (0, 1].
    wide
        Relative gap, as SCIP states it, from which on it is ``most``.
    root
        Patience at the root, in (0, 1].
    """

    least: float = 0.15
    most: float = 0.5
    wide: float = 0.1
    root: float = 0.75

    def __post_init__(self) -> None:
        """Validate the numbers."""
        if not 0.0 < self.least <= self.most <= 1.0:
            raise InputError(
                "patience must have 0 < least <= most <= 1, got "
                f"{self.least!r}, {self.most!r}."
            )
        if not 0.0 < self.root <= 1.0:
            raise InputError(f"root must be in (0, 1], got {self.root!r}.")
        if not 0.0 < self.wide < float("inf"):
            raise InputError(f"wide must be a positive number, got {self.wide!r}.")

    def __call__(self, model: Any) -> float:
        """Return the patience at the present gap."""
        if model.getDepth() == 0:
            return self.root
        scaled = self.most * float(model.getGap()) / self.wide
        return min(self.most, max(self.least, scaled))
