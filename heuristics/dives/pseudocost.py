"""Pseudocost dive: round where little objective is lost, away from the dearer side.

Direction: on towards where the variable has moved since the root LP, if it moved far;
else to the near integer; else to the side whose pseudocost is smaller. Order: by the
ratio of the objective expected to be lost on the other side to that on this one.

Achterberg (2007), "Constraint integer programming", section 9.1.
"""

from dataclasses import dataclass

import numpy as np

from boundwise.heuristics.dives.rule import Candidates, DiveView, Ranking, prefer

#: How far from the root LP counts as far.
_FAR = 0.4
#: Fractions outside this range have a near integer.
_NEAR = 0.3


@dataclass(frozen=True, slots=True)
class Pseudocost:
    """Round the candidate whose other side would cost the most in comparison."""

    name: str = "dive-pseudocost"

    def applies(self, view: DiveView) -> bool:
        """Tell that pseudocosts are always there, if only as an average."""
        return True

    def rank(
        self, candidates: Candidates, view: DiveView, rng: np.random.Generator
    ) -> Ranking:
        """Return the candidates by the ratio of their two costs."""
        cost_down, cost_up = view.pseudocosts(candidates.positions)
        fractions = candidates.fractions
        up = cost_up < cost_down
        up = np.where(fractions < _NEAR, False, up)
        up = np.where(fractions > 1.0 - _NEAR, True, up)
        if view.root is not None:
            moved = candidates.values - view.root[candidates.positions]
            up = np.where(moved < -_FAR, False, up)
            up = np.where(moved > _FAR, True, up)
        here = np.where(up, (1.0 - fractions) * cost_up, fractions * cost_down)
        other = np.where(up, fractions * cost_down, (1.0 - fractions) * cost_up)
        distances = candidates.distances(up)
        scores = (1.0 + other) / (1.0 + here)
        return Ranking(prefer(candidates, view, np.log(scores), distances), up)
