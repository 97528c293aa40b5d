"""Balls of norms whose extreme points are sparse or of low rank.

    L1Ball          ||x||_1 <= r                         vertices +-r e_i
    KSparseBall     ||x||_1 <= k t, |x_i| <= t           k entries +-t
    NuclearNormBall sum of singular values <= r          -r u v', top singular vectors

Jaggi (2013), ICML, Revisiting Frank-Wolfe.
"""

from typing import Any

import numpy as np

from boundwise.core.arguments import as_count, as_number
from boundwise.core.errors import InputError
from boundwise.core.tolerances import FEAS_TOL
from boundwise.heuristics.compiled import compiled
from boundwise.heuristics.frank_wolfe.protocols import Floats, Indices


@compiled()
def _spend(
    direction: Floats, order: Indices, lower: Floats, upper: Floats, radius: float
) -> tuple[Floats, bool]:
    """Spend the radius where a unit of it gains most, from the point nearest zero."""
    count = direction.shape[0]
    point = np.empty(count)
    left = radius
    for j in range(count):
        if lower[j] > upper[j]:
            return point, False
        point[j] = min(max(0.0, lower[j]), upper[j])
        left -= abs(point[j])
    if left < -FEAS_TOL * radius:
        return point, False
    for place in range(count):
        j = order[place]
        if left <= 0.0 or direction[j] == 0.0:
            break
        # Towards zero nothing is left to gain: the start is as near as bounds allow.
        room = 0.0
        if direction[j] < 0.0 and point[j] >= 0.0:
            room = min(left, upper[j] - point[j])
            point[j] += room
        elif direction[j] > 0.0 and point[j] <= 0.0:
            room = min(left, point[j] - lower[j])
            point[j] -= room
        left -= room
    return point, True


class KSparseBall:
    """The hull of the vectors with k entries of one size, plus or minus.

    Parameters
    ----------
    dimension
        Number of variables.
    nonzeros
        Number k of entries.
    size
        Their absolute value t.

    Raises
    ------
    InputError
        If an argument is not positive.
    """

    def __init__(self, dimension: int, nonzeros: int, size: float = 1.0) -> None:
        count = as_count("dimension", dimension)
        limit = as_number("size", size, above=0)
        self.radius = as_count("nonzeros", nonzeros) * limit
        self.lower = np.full(count, -limit)
        self.upper = np.full(count, limit)
        self.integers: Indices = np.empty(0, dtype=np.intp)

    def extreme_point(
        self, direction: Floats, lower: Floats, upper: Floats
    ) -> Floats | None:
        """Return the vertex that spends the norm where it gains most."""
        order = np.abs(direction).argsort()[::-1]
        point, is_feasible = _spend(direction, order, lower, upper, self.radius)
        return point if is_feasible else None


class L1Ball(KSparseBall):
    """The ball of the sum of absolute values.

    Parameters
    ----------
    dimension
        Number of variables.
    radius
        Largest norm.

    Raises
    ------
    InputError
        If an argument is not positive.

    Examples
    --------
    >>> import numpy as np
    >>> ball = L1Ball(3, 2.0)
    >>> ball.extreme_point(np.array([1.0, -3.0, 2.0]), ball.lower, ball.upper)
    array([0., 2., 0.])
    """

    def __init__(self, dimension: int, radius: float = 1.0) -> None:
        super().__init__(dimension, 1, as_number("radius", radius, above=0))


class NuclearNormBall:
    """The ball of the sum of singular values, of matrices stored row by row.

    A dense singular value decomposition is made in each call: an iterative one would
    stop below the largest singular value, which proves no bound.

    Parameters
    ----------
    rows, columns
        Shape of a matrix.
    radius
        Largest norm.

    Raises
    ------
    InputError
        If an argument is not positive.
    """

    def __init__(self, rows: int, columns: int, radius: float = 1.0) -> None:
        self._shape = (as_count("rows", rows), as_count("columns", columns))
        self.radius = as_number("radius", radius, above=0)
        count = self._shape[0] * self._shape[1]
        self.lower = np.full(count, -self.radius)
        self.upper = np.full(count, self.radius)
        self.integers: Indices = np.empty(0, dtype=np.intp)

    def extreme_point(
        self, direction: Floats, lower: Floats, upper: Floats
    ) -> Floats | None:
        """Return the matrix of rank one that minimises <direction, .>.

        Raises
        ------
        InputError
            If the box is tighter than the ball, which no closed form handles.
        """
        if (lower > self.lower).any() or (upper < self.upper).any():
            raise InputError(
                "lower and upper must leave a nuclear norm ball as it is: it cannot be "
                "cut with a box."
            )
        left, _, right = np.linalg.svd(
            direction.reshape(self._shape), full_matrices=False
        )
        vertex: Any = -self.radius * np.outer(left[:, 0], right[0])
        return np.asarray(vertex.ravel())
