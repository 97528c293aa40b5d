"""Tighten a node's box by reduced costs: sound for every feasible set.

With iterate x, gradient g, and a lower bound z + sum-free shifts of the linear problem,

    <g, y> >= z + |r_j| * (distance of y_j from the bound that r_j prefers)    all j,

convexity gives f(y) >= f(x) - <g, x> + <g, y>, so a y with f(y) < U keeps

    distance of y_j  <=  (U - f(x) + <g, x> - z) / |r_j|.

The reduced costs r come from the dual of a linear relaxation, or from a closed form.

Moving one coordinate alone, with r = g, is unsound unless the point stays in the set:
f = 4 (x1 - x2)^2 + 10 (x1 + x2) + 12 x3 over the 0/1 points of the 3-simplex would lose
its optimum 12 and keep 14.
"""

import math
from typing import Protocol, runtime_checkable

import numpy as np

from boundwise.core.tolerances import INT_TOL
from boundwise.heuristics.frank_wolfe.protocols import Floats, Indices

#: Reduced costs below this are noise.
_NOISE = 1e-9


@runtime_checkable
class ReducedCosts(Protocol):
    """A feasible set, or a relaxation of it, that prices its variables."""

    def reduced_costs(
        self, direction: Floats, lower: Floats, upper: Floats
    ) -> tuple[float, Floats]:
        """Return z and r with <direction, y> >= z + |r_j| * distance_j for every j.

        The distance is that of y_j from ``lower_j`` if r_j > 0, else from ``upper_j``.
        """
        ...


def tighten_by_reduced_costs(
    room: float,
    value: float,
    reduced: Floats,
    lower: Floats,
    upper: Floats,
    integers: Indices,
) -> dict[int, tuple[float, float]]:
    """Return the tighter boxes of integer variables.

    Parameters
    ----------
    room
        U - f(x) + <g, x>: what <g, y> may be at most.
    value, reduced
        z and r, see `ReducedCosts`.
    lower, upper
        The box that they hold for.
    integers
        Variables to tighten.

    Returns
    -------
    dict
        Variable -> new bounds; only those that change.
    """
    slack = room - value
    if not math.isfinite(slack) or slack < 0.0:
        return {}
    prices = np.abs(reduced[integers])
    with np.errstate(divide="ignore"):
        reach = np.where(prices > _NOISE, slack / np.maximum(prices, _NOISE), np.inf)
    widths = upper[integers] - lower[integers]
    changed = np.flatnonzero((reach < widths) & (np.floor(reach + INT_TOL) < widths))
    boxes: dict[int, tuple[float, float]] = {}
    for place in changed.tolist():
        j = int(integers[place])
        steps = math.floor(reach[place] + INT_TOL)
        if reduced[j] > 0.0:
            boxes[j] = (float(lower[j]), float(lower[j]) + steps)
        else:
            boxes[j] = (float(upper[j]) - steps, float(upper[j]))
    return boxes
