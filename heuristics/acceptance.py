"""Acceptance: how good a solution must be to become the next reference.

The rule is asked before a sub-MIP is solved, because the sub-MIP can then prune
everything that would be refused.
"""

import math

import numpy as np

from boundwise.core.arguments import as_count, as_number
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
        self._share = as_number("min_improvement", min_improvement, at_least=0, below=1)

    def limit(
        self, current: float, best: float, bound: float, rng: np.random.Generator
    ) -> float:
        """Return the largest objective that is accepted; any if there is no best."""
        if not math.isfinite(best):
            return best
        gap = best - bound if math.isfinite(bound) else abs(best)
        return best - max(_LEAST * max(1.0, abs(best)), self._share * gap)


class SimulatedAnnealing:
    """Accept worse solutions too, less and less, and heat up again in a stall.

    With scale s (the gap between incumbent and bound, or the incumbent's magnitude), a
    solution is accepted up to ``current - T s ln(u)``, u uniform in (0, 1): Metropolis'
    rule for a temperature of T s. T falls by a factor with every call, from ``start``
    to ``end`` over ``steps`` calls, and returns to ``start`` after ``restart_after``
    calls without a new incumbent. It does not depend on the unit of the objective.

    Parameters
    ----------
    start, end
        First and last temperature as shares of the scale, 0 < end <= start.
    steps
        Calls from the first temperature to the last.
    restart_after
        Calls without a new incumbent after which it starts anew.

    References
    ----------
    Kirkpatrick, Gelatt and Vecchi (1983), doi:10.1126/science.220.4598.671.
    """

    def __init__(
        self,
        start: float = 0.05,
        end: float = 0.0005,
        *,
        steps: int = 100,
        restart_after: int = 60,
    ) -> None:
        if not 0.0 < end <= start < math.inf:
            raise InputError(f"need 0 < end <= start, got {end!r} and {start!r}.")
        steps = as_count("steps", steps)
        restart_after = as_count("restart_after", restart_after)
        self._start = start
        self._end = end
        self._factor = (end / start) ** (1.0 / steps)
        self._restart_after = restart_after
        self._temperature = start
        self._best = math.inf
        self._fruitless = 0

    @property
    def temperature(self) -> float:
        """Temperature of the next call, as a share of the scale."""
        return self._temperature

    def limit(
        self, current: float, best: float, bound: float, rng: np.random.Generator
    ) -> float:
        """Return the largest objective that is accepted, and cool down."""
        draw = 1.0 - rng.random()
        if not math.isfinite(best):
            return best
        self._watch(best)
        scale = best - bound if math.isfinite(bound) else abs(best)
        limit = current - self._temperature * max(0.0, scale) * math.log(draw)
        self._temperature = max(self._end, self._temperature * self._factor)
        return limit

    def _watch(self, best: float) -> None:
        self._fruitless += 1
        if best < self._best:
            self._best, self._fruitless = best, 0
        elif self._fruitless >= self._restart_after:
            self._temperature, self._fruitless = self._start, 0
