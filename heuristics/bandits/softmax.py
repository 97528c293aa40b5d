r"""Softmax: draw arms with probability proportional to exp(mean reward / temperature).

Sutton and Barto, "Reinforcement Learning" (2018), section 2.8.
"""

import numpy as np
from numpy.typing import NDArray

from boundwise.core.arguments import as_number
from boundwise.heuristics.bandits.means import MeanPolicy


class Softmax(MeanPolicy):
    """Draw by the exponential of the mean reward.

    Parameters
    ----------
    n_arms
        Number of arms, at least 1.
    temperature
        Positive; the lower, the greedier.
    discount
        Factor on all counts in each round, in (0, 1]; 1 never forgets.
    """

    def __init__(
        self, n_arms: int, temperature: float = 0.1, *, discount: float = 1.0
    ) -> None:
        super().__init__(n_arms, discount)
        self._temperature = as_number("temperature", temperature, above=0)

    def _choose_known(self, arms: NDArray[np.int64], rng: np.random.Generator) -> int:
        means = self._means(arms)
        weights = np.exp((means - means.max()) / self._temperature)
        return int(rng.choice(arms, p=weights / weights.sum()))
