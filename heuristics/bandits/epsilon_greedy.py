"""Epsilon-greedy with a decreasing epsilon, plain or drawing by mean reward.

In round t, with probability ``epsilon * sqrt(K / t)`` explore, else pull the arm of
the largest mean reward. Exploring draws uniformly, or, in the modified form of
Chmiela, Gleixner, Lichocki and Pokutta (2023), arXiv:2304.03755, in proportion to
the mean rewards. Arms never pulled come first.
"""

from collections.abc import Sequence

import numpy as np

from boundwise.core.errors import InputError
from boundwise.heuristics.bandits.arms import check_arms, check_pull, restrict


class EpsilonGreedy:
    """Exploit the best mean reward, explore less and less.

    Parameters
    ----------
    n_arms
        Number of arms, at least 1.
    epsilon
        Scale of the exploration, in (0, 1]; the default is that of SCIP's scheduler.
    weighted
        Whether exploring draws in proportion to the mean rewards.
    """

    def __init__(
        self, n_arms: int, epsilon: float = 0.4685844, *, weighted: bool = False
    ) -> None:
        if not 0.0 < epsilon <= 1.0:
            raise InputError(f"epsilon must be in (0, 1], got {epsilon!r}.")
        self.n_arms = check_arms(n_arms)
        self._epsilon = epsilon
        self._weighted = weighted
        self._pulls = np.zeros(n_arms, dtype=np.int64)
        self._sums = np.zeros(n_arms)

    def choose(
        self, rng: np.random.Generator, available: Sequence[int] | None = None
    ) -> int:
        """Return an arm never pulled, else explore or exploit."""
        arms = restrict(self.n_arms, available)
        fresh = arms[self._pulls[arms] == 0]
        if len(fresh):
            return int(rng.choice(fresh))
        means = self._sums[arms] / self._pulls[arms]
        epsilon = self._epsilon * np.sqrt(self.n_arms / (1 + self._pulls.sum()))
        if rng.random() < epsilon:
            total = means.sum()
            p = means / total if self._weighted and total > 0 else None
            return int(rng.choice(arms, p=p))
        return int(rng.choice(arms[means == means.max()]))

    def update(self, arm: int, reward: float) -> None:
        """Add the reward to the mean of the arm."""
        check_pull(self.n_arms, arm, reward)
        self._pulls[arm] += 1
        self._sums[arm] += reward
