"""The vertices of a tree: kept once, however many nodes combine them.

A node inherits the vertices of its parent that lie in its box, as an active set to
start from and a shadow set to look into before the oracle is asked.
"""

import numpy as np

from boundwise.heuristics.frank_wolfe.active_set import ActiveSet
from boundwise.heuristics.frank_wolfe.protocols import Floats, Indices
from boundwise.heuristics.frank_wolfe.result import FrankWolfeResult
from boundwise.heuristics.frank_wolfe.rows import Rows
from boundwise.heuristics.frank_wolfe.shadow_set import ShadowSet
from boundwise.solvers.convex.nodes import Node
from boundwise.solvers.convex.relaxation import SHADOW_CAPACITY


class VertexStore:
    """Keep every vertex once.

    Parameters
    ----------
    dimension
        Length of a vertex.
    """

    def __init__(self, dimension: int) -> None:
        self._rows = Rows(dimension)
        # A scan for equal rows, as active sets do it, would not scale to a tree.
        self._numbers: dict[bytes, int] = {}

    def __len__(self) -> int:
        return len(self._rows)

    def number(self, points: Floats) -> Indices:
        """Return the row of each point, adding those that are new."""
        found = np.empty(len(points), dtype=np.intp)
        for place, point in enumerate(points):
            key = (point + 0.0).tobytes()
            row = self._numbers.get(key)
            if row is None:
                row = self._numbers[key] = self._rows.append(point)
            found[place] = row
        return found

    def points(self, rows: Indices) -> Floats:
        """Return a copy of some vertices, shape (k, n)."""
        return self._rows.points[rows]

    def column(self, rows: Indices, variable: int) -> Floats:
        """Return one coordinate of some vertices."""
        column: Floats = self._rows.points[rows, variable]
        return column

    def start_of(self, node: Node) -> tuple[ActiveSet | None, ShadowSet | None]:
        """Return the active and shadow sets that a node starts from."""
        active = None
        if len(node.atoms):
            active = ActiveSet(self.points(node.atoms), node.weights)
        if not len(node.shadow):
            return active, None
        return active, ShadowSet.of(self.points(node.shadow), SHADOW_CAPACITY)

    def within(
        self, result: FrankWolfeResult, lower: Floats, upper: Floats
    ) -> tuple[Indices, Floats, Indices]:
        """Return what of a result's active and shadow sets is in a box, as rows.

        The box may be smaller than the one of the result: it has been tightened.
        """
        shadow = self.number(result.shadow.within(lower, upper).vertices)
        active = result.active_set
        if active is not None:
            active = active.within(lower, upper)
        if active is None:
            return np.empty(0, dtype=np.intp), np.empty(0), shadow
        return self.number(active.atoms), active.weights.copy(), shadow
