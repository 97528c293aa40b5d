"""Uniform choice: the ablation that a learning policy has to beat."""

from collections.abc import Sequence

import numpy as np

from boundwise.core.arguments import as_count
from boundwise.heuristics.bandits.arms import check_pull, restrict
from boundwise.heuristics.bandits.saved import SavedPolicy


class Uniform(SavedPolicy):
    """Draw every arm with the same probability and learn nothing.

    Parameters
    ----------
    n_arms
        Number of arms, at least 1.
    """

    def __init__(self, n_arms: int) -> None:
        self.n_arms = as_count("n_arms", n_arms)

    def choose(
        self, rng: np.random.Generator, available: Sequence[int] | None = None
    ) -> int:
        """Draw an arm."""
        return int(rng.choice(restrict(self.n_arms, available)))

    def update(self, arm: int, reward: float) -> None:
        """Check the arguments; nothing is learned."""
        check_pull(self.n_arms, arm, reward)
