r"""Exp3: exponential weights with uniform exploration, for adversarial rewards.

With weights w over K arms:

    p = (1 - gamma) w / sum(w) + gamma / K,
    w[i] *= exp(gamma * reward / (K p[i]))     for the pulled arm i,

K and p counting the available arms only, if the choice was restricted.

Auer, Cesa-Bianchi, Freund and Schapire (2002), doi:10.1137/S0097539701398375.
"""

from collections.abc import Sequence
from typing import ClassVar

import numpy as np

from boundwise.core.arguments import as_count, as_number
from boundwise.heuristics.bandits.arms import check_pull, restrict
from boundwise.heuristics.bandits.saved import SavedPolicy


class Exp3(SavedPolicy):
    """Exponential weights with uniform exploration.

    Parameters
    ----------
    n_arms
        Number of arms, at least 1.
    gamma
        Share of uniform exploration, in (0, 1]; the default is that of SCIP's
        scheduler.
    """

    _arrays: ClassVar[tuple[str, ...]] = ("_log_weights",)
    _signed: ClassVar[frozenset[str]] = frozenset({"_log_weights"})

    def __init__(self, n_arms: int, gamma: float = 0.0704) -> None:
        self.n_arms = as_count("n_arms", n_arms)
        self._gamma = as_number("gamma", gamma, above=0, at_most=1)
        self._log_weights = np.zeros(n_arms)
        self._drawn_with: dict[int, float] = {}

    def choose(
        self, rng: np.random.Generator, available: Sequence[int] | None = None
    ) -> int:
        """Draw an arm by its weight, or uniformly now and then."""
        arms = restrict(self.n_arms, available)
        log_weights = self._log_weights[arms]
        weights = np.exp(log_weights - log_weights.max())
        p = (1.0 - self._gamma) * weights / weights.sum() + self._gamma / len(arms)
        position = int(rng.choice(len(arms), p=p / p.sum()))
        arm = int(arms[position])
        self._drawn_with[arm] = float(len(arms) * p[position])
        return arm

    def update(self, arm: int, reward: float) -> None:
        """Raise the weight of the arm by its estimated reward."""
        check_pull(self.n_arms, arm, reward)
        # An arm that was not drawn here counts as drawn uniformly.
        scaled = self._drawn_with.pop(arm, 1.0)
        self._log_weights[arm] += self._gamma * reward / scaled
        self._log_weights -= self._log_weights.max()
