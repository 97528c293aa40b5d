"""Fractional dive: round what is nearest to an integer.

A candidate that can be rounded one way without harm is rounded the other way: the
harmless way is tried anyway when the whole LP solution is rounded.

Berthold (2006), "Primal heuristics for mixed integer programs", section 3.1.
"""

from dataclasses import dataclass

import numpy as np

from boundwise.heuristics.dives.rule import Candidates, DiveView, Ranking, prefer


@dataclass(frozen=True, slots=True)
class Fractional:
    """Round the candidate with the least distance to an integer."""

    name: str = "dive-fractional"

    def applies(self, view: DiveView) -> bool:
        """Tell that the rule needs nothing but the LP solution."""
        return True

    def rank(
        self, candidates: Candidates, view: DiveView, rng: np.random.Generator
    ) -> Ranking:
        """Return the candidates by distance."""
        up = nearest(candidates, rng)
        may_down, may_up = candidates.locks_down == 0, candidates.locks_up == 0
        up = np.where(may_down ^ may_up, may_down, up)
        distances = candidates.distances(up)
        return Ranking(prefer(candidates, view, -distances, distances), up)


def nearest(candidates: Candidates, rng: np.random.Generator) -> np.ndarray:
    """Return whether the nearest integer is above; halves are decided by chance."""
    fractions = candidates.fractions
    tie = np.abs(fractions - 0.5) < 1e-9
    return np.where(tie, rng.random(len(fractions)) < 0.5, fractions > 0.5)
