"""How much of their share arms may use, in all and while they find nothing.

Where the gap g is wide a better solution is likely, and worth a search; where it is
narrow, what is left of a solve is mostly proof, and every second of an arm is lost. So
is it where the arms have been called in vain. After n calls without success,

    fraction = narrow + (1 - narrow) * min(1, g / far),
    patience = most * min(1, max(least, g / wide)) * k / (k + n),
    k = calls * (1 + 4 g / wide),

where ``most`` is largest at the root, for a solution there helps the whole tree: most
of all when it has been separated, and its LP says most.
"""

from dataclasses import dataclass
from typing import Any, Protocol

from boundwise.core.arguments import as_number


class Patience(Protocol):
    """State what part of a share is granted, and may be used without success."""

    def __call__(
        self, model: Any, fruitless: int, *, in_cut_loop: bool = False
    ) -> tuple[float, float]:
        """Return the fraction of the share and the patience, both in [0, 1].

        Parameters
        ----------
        model
            The solve.
        fruitless
            Calls since the last success.
        in_cut_loop
            Whether the LP of the root is still being separated.
        """
        ...


def endless(
    model: Any, fruitless: int, *, in_cut_loop: bool = False
) -> tuple[float, float]:
    """Let arms use their whole share, found or not."""
    return 1.0, 1.0


@dataclass(frozen=True, slots=True)
class GapPatience:
    """Be the more patient the wider the gap is, and the less the more was in vain.

    Gaps are relative, as SCIP states them.

    Parameters
    ----------
    tree, root, cut_loop
        Largest patience in the tree, at the root when its cut loop is over, and in the
        loop, in (0, 1].
    least
        Part of it that is left where the gap is small, in (0, 1].
    wide
        Gap from which on nothing is taken away.
    calls
        Calls in vain after which half of the patience is left where there is no gap.
    narrow
        Fraction of the share that is granted where there is no gap, in (0, 1].
    far
        Gap from which on all of it is granted.
    """

    tree: float = 0.5
    root: float = 0.75
    cut_loop: float = 0.5
    least: float = 0.05
    wide: float = 0.1
    calls: float = 6.0
    narrow: float = 0.5
    far: float = 2.0

    def __post_init__(self) -> None:
        """Validate the numbers."""
        for name in ("tree", "root", "cut_loop", "least", "narrow"):
            as_number(name, getattr(self, name), above=0, at_most=1)
        for name in ("wide", "calls", "far"):
            as_number(name, getattr(self, name), above=0)

    def __call__(
        self, model: Any, fruitless: int, *, in_cut_loop: bool = False
    ) -> tuple[float, float]:
        """Return both at the present gap."""
        if model.getDepth() > 0:
            most = self.tree
        else:
            most = self.cut_loop if in_cut_loop else self.root
        gap = float(model.getGap())
        fraction = self.narrow + (1.0 - self.narrow) * min(1.0, gap / self.far)
        width = gap / self.wide
        calls = self.calls * (1.0 + 4.0 * width)
        patience = most * min(1.0, max(self.least, width))
        return fraction, patience * calls / (calls + fruitless)
