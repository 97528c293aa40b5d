"""Distance-induced neighbourhood: solutions nearer to the LP than the current one.

A general integer variable with ``|x - x_LP| >= 1/2`` may move as far from the LP
solution as it is now, ``|y - x_LP| <= |x - x_LP|``; other general integers are fixed. A
binary variable is fixed if the LP solution and all solutions of the pool agree with the
current one; of the others, at most ``radius`` may flip.

Ghosh (2007), doi:10.1007/978-3-540-72792-7_24.
"""

import math
from dataclasses import dataclass, field

import numpy as np
from scipy import sparse

from boundwise.core.arguments import as_count, as_number
from boundwise.core.tolerances import INT_TOL
from boundwise.heuristics.neighbourhoods.distance import hamming_distance, two_valued
from boundwise.heuristics.neighbourhoods.graph import ConstraintGraph
from boundwise.heuristics.neighbourhoods.order import fix_about
from boundwise.heuristics.protocols import (
    BoolVector,
    ExtraRows,
    IntVector,
    SearchState,
    Subproblem,
    TighterBounds,
)


@dataclass(slots=True)
class Dins:
    """Search between the current solution and the relaxation.

    Parameters
    ----------
    solutions
        Number of pool solutions that a binary variable must agree with.
    least_radius
        Smallest number of binary variables that may flip; it grows with what the
        rate leaves free.
    """

    solutions: int = 5
    least_radius: int = 10
    name: str = "dins"
    _graph: ConstraintGraph = field(
        default_factory=ConstraintGraph, init=False, repr=False
    )

    def __post_init__(self) -> None:
        """Validate the counts."""
        as_count("solutions", self.solutions)
        as_number("least_radius", self.least_radius, at_least=1)

    def propose(
        self, state: SearchState, fixing_rate: float, rng: np.random.Generator
    ) -> Subproblem | None:
        """Return the neighbourhood, or None before the relaxation is known."""
        relaxation = state.node_relaxation or state.relaxation
        if relaxation is None:
            return None
        problem, target = state.problem, relaxation.values
        settled = self._settled(state, target)
        proposed = fix_about(
            state, np.flatnonzero(settled), fixing_rate, rng, self._graph
        )
        if proposed is None:
            return None
        is_free = problem.is_integer.copy()
        is_free[proposed.fixed] = False
        binaries = two_valued(problem)
        flippable = binaries[is_free[binaries]]
        is_free[binaries] = False
        return Subproblem(
            proposed.fixed,
            proposed.values,
            bounds=_nearer(state, np.flatnonzero(is_free), target),
            rows=self._row(state, flippable),
        )

    def _settled(self, state: SearchState, target: np.ndarray) -> BoolVector:
        """Tell which integer variables are to be fixed where they are."""
        problem = state.problem
        distance = np.abs(state.current - target)
        binary = np.zeros(problem.n_variables, dtype=bool)
        binary[two_valued(problem)] = True
        agree = distance < INT_TOL
        for other in state.pool[: self.solutions]:
            agree &= np.abs(other - state.current) < 0.5
        near = distance < 0.5
        return np.asarray(problem.is_integer & np.where(binary, agree, near))

    def _row(self, state: SearchState, flippable: IntVector) -> ExtraRows | None:
        radius = max(self.least_radius, len(flippable) // 10)
        if radius >= len(flippable):
            return None
        return within_distance(state, flippable, radius)


def within_distance(state: SearchState, members: IntVector, radius: float) -> ExtraRows:
    """Return the row that lets at most ``radius`` two-valued variables flip."""
    distance = hamming_distance(state.problem, state.current, members)
    return ExtraRows(
        sparse.csr_array(distance.coefficients[None, :]),
        np.array([-np.inf]),
        np.array([math.floor(radius) - distance.offset]),
    )


def _nearer(
    state: SearchState, chosen: IntVector, target: np.ndarray
) -> TighterBounds | None:
    if len(chosen) == 0:
        return None
    problem = state.problem
    center = target[chosen]
    radius = np.maximum(0.5, np.abs(np.round(state.current[chosen]) - center))
    low = np.ceil(center - radius - INT_TOL)
    up = np.floor(center + radius + INT_TOL)
    return TighterBounds(
        chosen,
        np.clip(low, problem.lower[chosen], problem.upper[chosen]),
        np.clip(up, problem.lower[chosen], problem.upper[chosen]),
    )
