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


@compiled()
def gram_table(problem: Problem) -> Floats:
    """Return ``table[u, A]``, the cost of node u given the set with bits A.

    Entries of sets that hold u itself are infinite.
    """
    d = len(problem.S)
    table = np.empty((d, 1 << d))
    for u in range(d):
        for subset in range(1 << d):
            table[u, subset] = np.inf
    scratch = room(d)
    allowed = np.zeros(d, dtype=np.bool_)
    w, g = np.zeros(d), np.zeros(d)
    # Pairs (A, kept): the sets between are still to be settled.
    wholes = np.zeros(d * d + d + 2, dtype=np.int64)
    keeps = np.zeros(d * d + d + 2, dtype=np.int64)
    for u in range(d):
        wholes[0], keeps[0] = ((1 << d) - 1) ^ (1 << u), 0
        count = 1
        while count:
            count -= 1
            whole, kept = wholes[count], keeps[count]
            for v in range(d):
                allowed[v] = problem.can[u, v] and (whole >> v) & 1 == 1
                w[v] = 0.0
            cost, _ = fit_node(problem, u, allowed, w, g, scratch, True)
            support = kept
            for v in range(d):
                if w[v] != 0.0 and not (kept >> v) & 1:
                    # Sets with all members of F so far, without v.
                    wholes[count], keeps[count] = whole ^ (1 << v), support
                    count += 1
                    support |= 1 << v
            _spread(table[u], support, whole & ~support, cost)
    return table
