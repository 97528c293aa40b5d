"""Active constraint dive: round what stands in the most rows without slack.

A row over few free candidates weighs more: what is rounded in it decides the rest.
Direction: to where the coefficients of the active rows leave room, each row pushing
away from the side on which it is active.

Patel, Chinneck (2007), doi:10.1007/s10107-006-0009-9.
"""

from dataclasses import dataclass

import numpy as np

from boundwise.core.tolerances import FEAS_TOL
from boundwise.heuristics.dives.fractional import nearest
from boundwise.heuristics.dives.rule import Candidates, DiveView, Ranking, prefer


@dataclass(frozen=True, slots=True)
class ActiveConstraint:
    """Round the candidate with the largest weight in the active rows."""

    name: str = "dive-active"

    def applies(self, view: DiveView) -> bool:
        """Tell whether the rows are known."""
        return view.rows is not None and view.rows.n_rows > 0

    def rank(
        self, candidates: Candidates, view: DiveView, rng: np.random.Generator
    ) -> Ranking:
        """Return the candidates by weight."""
        rows = view.rows
        assert rows is not None
        activity = rows.activity(view.values())
        scale = FEAS_TOL * np.maximum(1.0, np.abs(activity))
        at_lower = activity <= rows.row_lower + scale
        at_upper = activity >= rows.row_upper - scale
        columns = rows.columns[:, candidates.positions]
        present = np.zeros(rows.n_rows)
        np.add.at(present, columns.indices, 1.0)
        weight = (at_lower | at_upper) / np.maximum(present, 1.0)
        # +1 where a row asks for more of the variable, -1 where for less.
        push = weight * (at_lower.astype(np.float64) - at_upper)
        owner = np.repeat(np.arange(len(candidates)), np.diff(columns.indptr))
        k = len(candidates)
        weights = np.asarray(weight, dtype=np.float64)[columns.indices]
        scores = np.bincount(owner, weights, minlength=k).astype(np.float64)
        pushes = np.sign(columns.data) * push[columns.indices]
        direction = np.bincount(owner, pushes, minlength=k)
        up = np.where(direction != 0.0, direction > 0.0, nearest(candidates, rng))
        distances = candidates.distances(up)
        return Ranking(prefer(candidates, view, scores, distances), up)
