"""Matchings of a graph, one 0/1 variable an edge.

Edges fixed to one are taken with their nodes, edges fixed to zero left out. What
remains is an assignment problem if the graph is bipartite, and goes to the blossom
algorithm if it is not.

References
----------
Edmonds (1965), doi:10.6028/jres.069B.013; Galil (1986), doi:10.1145/6462.6502 (the
algorithm that networkx follows).
"""

from typing import Any

import networkx as nx
import numpy as np
from scipy.optimize import linear_sum_assignment

from boundwise.core.arguments import as_count
from boundwise.core.errors import InputError
from boundwise.heuristics.frank_wolfe.protocols import Bools, Floats, Indices
from boundwise.solvers.convex.oracles.graph_arguments import as_edges


class Matching:
    """Incidence vectors of the matchings of a graph, and their hull.

    Parameters
    ----------
    n_nodes
        Number of nodes.
    edges
        Pairs of nodes in 0..n_nodes-1, one a variable.
    perfect
        Whether every node must be matched.

    Raises
    ------
    InputError
        If the edges are no graph, or it has no perfect matching where one must be.

    Examples
    --------
    >>> import numpy as np
    >>> matchings = Matching(4, [(0, 1), (1, 2), (2, 3)])
    >>> matchings.extreme_point(
    ...     np.array([-2.0, -3.0, -2.0]), matchings.lower, matchings.upper
    ... )
    array([1., 0., 1.])
    """

    def __init__(self, n_nodes: int, edges: Any, *, perfect: bool = False) -> None:
        self.n_nodes = as_count("n_nodes", n_nodes, least=2)
        self.edges = as_edges(edges, self.n_nodes)
        self.perfect = bool(perfect)
        count = len(self.edges)
        self.lower = np.zeros(count)
        self.upper = np.ones(count)
        self.integers = np.arange(count)
        self._sides = _two_sides(self.n_nodes, self.edges)
        # The end on the first side comes first.
        self._ends = self.edges.copy()
        if self._sides is not None:
            turned = self._sides[self.edges[:, 0]] == 1
            self._ends[turned] = self.edges[turned, ::-1]
        if self.extreme_point(np.zeros(count), self.lower, self.upper) is None:
            raise InputError("edges must have a perfect matching.")

    def extreme_point(
        self, direction: Floats, lower: Floats, upper: Floats
    ) -> Floats | None:
        """Return the cheapest matching that keeps the fixed edges."""
        vertex = np.zeros(len(self.edges))
        forced = lower > 0.0
        vertex[forced] = 1.0
        uses = np.bincount(self.edges[forced].ravel(), minlength=self.n_nodes)
        if uses.max() > 1 or (upper[forced] < 1.0).any():
            return None
        is_free: Bools = (uses[self.edges].sum(axis=1) == 0) & (upper >= 1.0)
        nodes = np.flatnonzero(uses == 0)
        if not self.perfect:
            is_free &= direction < 0.0
        if self._sides is not None:
            chosen = self._assign(direction, is_free, nodes)
        else:
            chosen = self._blossom(direction, is_free)
        if chosen is None or (self.perfect and 2 * len(chosen) != len(nodes)):
            return None
        vertex[chosen] = 1.0
        return vertex

    def _assign(
        self, direction: Floats, is_free: Bools, nodes: Indices
    ) -> Indices | None:
        assert self._sides is not None
        first, second = nodes[self._sides[nodes] == 0], nodes[self._sides[nodes] == 1]
        if self.perfect and len(first) != len(second):
            return None
        place = np.zeros(self.n_nodes, dtype=np.intp)
        place[first], place[second] = np.arange(len(first)), np.arange(len(second))
        costs = np.full((len(first), len(second)), np.inf if self.perfect else 0.0)
        owner = np.full(costs.shape, -1, dtype=np.intp)
        # Of parallel edges the cheapest is written last.
        free = np.flatnonzero(is_free)
        free = free[np.argsort(-direction[free], kind="stable")]
        cells = (place[self._ends[free, 0]], place[self._ends[free, 1]])
        costs[cells] = direction[free]
        owner[cells] = free
        try:
            chosen = owner[linear_sum_assignment(costs)]
        except ValueError:
            return None
        return chosen[chosen >= 0]

    def _blossom(self, direction: Floats, is_free: Bools) -> Indices:
        graph: nx.Graph[int] = nx.Graph()
        free = np.flatnonzero(is_free)
        for e in free[np.argsort(-direction[free], kind="stable")]:
            one, two = self.edges[e].tolist()
            graph.add_edge(one, two, weight=-float(direction[e]), variable=int(e))
        pairs = nx.max_weight_matching(graph, maxcardinality=self.perfect)
        chosen = [graph.edges[pair]["variable"] for pair in pairs]
        return np.array(sorted(chosen), dtype=np.intp)


def _two_sides(n_nodes: int, edges: Indices) -> Indices | None:
    """Return 0 or 1 for each node such that edges join different ones, if possible."""
    graph: nx.Graph[int] = nx.Graph()
    graph.add_nodes_from(range(n_nodes))
    graph.add_edges_from(edges.tolist())
    try:
        colours = nx.bipartite.color(graph)
    except nx.NetworkXError:
        return None
    return np.array([colours[node] for node in range(n_nodes)], dtype=np.intp)
