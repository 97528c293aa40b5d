"""Crossover: fix integers on which several good solutions agree.

Rothberg (2007), doi:10.1287/ijoc.1060.0189.
"""

from dataclasses import dataclass

import numpy as np

from boundwise.core.errors import InputError
from boundwise.heuristics.neighbourhoods.fixing import count_to_fix, fix_first
from boundwise.heuristics.protocols import SearchState, Subproblem


@dataclass(frozen=True, slots=True)
class Crossover:
    """Fix where the current solution agrees with others of the pool.

    Parameters
    ----------
    parents
        Number of solutions that are compared, the current one included.
    """

    parents: int = 2
    name: str = "crossover"

    def __post_init__(self) -> None:
        """Validate the number of parents."""
        if self.parents < 2:
            raise InputError(f"parents must be at least 2, got {self.parents!r}.")

    def propose(
        self, state: SearchState, fixing_rate: float, rng: np.random.Generator
    ) -> Subproblem | None:
        """Return the neighbourhood, or None while the pool has no other solution."""
        integers = state.problem.integers
        current = state.current[integers]
        others = [
            distance
            for solution in state.pool
            if (distance := np.abs(solution[integers] - current)).max(initial=0.0) > 0.5
        ]
        if len(others) < self.parents - 1:
            return None
        chosen = rng.choice(len(others), size=self.parents - 1, replace=False)
        differs = np.any([others[index] > 0.5 for index in chosen], axis=0)
        n_fixed = min(count_to_fix(state, fixing_rate), int((~differs).sum()))
        return fix_first(state, differs.astype(np.float64), n_fixed, rng)
