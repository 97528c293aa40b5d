"""Relaxation-enforced neighbourhood: the roundings of fractional points.

An integer variable that is integral in the LP solution is fixed to that value; any
other one keeps the integers next to its value: ``floor(x_LP) <= y <= ceil(x_LP)``. With
several reference points the box is the smallest that holds the roundings of all.

Berthold (2014), doi:10.1016/j.disopt.2013.11.004; several points: Bolusani, Mexi,
Besançon and Turner (2024), arXiv:2408.00718.
"""

from dataclasses import dataclass

import numpy as np

from boundwise.core.arguments import as_count
from boundwise.core.tolerances import INT_TOL
from boundwise.heuristics.neighbourhoods.fixing import count_to_fix
from boundwise.heuristics.protocols import (
    FloatVector,
    SearchState,
    Subproblem,
    TighterBounds,
)


@dataclass(frozen=True, slots=True)
class Rens:
    """Search among the roundings of the relaxation.

    It needs no solution to begin with. As many variables are fixed as the rate asks:
    where fewer are integral, those nearest to an integer follow; where more are, some
    are drawn that may move by one.

    Parameters
    ----------
    references
        Number of points: the LP solution of the node, that of the root, then
        solutions of the pool, as far as there are any.
    """

    references: int = 1
    name: str = "rens"

    def __post_init__(self) -> None:
        """Validate the number of points."""
        as_count("references", self.references)

    def natural_rate(self, state: SearchState) -> float | None:
        """Return the share of integers that the reference points fix."""
        points = self._points(state, None)
        integers = state.problem.integers
        if not points or len(integers) == 0:
            return None
        low, up = _box(points)
        return float((low == up)[integers].mean())

    def propose(
        self, state: SearchState, fixing_rate: float, rng: np.random.Generator
    ) -> Subproblem | None:
        """Return the neighbourhood, or None before the relaxation is known."""
        points = self._points(state, rng)
        problem = state.problem
        integers = problem.integers
        n_fixed = count_to_fix(state, fixing_rate)
        if not points or n_fixed == 0:
            return None
        low, up = (side[integers] for side in _box(points))
        if not (low < up).any():
            return None  # the only rounding is the reference itself
        first = points[0][integers]
        distance = np.abs(first - np.round(first))
        # Points that disagree count as far from integral.
        order = np.lexsort((rng.random(len(integers)), distance, up - low))
        fixed, free = order[:n_fixed], order[n_fixed:]
        freed = free[low[free] == up[free]]
        low[freed] -= 1.0
        up[freed] += 1.0
        least, most = problem.lower[integers], problem.upper[integers]
        low, up = np.clip(low, least, most), np.clip(up, least, most)
        values = np.clip(np.round(first[fixed]), least[fixed], most[fixed])
        return Subproblem(
            integers[fixed],
            values,
            bounds=TighterBounds(integers[free], low[free], up[free]),
        )

    def _points(
        self, state: SearchState, rng: np.random.Generator | None
    ) -> list[FloatVector]:
        """Return the reference points; without a generator, the relaxations only."""
        relaxations = (state.node_relaxation, state.relaxation)
        points = [r.values for r in relaxations if r is not None][: self.references]
        missing = self.references - len(points)
        if points and rng is not None and missing > 0 and state.pool:
            chosen = rng.permutation(len(state.pool))[:missing]
            points += [state.pool[k] for k in chosen.tolist()]
        return points


def _box(points: list[FloatVector]) -> tuple[FloatVector, FloatVector]:
    """Return the smallest integral box that holds the roundings of all points."""
    low = np.min([np.floor(point + INT_TOL) for point in points], axis=0)
    up = np.max([np.ceil(point - INT_TOL) for point in points], axis=0)
    return low, up
