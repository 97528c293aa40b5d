"""Fixed order: pull the arms in turn and learn nothing."""

from collections.abc import Sequence
from typing import ClassVar

import numpy as np

from boundwise.core.arguments import as_count
from boundwise.heuristics.bandits.arms import check_pull, restrict
from boundwise.heuristics.bandits.saved import SavedPolicy


class RoundRobin(SavedPolicy):
    """Pull the next arm in the order of their numbers.

    Parameters
    ----------
    n_arms
        Number of arms, at least 1.
    """

    _numbers: ClassVar[tuple[str, ...]] = ("_next",)

    def __init__(self, n_arms: int) -> None:
        self.n_arms = as_count("n_arms", n_arms)
        self._next = 0

    def choose(
        self, rng: np.random.Generator, available: Sequence[int] | None = None
    ) -> int:
        """Return the first available arm from the one whose turn it is."""
        arms = restrict(self.n_arms, available)
        position = int(np.searchsorted(arms, self._next))
        return int(arms[position % len(arms)])

    def update(self, arm: int, reward: float) -> None:
        """Give the turn to the arm after this one."""
        check_pull(self.n_arms, arm, reward)
        self._next = (int(arm) + 1) % self.n_arms
