"""A growing matrix of points, one a row: what active and shadow sets store.

Rows are appended into spare capacity and dropped by moving the last row into the gap,
so both cost O(n); scans over all rows are compiled.
"""

import math

import numpy as np

from boundwise.core.errors import InputError
from boundwise.core.tolerances import INT_TOL
from boundwise.heuristics.compiled import compiled
from boundwise.heuristics.frank_wolfe.protocols import Bools, Floats

#: Entries of two points closer than this, relative above 1, are the same.
SAME = 1e-12


@compiled()
def _find(points: Floats, count: int, point: Floats) -> int:
    for row in range(count):
        same = True
        for i in range(point.shape[0]):
            if abs(points[row, i] - point[i]) > SAME * max(1.0, abs(point[i])):
                same = False
                break
        if same:
            return row
    return -1


@compiled(reorder_sums=True)
def _extremes(
    points: Floats, count: int, direction: Floats
) -> tuple[int, int, float, float]:
    worst = best = 0
    highest, lowest = -np.inf, np.inf
    for row in range(count):
        score = 0.0
        for i in range(direction.shape[0]):
            score += points[row, i] * direction[i]
        if score > highest:
            highest, worst = score, row
        if score < lowest:
            lowest, best = score, row
    return worst, best, highest, lowest


@compiled()
def _moved(points: Floats, giver: int, taker: int, step: float, x: Floats) -> Floats:
    result = np.empty_like(x)
    for i in range(x.shape[0]):
        result[i] = x[i] + step * (points[taker, i] - points[giver, i])
    return result


class Rows:
    """Hold points of one dimension in a matrix that grows.

    Parameters
    ----------
    dimension
        Length of a point.
    """

    __slots__ = ("_points", "count")

    def __init__(self, dimension: int) -> None:
        self._points = np.empty((8, dimension))
        self.count = 0

    def __len__(self) -> int:
        return self.count

    @property
    def dimension(self) -> int:
        """Length of a point."""
        return self._points.shape[1]

    @property
    def points(self) -> Floats:
        """View of the points, shape (count, n); valid until the next change."""
        return self._points[: self.count]

    def append(self, point: Floats) -> int:
        """Store a copy of a point and return its row."""
        if self.count == len(self._points):
            grown = np.empty((2 * self.count, self.dimension))
            grown[: self.count] = self._points
            self._points = grown
        self._points[self.count] = point
        self.count += 1
        return self.count - 1

    def drop(self, row: int) -> None:
        """Forget a row; the last one takes its place."""
        self.count -= 1
        if row != self.count:
            self._points[row] = self._points[self.count]

    def extremes(self, direction: Floats) -> tuple[int, int, float, float]:
        """Return the rows of largest and smallest <direction, row>, and the values."""
        return _extremes(self._points, self.count, direction)

    def moved(self, x: Floats, giver: int, taker: int, step: float) -> Floats:
        """Return x + step * (row taker - row giver)."""
        return _moved(self._points, giver, taker, step, x)

    def find(self, point: Floats) -> int:
        """Return the row of an equal point, or -1."""
        return _find(self._points, self.count, point)


def as_points(name: str, points: object) -> Floats:
    """Return a finite matrix with at least one column.

    Raises
    ------
    InputError
        If it is not one.
    """
    try:
        matrix = np.array(points, dtype=np.float64)
    except (TypeError, ValueError):
        raise InputError(f"{name} must be a matrix, got {points!r}.") from None
    if matrix.ndim != 2 or not matrix.shape[1]:
        raise InputError(f"{name} must be a matrix, got shape {matrix.shape}.")
    if not np.isfinite(matrix).all():
        raise InputError(f"{name} must be finite.")
    return matrix


def rows_within(points: Floats, lower: Floats, upper: Floats, slack: float) -> Bools:
    """Tell which rows lie in a box, up to ``slack``."""
    inside = (points >= lower - slack) & (points <= upper + slack)
    return np.asarray(inside.all(axis=1))


def sides(entries: Floats, value: float) -> tuple[Bools, Bools]:
    """Tell which entries are at most floor(value), and which at least ceil(value).

    An entry of a fractional vertex strictly between is on neither side.

    Raises
    ------
    InputError
        If ``value`` is integral or not finite: there would be no two sides.
    """
    if not math.isfinite(value) or math.floor(value) == math.ceil(value):
        raise InputError(f"value must be fractional, got {value!r}.")
    below: Bools = entries <= math.floor(value) + INT_TOL
    above: Bools = entries >= math.ceil(value) - INT_TOL
    return below, above
