"""Zero objective: any better solution, found as a feasibility problem.

    minimise  0   (or random coefficients)   subject to  c y <= c x - step

with a part of the integers fixed. Without the pull of the objective, propagation and
dives find solutions where the LP's optimum misleads them.
"""

from dataclasses import dataclass

import numpy as np

from boundwise.core.arguments import as_number
from boundwise.heuristics.neighbourhoods.fixing import count_to_fix, fix_first
from boundwise.heuristics.neighbourhoods.targets import improved_target
from boundwise.heuristics.protocols import OtherObjective, SearchState, Subproblem


@dataclass(frozen=True, slots=True)
class ZeroObjective:
    """Ask for an improvement only.

    Parameters
    ----------
    step
        Improvement asked for, as a share of the gap between incumbent and bound, in
        (0, 1].
    noise
        Standard deviation of the coefficients; 0 for no objective at all.
    """

    step: float = 0.005
    noise: float = 0.0
    name: str = "zero-objective"

    def __post_init__(self) -> None:
        """Validate step and noise."""
        as_number("step", self.step, above=0, at_most=1)
        as_number("noise", self.noise, at_least=0)

    def propose(
        self, state: SearchState, fixing_rate: float, rng: np.random.Generator
    ) -> Subproblem | None:
        """Return the neighbourhood, or None if there is nothing to improve."""
        target = improved_target(state, self.step)
        if target is None:
            return None
        preference = np.zeros(len(state.problem.integers))
        n_fixed = count_to_fix(state, fixing_rate)
        fixings = fix_first(state, preference, n_fixed, rng)
        if fixings is None:
            return None
        coefficients = np.zeros(state.problem.n_variables)
        if self.noise > 0.0:
            coefficients[state.problem.integers] = rng.normal(
                0.0, self.noise, len(preference)
            )
        return Subproblem(
            fixings.fixed,
            fixings.values,
            objective=OtherObjective(coefficients),
            target=target,
        )
