"""Vector length dive: round the variable that settles many rows for little objective.

Each variable is rounded the way that does not improve the objective (such rounding
helps the rows of covering and packing problems). Order: objective lost for each row
that the variable is in.

Achterberg (2007), "Constraint integer programming", section 9.1.
"""

from dataclasses import dataclass

import numpy as np

from boundwise.heuristics.dives.rule import Candidates, DiveView, Ranking, prefer


@dataclass(frozen=True, slots=True)
class VectorLength:
    """Round the candidate with the least loss of objective for each of its rows."""

    name: str = "dive-vector-length"

    def applies(self, view: DiveView) -> bool:
        """Tell whether the rows are known."""
        return view.rows is not None

    def rank(
        self, candidates: Candidates, view: DiveView, rng: np.random.Generator
    ) -> Ranking:
        """Return the candidates by loss for each row."""
        assert view.rows is not None
        costs = view.objective[candidates.positions]
        starts = view.rows.columns.indptr
        lengths = starts[candidates.positions + 1] - starts[candidates.positions]
        # Without a cost, the way in which more rows are helped: fewer are locked.
        fewer_up = candidates.locks_up <= candidates.locks_down
        up = np.where(costs != 0.0, costs > 0.0, fewer_up)
        distances = candidates.distances(up)
        losses = np.abs(costs) * distances
        scale = float(np.max(losses, initial=0.0)) or 1.0
        # The term of the distance orders those that lose nothing.
        scores = -(losses / scale + 1e-3 * distances + 1e-6) / (1.0 + lengths)
        return Ranking(prefer(candidates, view, scores, distances), up)
