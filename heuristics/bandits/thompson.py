"""Thompson sampling with Beta posteriors and discounted observations.

Each arm keeps counts (a, b) of success and failure. In every round all counts decay
by ``discount``; the pulled arm then gains (reward, 1 - reward). The next arm is the
one with the largest draw from Beta(1 + a, 1 + b). Discounting follows arms whose
worth changes during a solve.

Raj and Kalyani, "Taming non-stationary bandits: a Bayesian approach" (2017),
arXiv:1707.09727.
"""

from collections.abc import Sequence
from typing import ClassVar

import numpy as np

from boundwise.core.arguments import as_count, as_number
from boundwise.heuristics.bandits.arms import check_pull, restrict
from boundwise.heuristics.bandits.saved import SavedPolicy


class Thompson(SavedPolicy):
    """Sample the posterior of each arm's mean reward and pull the largest.

    Parameters
    ----------
    n_arms
        Number of arms, at least 1.
    discount
        Factor on all counts in each round, in (0, 1]; 1 never forgets.
    """

    _arrays: ClassVar[tuple[str, ...]] = ("_successes", "_failures")

    def __init__(self, n_arms: int, discount: float = 0.98) -> None:
        self.n_arms = as_count("n_arms", n_arms)
        self._discount = as_number("discount", discount, above=0, at_most=1)
        self._successes = np.zeros(n_arms)
        self._failures = np.zeros(n_arms)

    def choose(
        self, rng: np.random.Generator, available: Sequence[int] | None = None
    ) -> int:
        """Return the arm with the largest posterior draw."""
        arms = restrict(self.n_arms, available)
        draws = rng.beta(1.0 + self._successes[arms], 1.0 + self._failures[arms])
        return int(arms[np.argmax(draws)])

    def update(self, arm: int, reward: float) -> None:
        """Decay all counts, then count the reward."""
        check_pull(self.n_arms, arm, reward)
        self._successes *= self._discount
        self._failures *= self._discount
        self._successes[arm] += reward
        self._failures[arm] += 1.0 - reward
