"""Orders that let one more edge in.

At an optimum no edge may be missing that makes no cycle and whose gradient exceeds the
penalty: the KKT conditions of Wei, Gao, Yu (2020), "DAGs with no fears", NeurIPS,
arXiv:2010.09133. An order may hide such an edge although the graph itself has room.
"""

import numpy as np

from boundwise.solvers.dag.moments import Bools, Floats, Ints
from boundwise.solvers.dag.orders import positions, topological_order
from boundwise.solvers.dag.prefix import State

#: What a gradient must exceed the penalty by, relative to both.
_GAP_TOL = 1e-9


def reachable(edges: Bools, order: Ints) -> Bools:
    """Return ``paths[i, j]``: there is a directed path from i to j, or i is j.

    Parameters
    ----------
    edges
        ``edges[i, j]``: there is an edge i -> j.
    order
        A topological order of the edges.
    """
    d = len(edges)
    # Row j holds the ancestors of j as bits.
    ancestors = np.packbits(np.eye(d, dtype=np.bool_), axis=1)
    for j in order:
        parents = np.flatnonzero(edges[:, j])
        ancestors[j] |= np.bitwise_or.reduce(ancestors[parents], axis=0)
    return np.unpackbits(ancestors, axis=1, count=d).astype(np.bool_).T


def order_closing_gap(
    state: State, can: Bools, free: Bools, before: Bools
) -> Ints | None:
    """Return an order that admits the most violating edge without a cycle.

    Parameters
    ----------
    state
        Fitted order under an l1 penalty.
    can
        ``can[u, v]``: v may be a parent of u.
    free
        ``free[u, v]``: without penalty.
    before
        Precedences.

    Returns
    -------
    ndarray or None
        The order; None if there is no such edge.
    """
    edges = (state.weights.T != 0.0) | before
    paths = reachable(edges, state.order)
    place = positions(state.order)
    later: Bools = np.greater.outer(place, place)
    screens: Floats = state.screens
    excess = np.abs(state.gradients.T) - screens
    excess[~(later & ~paths.T & can.T & ~free.T)] = -np.inf
    excess[excess <= _GAP_TOL * np.maximum(screens, np.abs(excess + screens))] = -np.inf
    i, j = np.unravel_index(int(np.argmax(excess)), excess.shape)
    if not np.isfinite(excess[i, j]):
        return None
    edges[i, j] = True
    order = topological_order(edges, place)
    assert order is not None
    return order
