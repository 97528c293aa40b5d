"""The factors of a permuted covariance, kept up to date while nodes move in the order.

With positions instead of nodes, S[order][:, order] = R'R, R upper triangular, V = R^-T
lower triangular:

    D_k = R_kk^2 = Var(node k | nodes before),   W_ij = -V_ji R_jj   (i before j).

A move permutes the columns of R and V alike, and the same plane rotations of adjacent
rows make both triangular again: O(d) for each position passed, without loss of digits.
"""

import numpy as np
from scipy.linalg import lapack

from boundwise.core.errors import SolverError
from boundwise.heuristics.compiled import compiled
from boundwise.solvers.dag.moments import Bools, Floats, Ints, Moments


def factorise(moments: Moments, order: Ints) -> tuple[Floats, Floats]:
    """Factor the covariance in a given order.

    Parameters
    ----------
    moments
        Regular moments (see `Moments.require_regular`).
    order
        Nodes, first to last.

    Returns
    -------
    tuple
        R and V.

    Raises
    ------
    SolverError
        If the covariance is singular to working precision.
    """
    if moments.root is not None:
        R: Floats = np.asarray(np.linalg.qr(moments.root[:, order], mode="r"))
    else:
        try:
            R = np.asarray(np.linalg.cholesky(moments.S[np.ix_(order, order)])).T
        except np.linalg.LinAlgError as error:
            raise SolverError(f"the covariance cannot be factored: {error}.") from error
    inverse, failed = lapack.dtrtri(R, lower=0)
    if failed:
        raise SolverError(f"the covariance is singular at position {failed - 1}.")
    return np.ascontiguousarray(np.triu(R)), np.ascontiguousarray(np.triu(inverse).T)


@compiled(reorder_sums=True)
def _rotate(R: Floats, V: Floats, k: int, c: float, s: float, edge: int) -> None:
    """Rotate rows k and k + 1; V has no entries beyond column ``edge``."""
    d = len(R)
    for j in range(k, d):
        a, b = R[k, j], R[k + 1, j]
        R[k, j] = c * a + s * b
        R[k + 1, j] = c * b - s * a
    for j in range(edge + 1):
        a, b = V[k, j], V[k + 1, j]
        V[k, j] = c * a + s * b
        V[k + 1, j] = c * b - s * a


@compiled()
def _shift(matrix: Floats, source: int, target: int) -> None:
    """Move a column, shifting those between."""
    for i in range(len(matrix)):
        held = matrix[i, source]
        if target < source:
            for j in range(source, target, -1):
                matrix[i, j] = matrix[i, j - 1]
        else:
            for j in range(source, target):
                matrix[i, j] = matrix[i, j + 1]
        matrix[i, target] = held


@compiled()
def move_node(order: Ints, R: Floats, V: Floats, source: int, target: int) -> None:
    """Move the node at one position to another, in place."""
    node = order[source]
    _shift(R, source, target)
    _shift(V, source, target)
    if target < source:
        for k in range(source, target, -1):
            order[k] = order[k - 1]
        for k in range(source - 1, target - 1, -1):
            a, b = R[k, target], R[k + 1, target]
            size = np.hypot(a, b)
            if size > 0.0:
                c, s = a / size, b / size
                _rotate(R, V, k, c, s, min(k + 2, source))
                # The rotation leaves columns before k alone; this one has entries.
                R[k, target], R[k + 1, target] = size, 0.0
    else:
        for k in range(source, target):
            order[k] = order[k + 1]
        for k in range(source, target):
            a, b = R[k, k], R[k + 1, k]
            size = np.hypot(a, b)
            if size > 0.0:
                _rotate(R, V, k, a / size, b / size, target)
                R[k + 1, k] = 0.0
    order[target] = node
    low, high = min(source, target), max(source, target)
    for k in range(low, high):
        for j in range(k + 1, high + 1):
            V[k, j] = 0.0


@compiled()
def swap_nodes(order: Ints, R: Floats, V: Floats, p: int, q: int) -> None:
    """Exchange the nodes at positions p < q, in place."""
    move_node(order, R, V, q, p)
    if q > p + 1:
        move_node(order, R, V, p + 1, q)


@compiled()
def weights_of(order: Ints, R: Floats, V: Floats) -> Floats:
    """Return the regression weights W[i, j] of edge i -> j, by node."""
    d = len(order)
    W = np.zeros((d, d))
    for j in range(d):
        for i in range(j):
            W[order[i], order[j]] = -V[j, i] * R[j, j]
    return W


@compiled(reorder_sums=True)
def min_pivot_order(A: Floats, before: Bools) -> Ints:
    """Take, again and again, the node of least conditional variance.

    Chen, Drton, Wang (2019), doi:10.1093/biomet/asz049. ``A`` is the covariance and is
    overwritten; ``before[i, j]`` demands that i comes before j.
    """
    d = len(A)
    waiting = np.zeros(d, dtype=np.int64)
    for j in range(d):
        for i in range(d):
            if before[i, j]:
                waiting[j] += 1
    # Nodes in the leading rows and columns of A; those that leave go to its end.
    nodes = np.arange(d)
    order = np.empty(d, dtype=np.int64)
    for k in range(d):
        size = d - k
        best = -1
        for t in range(size):
            if waiting[nodes[t]] == 0 and (
                best < 0
                or A[t, t] < A[best, best]
                or (A[t, t] == A[best, best] and nodes[t] < nodes[best])
            ):
                best = t
        last = size - 1
        node = nodes[best]
        order[k] = node
        nodes[best] = nodes[last]
        for t in range(size):
            A[best, t], A[last, t] = A[last, t], A[best, t]
        for t in range(size):
            A[t, best], A[t, last] = A[t, last], A[t, best]
        for j in range(d):
            if before[node, j]:
                waiting[j] -= 1
        pivot = A[last, last]
        if pivot > 0.0:
            for i in range(last):
                factor = A[last, i] / pivot
                for j in range(last):
                    A[i, j] -= factor * A[last, j]
    return order


@compiled(reorder_sums=True)
def min_pivot_order_of_rows(T: Floats, before: Bools) -> Ints:
    """Do as `min_pivot_order`, on the columns of the root (here rows of ``T``)."""
    d = len(T)
    order = np.empty(d, dtype=np.int64)
    placed = np.zeros(d, dtype=np.bool_)
    for k in range(d):
        best, least = -1, np.inf
        for j in range(d):
            if placed[j]:
                continue
            ready = True
            for i in range(d):
                if before[i, j] and not placed[i]:
                    ready = False
            if ready:
                size = 0.0
                for t in range(d):
                    size += T[j, t] * T[j, t]
                if best < 0 or size < least:
                    best, least = j, size
        order[k] = best
        placed[best] = True
        if least > 0.0:
            for j in range(d):
                if not placed[j]:
                    product = 0.0
                    for t in range(d):
                        product += T[j, t] * T[best, t]
                    for t in range(d):
                        T[j, t] -= product / least * T[best, t]
    return order
