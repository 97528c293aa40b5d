"""Trust region: the objective plus a price on the distance from the current solution.

    minimise  c y + (gap / k) sum |y_j - x_j|   subject to  c y <= c x - step,

with k the number of variables that the rate would leave free: moving k of them costs as
much as closing the whole gap earns.
"""

from dataclasses import dataclass

import numpy as np

from boundwise.core.arguments import as_number
from boundwise.heuristics.neighbourhoods.distance import hamming_distance, two_valued
from boundwise.heuristics.neighbourhoods.fixing import NOTHING
from boundwise.heuristics.neighbourhoods.targets import gap_of, improved_target
from boundwise.heuristics.protocols import OtherObjective, SearchState, Subproblem


@dataclass(frozen=True, slots=True)
class TrustRegion:
    """Be better, and pay for the distance.

    Parameters
    ----------
    step
        Improvement asked for, as a share of the gap between incumbent and bound, in
        (0, 1].
    most_integers
        On problems of more integer variables there is nothing to propose.
    """

    step: float = 0.01
    most_integers: int = 20_000
    name: str = "trust-region"

    def __post_init__(self) -> None:
        """Validate the step."""
        as_number("step", self.step, above=0, at_most=1)

    def propose(
        self, state: SearchState, fixing_rate: float, rng: np.random.Generator
    ) -> Subproblem | None:
        """Return the neighbourhood, or None where no distance can be measured."""
        problem = state.problem
        members = two_valued(problem)
        target = improved_target(state, self.step)
        too_large = len(problem.integers) > self.most_integers
        if len(members) == 0 or target is None or too_large:
            return None
        distance = hamming_distance(problem, state.current, members)
        radius = max(1.0, (1.0 - fixing_rate) * len(members))
        price = gap_of(state) / radius
        objective = OtherObjective(
            problem.objective + price * distance.coefficients, price * distance.offset
        )
        return Subproblem(*NOTHING, objective=objective, target=target)
