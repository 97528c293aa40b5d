r"""Exp3-IX: exponential weights with implicit exploration, for adversarial rewards.

With K arms and weights w, in round t:

    p = w / sum(w),  gamma = sqrt(ln K / (4 t K)),  eta = 2 gamma,
    w[i] *= exp(-eta * (1 - reward) / (p[i] + gamma))     for the pulled arm i.

where p[i] is the probability with which i was drawn: among the available arms only,
if the choice was restricted.

Gergely Neu, "Explore no more: improved high-probability regret bounds for
non-stochastic bandits" (2015), arXiv:1506.03271.
"""

from collections.abc import Sequence
from typing import ClassVar

import numpy as np
from numpy.typing import NDArray

from boundwise.core.arguments import as_count
from boundwise.heuristics.bandits.arms import check_pull, restrict
from boundwise.heuristics.bandits.saved import SavedPolicy


class Exp3IX(SavedPolicy):
    """Exponential weights with implicit exploration.

    Parameters
    ----------
    n_arms
        Number of arms, at least 1.
    """

    _arrays: ClassVar[tuple[str, ...]] = ("_log_weights",)
    _numbers: ClassVar[tuple[str, ...]] = ("_rounds",)
    _signed: ClassVar[frozenset[str]] = frozenset({"_log_weights"})

    def __init__(self, n_arms: int) -> None:
        self.n_arms = as_count("n_arms", n_arms)
        self._log_weights = np.zeros(n_arms)
        self._rounds = 0
        self._drawn_with: dict[int, float] = {}

    @property
    def probabilities(self) -> NDArray[np.float64]:
        """Probability of each arm in the next round."""
        return _softmax(self._log_weights)

    def choose(
        self, rng: np.random.Generator, available: Sequence[int] | None = None
    ) -> int:
        """Draw an arm by its weight."""
        arms = restrict(self.n_arms, available)
        # Scaled among the available: the weight of each alone may be below 1e-308.
        p = _softmax(self._log_weights[arms])
        position = int(rng.choice(len(arms), p=p))
        arm = int(arms[position])
        self._drawn_with[arm] = float(p[position])
        return arm

    def update(self, arm: int, reward: float) -> None:
        """Lower the weight of the arm by its estimated loss."""
        check_pull(self.n_arms, arm, reward)
        if self.n_arms == 1:
            return
        self._rounds += 1
        gamma = np.sqrt(np.log(self.n_arms) / (4.0 * self._rounds * self.n_arms))
        p = self._drawn_with.pop(arm, None)
        if p is None:
            p = float(self.probabilities[arm])
        self._log_weights[arm] -= 2.0 * gamma * (1.0 - reward) / (p + gamma)


def _softmax(log_weights: NDArray[np.float64]) -> NDArray[np.float64]:
    weights = np.exp(log_weights - log_weights.max())
    result: NDArray[np.float64] = weights / weights.sum()
    return result
