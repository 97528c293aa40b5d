"""Line search dive: go on from the root LP through the present LP to the next integer.

On the ray from the root solution r through the present solution x, variable j reaches
an integer after the share d_j / |x_j - r_j| of the step made so far, d_j being the
distance to that integer. The smallest share comes first.

Achterberg (2007), "Constraint integer programming", section 9.1.
"""

from dataclasses import dataclass

import numpy as np

from boundwise.heuristics.dives.rule import Candidates, DiveView, Ranking, prefer

#: A variable that has moved less than this is not on the ray.
_STILL = 1e-6


@dataclass(frozen=True, slots=True)
class LineSearch:
    """Round what the ray rounds first."""

    name: str = "dive-line-search"

    def applies(self, view: DiveView) -> bool:
        """Tell whether the LP of the root is known, and is another one."""
        return view.root is not None and bool(
            np.any(np.abs(view.root - view.values()) > _STILL)
        )

    def rank(
        self, candidates: Candidates, view: DiveView, rng: np.random.Generator
    ) -> Ranking:
        """Return the candidates by where the ray meets an integer."""
        assert view.root is not None
        moved = candidates.values - view.root[candidates.positions]
        up = np.where(np.abs(moved) > _STILL, moved > 0, candidates.fractions > 0.5)
        distances = candidates.distances(up)
        shares = distances / np.maximum(np.abs(moved), _STILL)
        return Ranking(prefer(candidates, view, -np.log(shares), distances), up)
