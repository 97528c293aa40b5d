"""Proximity search: the nearest solution that is better by a given step.

    minimise  sum of |y_j - x_j| over the two-valued integer variables
    subject to  c y <= c x - step.

The coefficient is +1 where x_j is at its lower value and -1 where it is at the upper
one, so that the current solution has distance 0, the least there is.

Fischetti and Monaci (2014), doi:10.1007/s10732-014-9266-x.
"""

from dataclasses import dataclass

import numpy as np

from boundwise.core.arguments import as_number
from boundwise.heuristics.neighbourhoods.distance import hamming_distance, two_valued
from boundwise.heuristics.neighbourhoods.fixing import NOTHING
from boundwise.heuristics.neighbourhoods.targets import improved_target
from boundwise.heuristics.protocols import SearchState, Subproblem


@dataclass(frozen=True, slots=True)
class Proximity:
    """Stay near, but be better.

    Parameters
    ----------
    step
        Improvement asked for, as a share of the gap between incumbent and bound, in
        (0, 1].
    most_integers
        On problems of more integer variables there is nothing to propose: nothing
        is fixed, and even the root would take too long.
    """

    step: float = 0.02
    most_integers: int = 20_000
    name: str = "proximity"

    def __post_init__(self) -> None:
        """Validate the step."""
        as_number("step", self.step, above=0, at_most=1)

    def propose(
        self, state: SearchState, fixing_rate: float, rng: np.random.Generator
    ) -> Subproblem | None:
        """Return the neighbourhood, or None where no distance can be measured."""
        members = two_valued(state.problem)
        target = improved_target(state, self.step)
        too_large = len(state.problem.integers) > self.most_integers
        if len(members) == 0 or target is None or too_large:
            return None
        distance = hamming_distance(state.problem, state.current, members)
        return Subproblem(*NOTHING, objective=distance, target=target)
