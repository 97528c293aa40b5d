"""One row over a box, solved by a greedy pass over ratios.

    minimise <d, x>   subject to  sum_j a_j x_j = b  (or <= b),  lower <= x <= upper

with a > 0: from the lower bounds, what is left of b goes to the coordinates of least
d_j / a_j first. Dantzig (1957), doi:10.1287/opre.5.2.266.
"""

import numpy as np

from boundwise.core.tolerances import FEAS_TOL
from boundwise.heuristics.compiled import compiled
from boundwise.heuristics.frank_wolfe.protocols import Floats, Indices

#: What is left of the right-hand side below this, relatively, is rounding.
_LEFT = 1e-12


@compiled()
def _fill(
    ratios: Floats,
    order: Indices,
    lower: Floats,
    upper: Floats,
    weights: Floats,
    total: float,
    at_most: bool,
) -> tuple[Floats, bool]:
    count = ratios.shape[0]
    point = np.empty(count)
    used = room = 0.0
    scale = max(1.0, abs(total))
    for j in range(count):
        if lower[j] > upper[j]:
            return point, False
        point[j] = lower[j]
        used += weights[j] * lower[j]
        room += weights[j] * (upper[j] - lower[j])
        scale = max(scale, abs(weights[j] * lower[j]))
    left = total - used
    if left < -FEAS_TOL * scale:
        return point, False
    if not at_most and left > room + FEAS_TOL * scale:
        return point, False
    for place in range(count):
        j = order[place]
        if left <= _LEFT * scale or (at_most and ratios[j] >= 0.0):
            break
        wanted = weights[j] * (upper[j] - lower[j])
        if wanted <= left + _LEFT * scale:
            point[j] = upper[j]
            left -= wanted
        else:
            point[j] = lower[j] + left / weights[j]
            left = 0.0
    return point, True


def fill_greedily(
    direction: Floats,
    lower: Floats,
    upper: Floats,
    weights: Floats,
    total: float,
    *,
    at_most: bool,
) -> Floats | None:
    """Return the minimiser, None if no point satisfies the row.

    Parameters
    ----------
    direction, lower, upper
        Costs and box.
    weights, total
        Coefficients, positive, and right-hand side of the row.
    at_most
        Whether the row is an inequality.
    """
    ratios = direction / weights
    order = ratios.argsort()
    point, is_feasible = _fill(ratios, order, lower, upper, weights, total, at_most)
    return point if is_feasible else None
