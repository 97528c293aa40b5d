"""Nodes of the tree, and the queue that orders them.

A node holds what differs from the global bounds, and its active and shadow sets as
numbers of rows in one store, see `boundwise.solvers.convex.vertices`.
"""

import heapq
import math
from dataclasses import dataclass, field
from typing import Literal, get_args

import numpy as np

from boundwise.core.errors import InputError
from boundwise.heuristics.frank_wolfe.protocols import Floats, Indices

Traversal = Literal["best-bound", "depth-first"]

_NO_ROWS = np.empty(0, dtype=np.intp)
_NO_WEIGHTS = np.empty(0)


@dataclass(frozen=True, slots=True)
class Branching:
    """State how a node came from its parent.

    Parameters
    ----------
    variable
        The variable branched on.
    is_up
        Whether the node is the side with the larger values.
    distance
        How far the parent's value was from this side.
    value
        Objective of the parent's relaxation at its iterate.
    """

    variable: int
    is_up: bool
    distance: float
    value: float


@dataclass(slots=True)
class Node:
    """Hold one open subproblem.

    Parameters
    ----------
    number
        Order of creation.
    bound
        Proven lower bound.
    depth
        Distance from the root.
    lower, upper
        Bounds that differ from the global ones, by variable.
    atoms, weights
        Active set to start from: rows of the store, and their weights.
    shadow
        Rows of further feasible vertices.
    branching
        How it came from its parent; None for the root.
    """

    number: int
    bound: float
    depth: int
    lower: dict[int, float] = field(default_factory=dict)
    upper: dict[int, float] = field(default_factory=dict)
    atoms: Indices = field(default_factory=lambda: _NO_ROWS)
    weights: Floats = field(default_factory=lambda: _NO_WEIGHTS)
    shadow: Indices = field(default_factory=lambda: _NO_ROWS)
    branching: Branching | None = None

    def box(self, lower: Floats, upper: Floats) -> tuple[Floats, Floats]:
        """Return the node's box within the global bounds, as new arrays."""
        low, up = lower.copy(), upper.copy()
        for j, value in self.lower.items():
            low[j] = max(low[j], value)
        for j, value in self.upper.items():
            up[j] = min(up[j], value)
        return low, up


class NodeQueue:
    """Order the open nodes.

    Parameters
    ----------
    traversal
        ``"best-bound"`` takes the node of least bound, ``"depth-first"`` the deepest,
        of least bound among equally deep ones.

    Raises
    ------
    InputError
        If the traversal is unknown.
    """

    def __init__(self, traversal: Traversal = "best-bound") -> None:
        if traversal not in get_args(Traversal):
            raise InputError(
                f"traversal must be one of {get_args(Traversal)}, got {traversal!r}."
            )
        self._is_deep = traversal == "depth-first"
        self._heap: list[tuple[float, float, int]] = []
        self._bounds: list[tuple[float, int]] = []
        self._open: dict[int, Node] = {}

    def __len__(self) -> int:
        return len(self._open)

    @property
    def bound(self) -> float:
        """Least bound of an open node, ``inf`` if there is none."""
        while self._bounds:
            bound, number = self._bounds[0]
            node = self._open.get(number)
            # A node that was pushed again with a better bound leaves an old entry.
            if node is not None and node.bound == bound:
                return bound
            heapq.heappop(self._bounds)
        return math.inf

    def push(self, node: Node) -> None:
        """Add a node."""
        first = -float(node.depth) if self._is_deep else node.bound
        heapq.heappush(self._heap, (first, node.bound, node.number))
        heapq.heappush(self._bounds, (node.bound, node.number))
        self._open[node.number] = node

    def pop(self) -> Node:
        """Remove and return the next node."""
        while True:
            number = heapq.heappop(self._heap)[2]
            if number in self._open:
                return self._open.pop(number)

    def drop_above(self, threshold: float) -> float:
        """Remove the nodes whose bound is at least the threshold.

        Returns
        -------
        float
            The least bound removed, ``inf`` if none was.
        """
        gone = [node for node in self._open.values() if node.bound >= threshold]
        for node in gone:
            del self._open[node.number]
        return min((node.bound for node in gone), default=math.inf)
