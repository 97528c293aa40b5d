"""What objective a neighbourhood that minimises something else asks for."""

import math

import numpy as np

from boundwise.core.tolerances import OBJ_TOL
from boundwise.heuristics.protocols import SearchState


def improved_target(state: SearchState, share: float) -> float | None:
    """Return the incumbent's objective less a share of the remaining gap.

    Returns
    -------
    float or None
        None if there is no objective or no incumbent, or no gap is left.
    """
    best = state.best_objective
    if not math.isfinite(best) or not np.any(state.problem.objective):
        return None
    gap = gap_of(state)
    return best - share * gap if gap > OBJ_TOL * max(1.0, abs(best)) else None


def gap_of(state: SearchState) -> float:
    """Return the distance from the incumbent to the bound, or its own magnitude."""
    best = state.best_objective
    return best - state.bound if math.isfinite(state.bound) else abs(best)
