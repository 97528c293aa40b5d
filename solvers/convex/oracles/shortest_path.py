"""Paths between two nodes of an acyclic graph, one 0/1 variable an arc.

Nodes are visited in topological order, so arcs may cost anything. A path crosses each
cut between consecutive nodes of that order exactly once; an arc (u, v) fixed to one
therefore forbids every other arc (a, b) with order(a) <= order(u) < order(b), and with
those forbidden it is used by every path that is left.

On graphs with cycles and costs of both signs shortest paths are NP-hard; there,
`MinCostFlow` is the set of paths plus cycles.
"""

from typing import Any

import numpy as np

from boundwise.core.arguments import as_count
from boundwise.core.errors import InputError
from boundwise.heuristics.compiled import compiled
from boundwise.heuristics.frank_wolfe.protocols import Floats, Indices
from boundwise.solvers.convex.oracles.graph_arguments import as_edges, as_node


@compiled()
def _walk(
    costs: Floats,
    lower: Floats,
    upper: Floats,
    tails: Indices,
    heads: Indices,
    source: int,
    target: int,
    n_nodes: int,
) -> tuple[Floats, bool]:
    """Find the path; nodes are numbered and arcs sorted in topological order."""
    count = costs.shape[0]
    path = np.zeros(count)
    # The one arc that may cross the cut after each node, or -1 for any.
    crossing = np.full(n_nodes, -1)
    for e in range(count):
        if lower[e] > 0.0:
            if not (source <= tails[e] and heads[e] <= target) or upper[e] < 1.0:
                return path, False
            for cut in range(tails[e], heads[e]):
                if crossing[cut] >= 0:
                    return path, False
                crossing[cut] = e
    distance = np.full(n_nodes, np.inf)
    last = np.full(n_nodes, -1)
    distance[source] = 0.0
    for e in range(count):
        tail, head = tails[e], heads[e]
        if upper[e] < 1.0 or distance[tail] == np.inf:
            continue
        is_allowed = True
        for cut in range(tail, head):
            if crossing[cut] >= 0 and crossing[cut] != e:
                is_allowed = False
                break
        if is_allowed and distance[tail] + costs[e] < distance[head]:
            distance[head] = distance[tail] + costs[e]
            last[head] = e
    if distance[target] == np.inf:
        return path, False
    node = target
    while node != source:
        path[last[node]] = 1.0
        node = tails[last[node]]
    return path, True


class ShortestPath:
    """Incidence vectors of the paths between two nodes, and their hull.

    Parameters
    ----------
    n_nodes
        Number of nodes.
    arcs
        Pairs (tail, head) of nodes in 0..n_nodes-1, one a variable; without cycles.
    source, target
        Ends of the paths.

    Raises
    ------
    InputError
        If the graph has a cycle, or no path joins source and target.

    Examples
    --------
    >>> import numpy as np
    >>> paths = ShortestPath(3, [(0, 1), (1, 2), (0, 2)], 0, 2)
    >>> paths.extreme_point(np.array([1.0, 1.0, 3.0]), paths.lower, paths.upper)
    array([1., 1., 0.])
    """

    def __init__(self, n_nodes: int, arcs: Any, source: int, target: int) -> None:
        self.n_nodes = as_count("n_nodes", n_nodes, least=2)
        self.arcs = as_edges(arcs, self.n_nodes)
        count = len(self.arcs)
        order = _topological_places(self.n_nodes, self.arcs)
        self._source = int(order[as_node("source", source, self.n_nodes)])
        self._target = int(order[as_node("target", target, self.n_nodes)])
        places = order[self.arcs]
        self._sorting = np.lexsort((places[:, 1], places[:, 0]))
        self._tails = np.ascontiguousarray(places[self._sorting, 0])
        self._heads = np.ascontiguousarray(places[self._sorting, 1])
        self.lower = np.zeros(count)
        self.upper = np.ones(count)
        self.integers = np.arange(count)
        if source == target:
            raise InputError(f"target must differ from source, got {target!r} twice.")
        if self.extreme_point(np.zeros(count), self.lower, self.upper) is None:
            raise InputError(f"arcs must join source {source!r} to target {target!r}.")

    def extreme_point(
        self, direction: Floats, lower: Floats, upper: Floats
    ) -> Floats | None:
        """Return the cheapest path that keeps the fixed arcs."""
        sorting = self._sorting
        path, is_found = _walk(
            direction[sorting],
            lower[sorting],
            upper[sorting],
            self._tails,
            self._heads,
            self._source,
            self._target,
            self.n_nodes,
        )
        if not is_found:
            return None
        vertex = np.empty_like(path)
        vertex[sorting] = path
        return vertex


def _topological_places(n_nodes: int, arcs: Indices) -> Indices:
    """Return the place of each node in a topological order."""
    waiting = np.bincount(arcs[:, 1], minlength=n_nodes)
    leaving: list[list[int]] = [[] for _ in range(n_nodes)]
    for tail, head in arcs.tolist():
        leaving[tail].append(head)
    ready = np.flatnonzero(waiting == 0).tolist()
    places = np.full(n_nodes, -1, dtype=np.intp)
    for place in range(n_nodes):
        if not ready:
            raise InputError("arcs must not form a cycle; MinCostFlow allows cycles.")
        node = ready.pop()
        places[node] = place
        for head in leaving[node]:
            waiting[head] -= 1
            if waiting[head] == 0:
                ready.append(head)
    return places
