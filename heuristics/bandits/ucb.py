r"""Upper confidence bounds: pull the arm that might be best.

With n_i pulls of arm i in t rounds, and mean reward m_i, the arm pulled is that of the
largest

    m_i + sqrt(exploration * ln(t) / n_i),

where ``exploration`` is 2 in UCB1. With a discount, n_i, m_i and t count old rounds
less, so that the policy follows arms whose worth changes.

Auer, Cesa-Bianchi and Fischer (2002), doi:10.1023/A:1013689704352; discounted: Garivier
and Moulines (2011), arXiv:0805.3415.
"""

import numpy as np
from numpy.typing import NDArray

from boundwise.core.arguments import as_number
from boundwise.heuristics.bandits.means import MeanPolicy, largest


class UCB(MeanPolicy):
    """Pull the arm of the largest upper confidence bound.

    Parameters
    ----------
    n_arms
        Number of arms, at least 1.
    exploration
        Factor under the root, positive; 2 is UCB1, 0.0016 is what SCIP's scheduler
        uses.
    discount
        Factor on all counts in each round, in (0, 1]; 1 never forgets.
    """

    def __init__(
        self, n_arms: int, exploration: float = 2.0, *, discount: float = 1.0
    ) -> None:
        super().__init__(n_arms, discount)
        self._exploration = as_number("exploration", exploration, above=0)

    def _choose_known(self, arms: NDArray[np.int64], rng: np.random.Generator) -> int:
        # Discounted counts may sum to less than 1, whose logarithm is negative.
        rounds = max(1.0, float(self._pulls.sum()))
        # A count that has decayed to nothing makes its arm worth trying at once.
        with np.errstate(over="ignore", divide="ignore"):
            width = np.sqrt(self._exploration * np.log(rounds) / self._pulls[arms])
        return largest(arms, self._means(arms) + width, rng)
