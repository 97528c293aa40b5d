r"""Single-pass streaming: find an epsilon-best arm with two in memory, commit to it.

The K arms come one after the other; only a king, its mean, and one challenger are kept.
With horizon T and epsilon = (K / T)^(1/3), a challenger is pulled in levels of

    n_1 = 1 / (2 epsilon^2),  n_2 = 2 n_1,  n_3 = 4 n_1, ...  up to  n_1 max(2, 2 ln K)

pulls in all, and dropped after the first level at which its mean is below the king's
plus epsilon / 2; one that survives all levels is the new king. Most arms go after the
first level, so that about K n_1 = K^(1/3) T^(2/3) / 2 pulls are spent on exploring, and
committing to an arm that is epsilon worse than the best loses epsilon T, as much: with
memory for fewer than K arms no policy can lose less than order K^(1/3) T^(2/3) in the
worst case. It pays only where there are very many arms; elsewhere those policies that
remember all arms lose order sqrt(K T) at most.

Wang, "Tight regret bounds for single-pass streaming multi-armed bandits" (2023),
arXiv:2306.02208; levels after Assadi and Wang (2020), doi:10.1145/3357713.3384341. The
constants here are smaller than those of their proofs.
"""

import math
from collections.abc import Sequence
from typing import ClassVar

import numpy as np

from boundwise.core.arguments import as_count
from boundwise.heuristics.bandits.arms import check_pull, restrict
from boundwise.heuristics.bandits.saved import SavedPolicy


class Streaming(SavedPolicy):
    """Look at every arm once, then pull the best one seen.

    An arm that is not available when its turn comes is passed over for good.

    Parameters
    ----------
    n_arms
        Number of arms, at least 1.
    horizon
        Number of rounds that are expected.
    """

    _numbers: ClassVar[tuple[str, ...]] = (
        "_king",
        "_king_mean",
        "_challenger",
        "_pulls",
        "_sum",
        "_level",
    )
    _signed: ClassVar[frozenset[str]] = frozenset({"_king"})

    def __init__(self, n_arms: int, horizon: int = 1000) -> None:
        horizon = as_count("horizon", horizon)
        self.n_arms = as_count("n_arms", n_arms)
        self.epsilon = min(1.0, (n_arms / horizon) ** (1.0 / 3.0))
        self._least = math.ceil(0.5 / self.epsilon**2)
        self._most = math.ceil(self._least * max(2.0, 2.0 * math.log(n_arms)))
        self._king = -1
        self._king_mean = 0.0
        self._challenger = 0
        self._pulls = 0
        self._sum = 0.0
        self._level = 0

    @property
    def is_committed(self) -> bool:
        """Whether all arms have been looked at."""
        return self._challenger >= self.n_arms

    def choose(
        self, rng: np.random.Generator, available: Sequence[int] | None = None
    ) -> int:
        """Return the challenger; the king once all arms have been looked at."""
        arms = restrict(self.n_arms, available)
        position = int(np.searchsorted(arms, self._challenger))
        if position < len(arms):
            if arms[position] != self._challenger:
                self._call(int(arms[position]))
            return self._challenger
        if self._king in arms:
            return self._king
        return int(rng.choice(arms))

    def update(self, arm: int, reward: float) -> None:
        """Count a pull of the challenger; others say nothing new."""
        check_pull(self.n_arms, arm, reward)
        if arm != self._challenger:
            return
        self._pulls += 1
        self._sum += reward
        if self._pulls >= self._most:
            mean = self._sum / self._pulls
            if not self._is_beaten(mean):
                self._king, self._king_mean = self._challenger, mean
            self._call(self._challenger + 1)
        elif self._pulls >= self._least * 2**self._level:
            self._level += 1
            if self._is_beaten(self._sum / self._pulls):
                self._call(self._challenger + 1)

    def _is_beaten(self, mean: float) -> bool:
        return self._king >= 0 and mean < self._king_mean + 0.5 * self.epsilon

    def _call(self, arm: int) -> None:
        """Make an arm the next challenger."""
        self._challenger, self._pulls, self._sum, self._level = arm, 0, 0.0, 0
