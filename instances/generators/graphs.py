"""Random graphs as edge lists, and covers of their edges by cliques."""

import numpy as np
from numpy.typing import NDArray

from boundwise.core.arguments import as_count, as_number
from boundwise.core.errors import InputError


def random_graph(
    nodes: int, graph: str, density: float, affinity: int, rng: np.random.Generator
) -> NDArray[np.int64]:
    """Draw a graph and return its edges, shape (k, 2), smaller node first.

    Parameters
    ----------
    nodes
        Number of nodes, at least 2.
    graph
        ``"er"`` (Erdos & Renyi 1960) or ``"ba"`` (Barabasi & Albert 1999,
        doi:10.1126/science.286.5439.509).
    density
        Probability of an edge of an ``"er"`` graph.
    affinity
        Number of edges that each new node of a ``"ba"`` graph brings.
    rng
        Source of randomness.

    Returns
    -------
    ndarray
        Edges in lexicographic order, at least one.

    Raises
    ------
    InputError
        If an argument is out of range.
    """
    nodes = as_count("nodes", nodes, least=2)
    if graph == "er":
        density = as_number("density", density, at_least=0, at_most=1)
        edges = _erdos_renyi(nodes, density, rng)
    elif graph == "ba":
        affinity = as_count("affinity", affinity)
        if affinity >= nodes:
            raise InputError(f"affinity must be below nodes, got {affinity}.")
        edges = _barabasi_albert(nodes, affinity, rng)
    else:
        raise InputError(f"graph must be 'er' or 'ba', got {graph!r}.")
    if not len(edges):
        edges = np.array([[0, 1]])
    return edges[np.lexsort((edges[:, 1], edges[:, 0]))]


def _erdos_renyi(
    nodes: int, density: float, rng: np.random.Generator
) -> NDArray[np.int64]:
    rows = [
        np.flatnonzero(rng.random(nodes - 1 - i) < density) + i + 1
        for i in range(nodes - 1)
    ]
    tails = np.repeat(np.arange(nodes - 1), [len(r) for r in rows])
    return np.column_stack([tails, np.concatenate(rows)]).astype(np.int64)


def _barabasi_albert(
    nodes: int, affinity: int, rng: np.random.Generator
) -> NDArray[np.int64]:
    """Attach each new node to ``affinity`` others, in proportion to their degrees."""
    ends: list[int] = []
    edges: list[tuple[int, int]] = []
    for node in range(affinity, nodes):
        if node == affinity:
            chosen = set(range(affinity))
        else:
            chosen = set()
            while len(chosen) < affinity:
                chosen.add(ends[int(rng.integers(len(ends)))])
        for other in sorted(chosen):
            edges.append((other, node))
            ends += (other, node)
    return np.array(edges, dtype=np.int64)


def clique_cover(nodes: int, edges: NDArray[np.int64]) -> list[list[int]]:
    """Cover all edges by cliques, greedily by degree.

    Parameters
    ----------
    nodes
        Number of nodes.
    edges
        Edges, shape (k, 2).

    Returns
    -------
    list
        Cliques of at least two nodes; each edge lies in one of them.
    """
    neighbours: list[set[int]] = [set() for _ in range(nodes)]
    for a, b in edges.tolist():
        neighbours[a].add(b)
        neighbours[b].add(a)
    rank = sorted(range(nodes), key=lambda v: (-len(neighbours[v]), v))
    place = {v: k for k, v in enumerate(rank)}
    open_ = [set(s) for s in neighbours]
    cliques = []
    for node in rank:
        while open_[node]:
            first = min(open_[node], key=place.__getitem__)
            clique = [node, first]
            common = neighbours[node] & neighbours[first]
            while common:
                best = min(common, key=lambda v: (v not in open_[node], place[v]))
                clique.append(best)
                common &= neighbours[best]
            for v in clique:
                open_[v].difference_update(clique)
            cliques.append(clique)
    return cliques
