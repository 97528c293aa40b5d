"""Guided dive: round towards the incumbent.

Danna, Rothberg, Le Pape (2005), doi:10.1007/s10107-004-0518-7.
"""

from dataclasses import dataclass

import numpy as np

from boundwise.heuristics.dives.rule import Candidates, DiveView, Ranking, prefer


@dataclass(frozen=True, slots=True)
class Guided:
    """Round the candidate that is nearest to its value in the incumbent."""

    name: str = "dive-guided"

    def applies(self, view: DiveView) -> bool:
        """Tell whether there is an incumbent."""
        return view.incumbent is not None

    def rank(
        self, candidates: Candidates, view: DiveView, rng: np.random.Generator
    ) -> Ranking:
        """Return the candidates by distance, in the direction of the incumbent."""
        assert view.incumbent is not None
        up = view.incumbent[candidates.positions] > candidates.values
        distances = candidates.distances(up)
        return Ranking(prefer(candidates, view, -distances, distances), up)
