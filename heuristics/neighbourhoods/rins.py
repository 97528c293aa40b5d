"""Relaxation-induced neighbourhood: fix integers on which incumbent and LP agree.

Danna, Rothberg, Le Pape (2005), doi:10.1007/s10107-004-0518-7.
"""

from dataclasses import dataclass

import numpy as np

from boundwise.heuristics.neighbourhoods.fixing import count_to_fix, fix_first
from boundwise.heuristics.protocols import SearchState, Subproblem


@dataclass(frozen=True, slots=True)
class Rins:
    """Fix the variables closest to the LP relaxation, as many as the rate asks.

    Where more variables agree exactly than are to be fixed, the fixed ones are drawn
    at random among them; where fewer do, those of small distance follow. Inside a tree
    search, the LP solution is that of the node.
    """

    name: str = "rins"

    def natural_rate(self, state: SearchState) -> float | None:
        """Return the share of integers on which solution and relaxation agree."""
        relaxation = state.node_relaxation or state.relaxation
        if relaxation is None or len(state.problem.integers) == 0:
            return None
        integers = state.problem.integers
        distance = np.abs(state.current - relaxation.values)[integers]
        return float((distance < 1e-6).mean())

    def propose(
        self, state: SearchState, fixing_rate: float, rng: np.random.Generator
    ) -> Subproblem | None:
        """Return the neighbourhood, or None before the relaxation is known."""
        relaxation = state.node_relaxation or state.relaxation
        if relaxation is None:
            return None
        integers = state.problem.integers
        distance = np.abs(state.current - relaxation.values)[integers]
        distance[distance < 1e-6] = 0.0
        return fix_first(state, distance, count_to_fix(state, fixing_rate), rng)
