"""Farkas dive: round every variable to where the objective wants it, dearest first.

The dive assumes that the best values by objective alone can be had, and so reaches
quickly either a very good solution or a proof that they cannot, from which SCIP learns
a conflict.

Witzig, Gleixner (2021), "Conflict-driven heuristics for mixed integer programming",
doi:10.1287/ijoc.2020.0973.
"""

from dataclasses import dataclass

import numpy as np

from boundwise.heuristics.dives.fractional import nearest
from boundwise.heuristics.dives.rule import Candidates, DiveView, Ranking, prefer


@dataclass(frozen=True, slots=True)
class Farkas:
    """Round the candidate that gains the most objective."""

    name: str = "dive-farkas"

    def applies(self, view: DiveView) -> bool:
        """Tell whether there is an objective."""
        return bool(np.any(view.objective))

    def rank(
        self, candidates: Candidates, view: DiveView, rng: np.random.Generator
    ) -> Ranking:
        """Return the candidates by gain."""
        costs = view.objective[candidates.positions]
        up = np.where(costs != 0.0, costs < 0.0, nearest(candidates, rng))
        distances = candidates.distances(up)
        return Ranking(
            prefer(candidates, view, np.abs(costs) * distances, distances), up
        )
