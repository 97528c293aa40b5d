"""Coefficient dive: round where the fewest constraints can be broken.

The number of constraints that a variable's rounding may break is its number of locks
in that direction.

Achterberg (2007), "Constraint integer programming", section 9.1.
"""

from dataclasses import dataclass

import numpy as np

from boundwise.heuristics.dives.fractional import nearest
from boundwise.heuristics.dives.rule import Candidates, DiveView, Ranking, prefer


@dataclass(frozen=True, slots=True)
class Coefficient:
    """Round the candidate with the fewest locks, in the direction of the fewer."""

    name: str = "dive-coefficient"

    def applies(self, view: DiveView) -> bool:
        """Tell that the rule needs nothing but locks."""
        return True

    def rank(
        self, candidates: Candidates, view: DiveView, rng: np.random.Generator
    ) -> Ranking:
        """Return the candidates by locks, then by distance."""
        down, up_locks = candidates.locks_down, candidates.locks_up
        up = np.where(down == up_locks, nearest(candidates, rng), up_locks < down)
        # A candidate without locks costs nothing to leave for later: round it the
        # other way, where something is at stake.
        up = np.where(candidates.roundable & (down != up_locks), ~up, up)
        distances = candidates.distances(up)
        scores = -np.minimum(down, up_locks).astype(np.float64) - 0.5 * distances
        return Ranking(prefer(candidates, view, scores, distances), up)
