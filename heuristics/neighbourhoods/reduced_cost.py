"""Reduced-cost fixing: fix where the root LP says that moving is expensive.

A variable at a bound in both the LP solution and the current one costs its reduced cost
|d| for each unit it moves away; those of the largest |d| are fixed first. Variables on
which the two differ, ``d (x - x_LP)`` being what they have lost already, come last.
"""

from dataclasses import dataclass

import numpy as np

from boundwise.core.tolerances import INT_TOL
from boundwise.heuristics.neighbourhoods.fixing import count_to_fix, fix_first
from boundwise.heuristics.neighbourhoods.order import fixing_cost
from boundwise.heuristics.protocols import SearchState, Subproblem


@dataclass(frozen=True, slots=True)
class ReducedCost:
    """Trust the prices of the root relaxation.

    Parameters
    ----------
    noise
        Each reduced cost is multiplied by a random number in [1 - noise, 1], so that
        not every call proposes the same.
    """

    noise: float = 0.5
    name: str = "reduced-cost"

    def propose(
        self, state: SearchState, fixing_rate: float, rng: np.random.Generator
    ) -> Subproblem | None:
        """Return the neighbourhood, or None before reduced costs are known."""
        relaxation = state.relaxation
        if relaxation is None or relaxation.reduced_costs is None:
            return None
        integers = state.problem.integers
        prices = np.abs(relaxation.reduced_costs[integers])
        if not prices.any():
            return None
        blur = 1.0 - self.noise * rng.random(len(integers))
        distance = np.abs(state.current - relaxation.values)[integers]
        lost = np.maximum(fixing_cost(state)[integers], 0.0)
        preference = np.where(distance < INT_TOL, -prices, lost) * blur
        return fix_first(state, preference, count_to_fix(state, fixing_rate), rng)
