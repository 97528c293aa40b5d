"""Acceptance: how good a solution must be to become the next reference.

The rule is asked before a sub-MIP is solved, because the sub-MIP can then prune
everything that would be refused.
"""

import math

import numpy as np

from boundwise.core.errors import InputError

#: Relative difference below which two objectives are the same to a sub-MIP.
_LEAST = 1e-7


class HillClimbing:
    """Accept what is better than the incumbent by a share of the remaining gap.

    Parameters
    ----------
    min_improvement
        Share of the gap between incumbent and bound that a solution must close,
        in [0, 1).
    """

    def __init__(self, min_improvement: float = 0.001) -> None:
        if not 0.0 <= min_improvement < 1.0:
            raise InputError(
                f"min_improvement must be in [0, 1), got {min_improvement!r}."
            )
        self._share = min_improvement

    def limit(
        self, current: float, best: float, bound: float, rng: np.random.Generator
    ) -> float:
        """Return the largest objective that is accepted; any if there is no best."""
        if not math.isfinite(best):
            return best
        gap = best - bound if math.isfinite(bound) else abs(best)
        return best - max(_LEAST * max(1.0, abs(best)), self._share * gap)
