"""Epsilon-greedy with a decreasing epsilon, plain or drawing by mean reward.

In round t, with probability ``epsilon * sqrt(K / t)`` explore, else pull the arm of
the largest mean reward. Exploring draws uniformly, or, in the modified form of
Chmiela, Gleixner, Lichocki and Pokutta (2023), arXiv:2304.03755, in proportion to
the mean rewards. Arms never pulled come first.
"""

import numpy as np
from numpy.typing import NDArray

from boundwise.core.arguments import as_number
from boundwise.heuristics.bandits.means import MeanPolicy, largest


class EpsilonGreedy(MeanPolicy):
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
        super().__init__(n_arms)
        self._epsilon = as_number("epsilon", epsilon, above=0, at_most=1)
        self._weighted = weighted

    def _choose_known(self, arms: NDArray[np.int64], rng: np.random.Generator) -> int:
        means = self._means(arms)
        epsilon = self._epsilon * np.sqrt(self.n_arms / (1 + self._rounds))
        if rng.random() < epsilon:
            total = means.sum()
            p = means / total if self._weighted and total > 0 else None
            return int(rng.choice(arms, p=p))
        return largest(arms, means, rng)
