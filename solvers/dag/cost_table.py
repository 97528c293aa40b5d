"""Costs of every node for every set of predecessors, with few fits.

If the best weights of node u on the set A vanish outside F, they are the best on every
set between F and A. So a fit on A settles all of them at once, and the rest of the
lattice splits by the first member of F that is left out.
"""

import numpy as np

from boundwise.heuristics.compiled import compiled
from boundwise.solvers.dag.moments import Floats
from boundwise.solvers.dag.node_fit import Problem, fit_node, room


@compiled()
def _spread(row: Floats, kept: int, loose: int, cost: float) -> None:
    """Set the entries of all sets that hold ``kept`` and some of ``loose``."""
    part = loose
    while True:
        row[kept | part] = cost
        if part == 0:
            break
        part = (part - 1) & loose


def gram_table(problem: Problem) -> Floats:
    """Return ``table[u, A]``, the cost of node u given the set with bits A.

    Entries of sets that hold u itself are infinite.
    """
    d = len(problem.S)
    table = np.full((d, 1 << d), np.inf)
    bits = np.arange(d)
    scratch = room(d)
    allowed = np.zeros(d, dtype=np.bool_)
    w, g = np.zeros(d), np.zeros(d)
    for u in range(d):
        # Pairs (A, kept): the sets between are still to be settled.
        pairs = [(((1 << d) - 1) ^ (1 << u), 0)]
        while pairs:
            whole, kept = pairs.pop()
            allowed[:] = problem.can[u] & ((whole >> bits) & 1 == 1)
            w[:] = 0.0
            cost, _ = fit_node(problem, u, allowed, w, g, scratch, True)
            support = kept
            for v in np.flatnonzero(w).tolist():
                if not (kept >> v) & 1:
                    # Sets with all members of F so far, without v.
                    pairs.append((whole ^ (1 << v), support))
                    support |= 1 << v
            _spread(table[u], support, whole & ~support, cost)
    return table
