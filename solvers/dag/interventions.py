"""The structural intervention distance of an estimated graph from the true one.

For every ordered pair (i, j), the estimate says how to predict x_j under an
intervention on x_i: adjust for the estimated parents Z of i (if j is among them, i has
no effect on j). The distance counts the pairs for which this is wrong in the true
graph. Z is right for (i, j) if and only if

    no node of Z descends from (or is) a node, other than i, on a directed path i ~> j,
    and Z separates i from j once the first edges of those paths are removed.

Peters, Bühlmann (2015), doi:10.1162/NECO_a_00708; the criterion is that of Shpitser,
VanderWeele, Robins (2010), arXiv:1203.3515.
"""

import numpy as np
from numpy.typing import NDArray

Bools = NDArray[np.bool_]


def intervention_distance(truth: Bools, estimate: Bools) -> int:
    """Count the ordered pairs whose intervention effect the estimate gets wrong.

    Parameters
    ----------
    truth, estimate
        Acyclic graphs of one size; [i, j] is true for the edge i -> j.

    Returns
    -------
    int
        Between 0 and d (d - 1); 0 if the estimate contains the true graph.
    """
    reach = _reachability(truth)
    return sum(
        _wrong_targets(truth, reach, i, estimate[:, i]) for i in range(len(truth))
    )


def _reachability(graph: Bools) -> Bools:
    """Return [i, j]: a directed path leads from i to j; every node reaches itself."""
    reach = graph | np.eye(len(graph), dtype=bool)
    while True:
        longer = (reach.astype(np.float32) @ reach.astype(np.float32)) > 0
        if (longer == reach).all():
            return reach
        reach = longer


def _wrong_targets(truth: Bools, reach: Bools, i: int, Z: Bools) -> int:
    d = len(truth)
    wrong = int((reach[i] & Z).sum())  # estimated parents that i does affect
    children = truth[i]
    groups: dict[bytes, list[int]] = {}
    for j in range(d):
        if j == i or Z[j]:
            continue
        first = children & reach[:, j]
        on_paths = reach[first].any(axis=0) & reach[:, j]
        if (reach[on_paths].any(axis=0) & Z).any():
            wrong += 1
        else:
            groups.setdefault(first.tobytes(), []).append(j)
    for key, targets in groups.items():
        cut = truth.copy()
        cut[i] &= ~np.frombuffer(key, dtype=bool)
        wrong += int(_connected(cut, reach, i, Z)[targets].sum())
    return wrong


def _connected(graph: Bools, reach: Bools, source: int, Z: Bools) -> Bools:
    """Return the nodes that open paths reach from a source, given Z.

    A node is entered from a parent or from a child. A chain or a fork passes through
    a node outside Z, a collider through a node that is in Z or has a descendant there.
    ``reach`` is that of the graph before the cut: no node of Z descends from an edge
    that was cut, so the same colliders are open.
    """
    opens: Bools = np.asarray(reach[:, Z].any(axis=1))
    from_parent = np.zeros(len(graph), dtype=bool)
    from_child = np.zeros(len(graph), dtype=bool)
    stack = [(source, False)]
    from_child[source] = True
    while stack:
        node, came_down = stack.pop()
        up = opens[node] if came_down else not Z[node]
        down = not Z[node]
        if up:
            for parent in np.flatnonzero(graph[:, node] & ~from_child):
                from_child[parent] = True
                stack.append((int(parent), False))
        if down:
            for child in np.flatnonzero(graph[node] & ~from_parent):
                from_parent[child] = True
                stack.append((int(child), True))
    return from_parent | from_child
