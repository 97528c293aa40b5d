"""When a node is closed, and what lifts its bound beyond the Frank-Wolfe gap.

With incumbent U, a node of bound L is closed if U - L is within the gap that the user
asked for. With x the iterate of a node, x_I its integer part and

    S = sum over I of min(x_j - floor x_j, ceil x_j - x_j)^2,

every integer point y of the node has ||y - x||^2 >= S, so that

    mu-strong convexity     f(y) >= f(x) - gap + mu/2 S,
    (M, theta)-sharpness    f(y) >= f(x) - gap
                                    + ((sqrt S - M gap^theta) / M)^(1/theta)

the second since the minimiser x* of the node is within M gap^theta of x, so that
||y - x*|| >= sqrt S - M gap^theta. (Boscia has M/2 for the M in front of the gap, which
this argument does not give, and half of the whole.)
"""

import math
from dataclasses import dataclass

import numpy as np

from boundwise.core.arguments import as_number
from boundwise.heuristics.frank_wolfe.protocols import Floats


@dataclass(frozen=True, slots=True)
class Sharpness:
    """State that dist(x, minimisers) <= M (f(x) - min f)^theta.

    It must hold over the feasible set of every node: the set cut with a box, and the
    minimisers over that. A mu-strongly convex f has M = sqrt(2 / mu), theta = 1/2.

    Parameters
    ----------
    constant
        M > 0.
    exponent
        theta in (0, 1/2].

    Raises
    ------
    InputError
        If a number is out of range.
    """

    constant: float
    exponent: float

    def __post_init__(self) -> None:
        """Validate the numbers."""
        as_number("constant", self.constant, above=0)
        as_number("exponent", self.exponent, above=0, at_most=0.5)

    def lift(self, squared_distance: float, gap: float) -> float:
        """Return what the bound f(x) - gap gains at points at least that far away."""
        reach = math.sqrt(squared_distance)
        reach -= self.constant * max(0.0, gap) ** self.exponent
        if reach <= 0.0:
            return 0.0
        return float((reach / self.constant) ** (1.0 / self.exponent))


def closing_threshold(incumbent: float, gap: float, abs_gap: float) -> float:
    """Return the bound from which a node need not be searched.

    Parameters
    ----------
    incumbent
        Best objective, ``inf`` without one.
    gap
        Relative gap, |incumbent - bound| / min(|incumbent|, |bound|).
    abs_gap
        Absolute gap; either suffices.

    Returns
    -------
    float
        The least bound that closes the gap.

    Examples
    --------
    >>> closing_threshold(11.0, 0.1, 1e-6), closing_threshold(-10.0, 0.1, 1e-6)
    (10.0, -11.0)
    """
    if not math.isfinite(incumbent):
        return incumbent
    if incumbent > 0.0:
        # The bound is the smaller number, unless its sign differs.
        relative = incumbent / (1.0 + gap)
    else:
        relative = incumbent - gap * abs(incumbent)
    return min(relative, incumbent - abs_gap)


def squared_distance_to_integers(values: Floats) -> float:
    """Return the sum of squared distances to the nearest integers."""
    away = values - np.rint(values)
    return float(away @ away)
