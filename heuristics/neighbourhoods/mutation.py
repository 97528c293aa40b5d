"""Mutation: fix a random subset of the integers to the current solution.

Rothberg (2007), doi:10.1287/ijoc.1060.0189.
"""

from dataclasses import dataclass

import numpy as np

from boundwise.heuristics.neighbourhoods.fixing import count_to_fix, fix_first
from boundwise.heuristics.protocols import SearchState, Subproblem


@dataclass(frozen=True, slots=True)
class Mutation:
    """Fix uniformly drawn integer variables, as many as the rate asks."""

    name: str = "mutation"

    def propose(
        self, state: SearchState, fixing_rate: float, rng: np.random.Generator
    ) -> Subproblem | None:
        """Return the neighbourhood."""
        preference = np.zeros(len(state.problem.integers))
        return fix_first(state, preference, count_to_fix(state, fixing_rate), rng)
