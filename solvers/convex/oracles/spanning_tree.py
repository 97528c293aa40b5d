"""Spanning trees of a graph, one 0/1 variable an edge.

Kruskal's greedy pass after contracting the edges fixed to one and leaving out those
fixed to zero. Kruskal (1956), doi:10.1090/S0002-9939-1956-0078686-7; the hull of the
trees: Edmonds (1971), doi:10.1007/BF01584082.
"""

from typing import Any

import numpy as np

from boundwise.core.arguments import as_count
from boundwise.core.errors import InputError
from boundwise.heuristics.compiled import compiled
from boundwise.heuristics.frank_wolfe.protocols import Floats, Indices
from boundwise.solvers.convex.oracles.graph_arguments import as_edges


@compiled()
def _root(parents: Indices, node: int) -> int:
    while parents[node] != node:
        parents[node] = parents[parents[node]]
        node = parents[node]
    return node


@compiled()
def _grow(
    order: Indices, lower: Floats, upper: Floats, edges: Indices, n_nodes: int
) -> tuple[Floats, bool]:
    count = order.shape[0]
    tree = np.zeros(count)
    parents = np.arange(n_nodes)
    joined = 1
    for e in range(count):
        if lower[e] > 0.0:
            one, two = _root(parents, edges[e, 0]), _root(parents, edges[e, 1])
            if one == two or upper[e] < 1.0:
                return tree, False
            parents[one] = two
            tree[e] = 1.0
            joined += 1
    for place in range(count):
        e = order[place]
        if joined == n_nodes:
            break
        if upper[e] < 1.0:
            continue
        one, two = _root(parents, edges[e, 0]), _root(parents, edges[e, 1])
        if one != two:
            parents[one] = two
            tree[e] = 1.0
            joined += 1
    return tree, joined == n_nodes


class SpanningTree:
    """Incidence vectors of the spanning trees of a graph, and their hull.

    Parameters
    ----------
    n_nodes
        Number of nodes.
    edges
        Pairs of nodes in 0..n_nodes-1, one a variable.

    Raises
    ------
    InputError
        If the edges are no graph, or it is not connected.

    Examples
    --------
    >>> import numpy as np
    >>> trees = SpanningTree(3, [(0, 1), (1, 2), (0, 2)])
    >>> trees.extreme_point(np.array([3.0, 1.0, 2.0]), trees.lower, trees.upper)
    array([0., 1., 1.])
    """

    def __init__(self, n_nodes: int, edges: Any) -> None:
        self.n_nodes = as_count("n_nodes", n_nodes, least=2)
        self.edges = as_edges(edges, self.n_nodes)
        count = len(self.edges)
        self.lower = np.zeros(count)
        self.upper = np.ones(count)
        self.integers = np.arange(count)
        if self.extreme_point(np.zeros(count), self.lower, self.upper) is None:
            raise InputError(f"edges must connect all {n_nodes} nodes.")

    def extreme_point(
        self, direction: Floats, lower: Floats, upper: Floats
    ) -> Floats | None:
        """Return the cheapest tree that keeps the fixed edges."""
        tree, is_whole = _grow(
            direction.argsort(), lower, upper, self.edges, self.n_nodes
        )
        return tree if is_whole else None
