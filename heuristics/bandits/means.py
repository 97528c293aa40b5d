"""Mean rewards of arms, all pulls alike or old ones discounted."""

from collections.abc import Sequence
from typing import ClassVar

import numpy as np
from numpy.typing import NDArray

from boundwise.core.arguments import as_count, as_number
from boundwise.heuristics.bandits.arms import check_pull, restrict
from boundwise.heuristics.bandits.saved import SavedPolicy


class MeanPolicy(SavedPolicy):
    """Base class of policies that compare mean rewards.

    Arms never pulled come first, in random order.

    Parameters
    ----------
    n_arms
        Number of arms, at least 1.
    discount
        Factor on all counts in each round, in (0, 1]; 1 never forgets.
    """

    _arrays: ClassVar[tuple[str, ...]] = ("_pulls", "_sums")
    _numbers: ClassVar[tuple[str, ...]] = ("_rounds",)

    def __init__(self, n_arms: int, discount: float = 1.0) -> None:
        self.n_arms = as_count("n_arms", n_arms)
        self._discount = as_number("discount", discount, above=0, at_most=1)
        self._pulls = np.zeros(n_arms)
        self._sums = np.zeros(n_arms)
        self._rounds = 0

    def choose(
        self, rng: np.random.Generator, available: Sequence[int] | None = None
    ) -> int:
        """Return an arm never pulled, else what the rule of the policy says."""
        arms = restrict(self.n_arms, available)
        fresh = arms[self._pulls[arms] <= 0.0]
        if len(fresh):
            return int(rng.choice(fresh))
        return self._choose_known(arms, rng)

    def update(self, arm: int, reward: float) -> None:
        """Decay all counts, then count the reward."""
        check_pull(self.n_arms, arm, reward)
        self._rounds += 1
        self._pulls *= self._discount
        self._sums *= self._discount
        self._pulls[arm] += 1.0
        self._sums[arm] += reward

    def _choose_known(self, arms: NDArray[np.int64], rng: np.random.Generator) -> int:
        """Return one of some arms that have all been pulled."""
        raise NotImplementedError

    def _means(self, arms: NDArray[np.int64]) -> NDArray[np.float64]:
        return np.asarray(self._sums[arms] / self._pulls[arms], dtype=np.float64)


def largest(
    arms: NDArray[np.int64], scores: NDArray[np.float64], rng: np.random.Generator
) -> int:
    """Return an arm of the largest score; ties are broken at random."""
    return int(rng.choice(arms[scores == scores.max()]))
