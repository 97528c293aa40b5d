"""Vertices that left the active set: tried before the oracle is asked again.

A vertex dropped once is often wanted again, and scoring a few hundred of them costs
less than any oracle that solves a problem. Hendrych, Troppens, Besançon, Pokutta
(2022), arXiv:2208.11010, call it the shadow set.
"""

import numpy as np

from boundwise.core.arguments import as_count
from boundwise.core.tolerances import INT_TOL
from boundwise.heuristics.frank_wolfe.protocols import Bools, Floats
from boundwise.heuristics.frank_wolfe.rows import Rows, as_points, rows_within, sides


class ShadowSet:
    """Hold discarded vertices, the oldest of which give way to new ones.

    Parameters
    ----------
    dimension
        Length of a vertex.
    capacity
        Largest number of vertices kept.

    Raises
    ------
    InputError
        If ``capacity`` is negative.
    """

    def __init__(self, dimension: int, capacity: int = 500) -> None:
        self._capacity = as_count("capacity", capacity, least=0)
        self._rows = Rows(dimension)
        self._oldest = 0

    def __len__(self) -> int:
        return len(self._rows)

    @property
    def vertices(self) -> Floats:
        """View of the vertices, shape (k, n); valid until the next change."""
        return self._rows.points

    @property
    def capacity(self) -> int:
        """Largest number of vertices kept."""
        return self._capacity

    def add(self, vertex: Floats) -> None:
        """Keep a copy of a vertex that is not there yet."""
        if not self._capacity or self._rows.find(vertex) >= 0:
            return
        if len(self._rows) < self._capacity:
            self._rows.append(vertex)
            return
        self._oldest %= self._capacity
        self._rows.points[self._oldest] = vertex
        self._oldest += 1

    def find(self, vertex: Floats) -> int:
        """Return the row of an equal vertex, or -1."""
        return self._rows.find(vertex)

    def best(self, direction: Floats) -> tuple[int, float]:
        """Return the row that minimises <direction, v> and that value.

        The row is -1, the value inf, if the set is empty.
        """
        if not len(self._rows):
            return -1, np.inf
        _, row, _, score = self._rows.extremes(direction)
        return row, score

    def take(self, row: int) -> Floats:
        """Remove a vertex and return it."""
        vertex: Floats = self._rows.points[row].copy()
        self._rows.drop(row)
        return vertex

    def within(self, lower: Floats, upper: Floats) -> "ShadowSet":
        """Return the vertices that lie in a box."""
        return self._kept(rows_within(self.vertices, lower, upper, INT_TOL))

    def split(self, variable: int, value: float) -> tuple["ShadowSet", "ShadowSet"]:
        """Return the vertices at or below floor(value) and those at or above ceil.

        Raises
        ------
        InputError
            If ``value`` is integral.
        """
        below, above = sides(self.vertices[:, variable], value)
        return self._kept(below), self._kept(above)

    @classmethod
    def of(cls, vertices: object, capacity: int = 500) -> "ShadowSet":
        """Return a set that holds the rows of a matrix."""
        points = as_points("vertices", vertices)
        made = cls(points.shape[1], capacity)
        for point in points:
            made.add(point)
        return made

    def _kept(self, mask: Bools) -> "ShadowSet":
        return ShadowSet.of(self.vertices[mask], self._capacity)
