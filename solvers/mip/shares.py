"""How the search divides its budget between the tree and the neighbourhoods.

Both are judged by what they gained lately for what they cost: with discounted sums of
gains and efforts, the tree's share is in proportion to its rate of gain. Where nobody
gains for long, only the tree can still prove something, and its share grows.
"""

from dataclasses import dataclass, field


@dataclass(slots=True)
class _GainRate:
    """Discounted gain per effort."""

    discount: float
    gain: float = 0.0
    effort: float = 0.0

    def add(self, gain: float, effort: float) -> None:
        self.gain = self.discount * self.gain + gain
        self.effort = self.discount * self.effort + effort

    @property
    def value(self) -> float:
        return self.gain / self.effort if self.effort > 0 else 0.0


@dataclass(slots=True)
class Shares:
    """Share of the tree search.

    Parameters
    ----------
    least, most
        Range of the share.
    """

    least: float = 0.1
    most: float = 0.8
    _tree: _GainRate = field(default_factory=lambda: _GainRate(0.7), init=False)
    # A slice of the tree is worth many pulls: the neighbourhoods forget more slowly.
    _pulls: _GainRate = field(default_factory=lambda: _GainRate(0.95), init=False)
    _tree_spent: float = field(default=0.0, init=False)
    _total_spent: float = field(default=0.0, init=False)

    def add_tree(self, gain: float, effort: float) -> None:
        """Count a slice of the tree."""
        self._tree.add(gain, effort)
        self._tree_spent += effort
        self._total_spent += effort

    def add_pull(self, gain: float, effort: float) -> None:
        """Count a pull of a neighbourhood."""
        self._pulls.add(gain, effort)
        self._total_spent += effort

    def share(self, patience_used: float) -> float:
        """Return the share that the tree should have.

        Parameters
        ----------
        patience_used
            How long nobody gained, as a fraction of how long one would wait.
        """
        rates = self._tree.value + self._pulls.value
        earned = self._tree.value / rates if rates > 0 else 0.0
        wanted = max(earned, min(1.0, patience_used) ** 2)
        return self.least + (self.most - self.least) * wanted

    def tree_is_due(self, patience_used: float, slice_length: float) -> bool:
        """Tell whether the next turn is the tree's.

        Parameters
        ----------
        patience_used
            See `share`.
        slice_length
            Length of a slice; half of it must be due.
        """
        due = self.share(patience_used) * self._total_spent
        return self._tree_spent + 0.5 * slice_length < due
