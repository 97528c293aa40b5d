"""How much of their share arms may use while they find nothing.

Where the gap g is wide a better solution is likely, and worth a search; where it is
narrow, what is left of a solve is mostly proof, and every second of an arm is lost. So
is it where the arms have been called in vain. After n calls without success,

    patience = most * min(1, max(least, g / wide)) * k / (k + n),
    k = calls * (1 + 4 g / wide),

where ``most`` is largest at the root, for a solution there helps the whole tree: most
of all when it has been separated, and its LP says most.
"""

import math
from dataclasses import dataclass
from typing import Any, Protocol

from boundwise.core.errors import InputError


class Patience(Protocol):
    """State the fraction of a share that may be used without success."""

    def __call__(
        self, model: Any, fruitless: int, *, in_cut_loop: bool = False
    ) -> float:
        """Return a number in [0, 1], after so many calls without success."""
        ...


def endless(model: Any, fruitless: int, *, in_cut_loop: bool = False) -> float:
    """Let arms use their whole share, found or not."""
    return 1.0


@dataclass(frozen=True, slots=True)
class GapPatience:
    """Be the more patient the wider the gap is, and the less the more was in vain.

    Parameters
    ----------
    tree, root, cut_loop
        Largest patience in the tree, at the root when its cut loop is over, and in the
        loop, in (0, 1].
    least
        Part of it that is left where the gap is small, in (0, 1].
    wide
        Relative gap, as SCIP states it, from which on nothing is taken away.
    calls
        Calls in vain after which half of the patience is left where there is no gap.
    """

    tree: float = 0.5
    root: float = 0.75
    cut_loop: float = 0.5
    least: float = 0.05
    wide: float = 0.1
    calls: float = 6.0

    def __post_init__(self) -> None:
        """Validate the numbers."""
        for name in ("tree", "root", "cut_loop", "least"):
            value = getattr(self, name)
            if not 0.0 < value <= 1.0:
                raise InputError(f"{name} must be in (0, 1], got {value!r}.")
        for name in ("wide", "calls"):
            value = getattr(self, name)
            if not 0.0 < value < math.inf:
                raise InputError(f"{name} must be a positive number, got {value!r}.")

    def __call__(
        self, model: Any, fruitless: int, *, in_cut_loop: bool = False
    ) -> float:
        """Return the patience at the present gap."""
        if model.getDepth() > 0:
            most = self.tree
        else:
            most = self.cut_loop if in_cut_loop else self.root
        gap = float(model.getGap()) / self.wide
        calls = self.calls * (1.0 + 4.0 * gap)
        return most * min(1.0, max(self.least, gap)) * calls / (calls + fruitless)
