"""Objective-guided: free the variables that cost most against their best bound.

The excess of a variable is ``c_j x_j - min(c_j l_j, c_j u_j)``. Where the costs sit on
continuous variables (fixed charges, makespans), the excess of a constraint, the mean
over its members, is handed on to its integer variables. Variables are drawn to be free
without replacement, in proportion to their excess.
"""

from dataclasses import dataclass, field

import numpy as np

from boundwise.heuristics.neighbourhoods.fixing import count_to_fix, fix_first
from boundwise.heuristics.neighbourhoods.graph import ConstraintGraph
from boundwise.heuristics.protocols import FloatVector, SearchState, Subproblem


@dataclass(slots=True)
class ObjectiveGuided:
    """Free what is expensive."""

    name: str = "objective-guided"
    _graph: ConstraintGraph = field(
        default_factory=ConstraintGraph, init=False, repr=False
    )

    def propose(
        self, state: SearchState, fixing_rate: float, rng: np.random.Generator
    ) -> Subproblem | None:
        """Return the neighbourhood, or None if nothing costs more than it must."""
        integers = state.problem.integers
        excess = self._shared(state)[integers]
        largest = excess.max(initial=0.0)
        if largest <= 0.0:
            return None
        # Weights by exponential races: the smallest E_j / w_j is drawn first. A small
        # floor lets variables without excess be drawn when the others are used up.
        weights = excess / largest + 1e-6
        arrival = rng.exponential(size=len(integers)) / weights
        return fix_first(state, -arrival, count_to_fix(state, fixing_rate), rng)

    def _shared(self, state: SearchState) -> FloatVector:
        excess = excess_of(state)
        rows = state.problem.incidence
        if rows.nnz == 0 or excess[state.problem.integers].any():
            return excess
        lengths = np.maximum(1, np.diff(rows.indptr))
        of_rows = (rows @ excess) / lengths
        return np.asarray(self._graph.columns(rows).T @ of_rows, dtype=np.float64)


def excess_of(state: SearchState) -> FloatVector:
    """Return what each variable costs more than at the better one of its bounds."""
    problem, x = state.problem, state.current
    costs = problem.objective
    best = np.where(costs > 0.0, problem.lower, problem.upper)
    reachable = np.isfinite(best)
    excess = np.abs(costs * x)
    excess[reachable] = costs[reachable] * (x[reachable] - best[reachable])
    return np.maximum(excess, 0.0)
