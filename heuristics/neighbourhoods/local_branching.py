"""Local branching: at most k two-valued variables may flip, nothing is fixed.

    sum of |y_j - x_j| over the two-valued integer variables  <=  k.

Fischetti and Lodi (2003), doi:10.1007/s10107-003-0395-5.
"""

from dataclasses import dataclass

import numpy as np

from boundwise.heuristics.neighbourhoods.dins import within_distance
from boundwise.heuristics.neighbourhoods.distance import two_valued
from boundwise.heuristics.neighbourhoods.fixing import NOTHING
from boundwise.heuristics.protocols import SearchState, Subproblem


@dataclass(frozen=True, slots=True)
class LocalBranching:
    """Search a ball around the current solution.

    Parameters
    ----------
    scale
        Radius as a multiple of the number of variables that the fixing rate would
        leave free; at least 2 variables may flip.
    most_integers
        On problems of more integer variables there is nothing to propose: without
        fixings, even the root would take too long.
    """

    scale: float = 0.25
    most_integers: int = 20_000
    name: str = "local-branching"

    def propose(
        self, state: SearchState, fixing_rate: float, rng: np.random.Generator
    ) -> Subproblem | None:
        """Return the neighbourhood, or None if it would not differ from the whole."""
        members = two_valued(state.problem)
        if len(state.problem.integers) > self.most_integers:
            return None
        radius = max(2.0, self.scale * (1.0 - fixing_rate) * len(members))
        if radius >= len(members):
            return None
        return Subproblem(*NOTHING, rows=within_distance(state, members, radius))
