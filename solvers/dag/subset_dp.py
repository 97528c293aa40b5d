"""The best order of all, by dynamic programming over the sets of nodes placed first.

    F(A) = min_{j in A} F(A - j) + cost(j, A - j),    F(empty) = 0.

2^d sets: for d of at most 20 or so. Subsets are met in numeric order; each is its
predecessor in the binary tree plus its lowest bit h, so that its conditional covariance
is one sweep of O(d h), which is O(d) on average.

Silander, Myllymaki (2006), "A simple approach for finding the globally optimal Bayesian
network structure", UAI, arXiv:1206.6875.
"""

import numpy as np
import numpy.typing as npt

from boundwise.core.errors import InputError
from boundwise.heuristics.compiled import compiled
from boundwise.solvers.dag.moments import Bools, Floats, Ints
from boundwise.solvers.dag.moves import phi

#: Largest number of nodes: 2^d sets must fit into memory.
MAX_NODES = 24


@compiled()
def _lowest_bit(subset: int) -> int:
    h = 0
    while (subset >> h) & 1 == 0:
        h += 1
    return h


@compiled()
def _needs(before: Bools) -> Ints:
    """Return, for each node, the set of nodes that must come before it."""
    d = len(before)
    masks = np.zeros(d, dtype=np.int64)
    for j in range(d):
        for i in range(d):
            if before[i, j]:
                masks[j] |= 1 << i
    return masks


@compiled()
def _backtrack(last: npt.NDArray[np.int8], d: int) -> Ints:
    order = np.empty(d, dtype=np.int64)
    subset = (1 << d) - 1
    for k in range(d - 1, -1, -1):
        order[k] = last[subset]
        subset ^= 1 << order[k]
    return order


@compiled()
def best_order_of_covariance(C: Floats, kind: int, before: Bools) -> tuple[Ints, float]:
    """Return the order of least sum of phi(conditional variance), and that sum.

    Parameters
    ----------
    C
        Covariance of the nodes.
    kind
        Kind of phi.
    before
        ``before[i, j]`` demands that i comes before j.
    """
    d = len(C)
    needs = _needs(before)
    F = np.empty(1 << d)
    last = np.zeros(1 << d, dtype=np.int8)
    for subset in range(1 << d):
        F[subset] = np.inf
    F[0] = 0.0
    # store[h]: covariance given the present subset's bits from h up; store[d]: C.
    store = np.empty((d + 1, d, d))
    for i in range(d):
        for j in range(d):
            store[d, i, j] = C[i, j]
    for subset in range(1 << d):
        if subset:
            h = _lowest_bit(subset)
            rest = subset ^ (1 << h)
            parent = store[_lowest_bit(rest)] if rest else store[d]
            here = store[h]
            pivot = parent[h, h]
            for i in range(d):
                if (subset >> i) & 1:
                    continue
                factor = parent[i, h] / pivot if pivot > 0.0 else 0.0
                for j in range(h):
                    here[i, j] = parent[i, j] - factor * parent[h, j]
                if i > h:
                    here[i, i] = parent[i, i] - factor * parent[i, h]
        else:
            here = store[d]
        base = F[subset]
        if base == np.inf:
            continue
        for j in range(d):
            bit = 1 << j
            if subset & bit or (needs[j] & ~subset):
                continue
            value = base + phi(kind, max(here[j, j], 0.0))
            if value < F[subset | bit]:
                F[subset | bit] = value
                last[subset | bit] = j
    return _backtrack(last, d), F[(1 << d) - 1]


@compiled()
def best_order_of_table(costs: Floats, before: Bools) -> tuple[Ints, float]:
    """Return the best order for a table of node costs, and its score.

    Parameters
    ----------
    costs
        ``costs[j, A]`` is the cost of node j given the set with bits A.
    before
        ``before[i, j]`` demands that i comes before j.
    """
    d = len(costs)
    needs = _needs(before)
    F = np.empty(1 << d)
    last = np.zeros(1 << d, dtype=np.int8)
    for subset in range(1 << d):
        F[subset] = np.inf
    F[0] = 0.0
    for subset in range(1 << d):
        base = F[subset]
        if base == np.inf:
            continue
        for j in range(d):
            bit = 1 << j
            if subset & bit or (needs[j] & ~subset):
                continue
            value = base + costs[j, subset]
            if value < F[subset | bit]:
                F[subset | bit] = value
                last[subset | bit] = j
    return _backtrack(last, d), F[(1 << d) - 1]


def check_size(d: int, largest: int = MAX_NODES) -> None:
    """Raise InputError if there are too many nodes for an exact answer."""
    if d > largest:
        raise InputError(
            f"the exact search is for at most {largest} nodes, got {d}: it visits 2^d "
            "sets."
        )
