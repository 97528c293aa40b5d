"""Boxes and the 0/1 cube: every coordinate on its own.

X = { x : lower <= x <= upper },   v_j = lower_j if d_j > 0 else upper_j
"""

import math
from typing import Any

import numpy as np

from boundwise.core.arguments import as_count
from boundwise.heuristics.frank_wolfe.protocols import Floats
from boundwise.solvers.convex.oracles.arguments import as_bounds, as_indices


class Box:
    """All points between two bounds.

    Parameters
    ----------
    lower, upper
        Finite bounds, shape (n,).
    integers
        Indices of the integer variables; their bounds are rounded inwards.

    Raises
    ------
    InputError
        If the bounds are not finite or do not match, or leave an integer variable
        without a value.

    Examples
    --------
    >>> import numpy as np
    >>> box = Box(np.zeros(3), np.ones(3))
    >>> box.extreme_point(np.array([1.0, -1.0, 0.0]), box.lower, box.upper)
    array([0., 1., 0.])
    """

    def __init__(self, lower: Any, upper: Any, integers: Any = ()) -> None:
        self.lower, self.upper, self.integers = as_bounds(lower, upper, integers)

    def extreme_point(
        self, direction: Floats, lower: Floats, upper: Floats
    ) -> Floats | None:
        """Return the corner that minimises <direction, .>."""
        if (lower > upper).any():
            return None
        return np.where(direction < 0.0, upper, lower)

    def in_face_extreme_point(
        self, direction: Floats, x: Floats, lower: Floats, upper: Floats
    ) -> Floats:
        """Return the best corner among those that agree with x where it is tight."""
        corner = np.where(direction < 0.0, upper, lower)
        return np.where((x <= lower) | (x >= upper), x, corner)

    def max_step(
        self, x: Floats, direction: Floats, lower: Floats, upper: Floats
    ) -> float:
        """Return the largest step that stays within the box."""
        return longest_step(x, direction, lower, upper)


class Cube(Box):
    """All 0/1 points of one dimension.

    Parameters
    ----------
    dimension
        Number of variables.

    Raises
    ------
    InputError
        If ``dimension`` is not a positive integer.
    """

    def __init__(self, dimension: int) -> None:
        count = as_count("dimension", dimension)
        super().__init__(
            np.zeros(count), np.ones(count), as_indices("integers", range(count), count)
        )


def longest_step(x: Floats, direction: Floats, lower: Floats, upper: Floats) -> float:
    """Return the largest t >= 0 with lower <= x + t * direction <= upper."""
    rising, falling = direction > 0.0, direction < 0.0
    ends = np.concatenate(
        (
            (upper[rising] - x[rising]) / direction[rising],
            (lower[falling] - x[falling]) / direction[falling],
        )
    )
    return max(0.0, float(ends.min())) if len(ends) else math.inf
