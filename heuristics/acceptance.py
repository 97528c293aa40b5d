"""Acceptance: which solution the next neighbourhood is built around."""

import numpy as np


class HillClimbing:
    """Search around the best solution found so far.

    A solution that is as good as the current one is accepted: on plateaus the search
    then moves between equivalent solutions instead of standing still.
    """

    def __call__(
        self,
        candidate: float,
        current: float,
        best: float,
        rng: np.random.Generator,
    ) -> bool:
        """Accept what is not worse."""
        return candidate <= current
