"""Crossover: fix integers on which several good solutions agree.

Rothberg (2007), doi:10.1287/ijoc.1060.0189.
"""

from dataclasses import dataclass, field

import numpy as np

from boundwise.core.arguments import as_count
from boundwise.heuristics.neighbourhoods.graph import ConstraintGraph
from boundwise.heuristics.neighbourhoods.order import fix_about
from boundwise.heuristics.protocols import SearchState, Subproblem


@dataclass(slots=True)
class Crossover:
    """Fix where the current solution agrees with others of the pool.

    Where they agree on too few variables, more are fixed as
    `boundwise.heuristics.neighbourhoods.order` says.

    Parameters
    ----------
    parents
        Number of solutions that are compared, the current one included.
    weighted
        Whether good solutions are drawn more often: the k-th best with weight 1 / k.
    """

    parents: int = 2
    weighted: bool = False
    name: str = "crossover"
    _graph: ConstraintGraph = field(
        default_factory=ConstraintGraph, init=False, repr=False
    )

    def __post_init__(self) -> None:
        """Validate the number of parents."""
        as_count("parents", self.parents, least=2)

    def propose(
        self, state: SearchState, fixing_rate: float, rng: np.random.Generator
    ) -> Subproblem | None:
        """Return the neighbourhood, or None while the pool has no other solution."""
        integers = state.problem.integers
        current = state.current[integers]
        others, ranks = [], []
        for rank, solution in enumerate(state.pool, start=1):
            differs = np.abs(solution[integers] - current) > 0.5
            if differs.any():
                others.append(differs)
                ranks.append(rank)
        if len(others) < self.parents - 1:
            return None
        weights = 1.0 / np.array(ranks) if self.weighted else np.ones(len(ranks))
        chosen = rng.choice(
            len(others), size=self.parents - 1, replace=False, p=weights / weights.sum()
        )
        agree = ~np.any([others[index] for index in chosen], axis=0)
        return fix_about(state, integers[agree], fixing_rate, rng, self._graph)
