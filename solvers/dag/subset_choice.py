"""Choice of the parents of one node under a price for each parent.

    min over subsets A of the allowed nodes:  1/2 log r(A) + price |A|,

r(A) the residual variance of least squares on A. Steps add, drop or exchange one parent
while that lowers the cost (forward selection with elimination and exchange). With at
most `EXACT_UP_TO` allowed nodes all subsets are then searched, by a tree that drops
columns and cuts a branch whose variance with all undecided columns is too large.

Gatu, Kontoghiorghes (2006), doi:10.1198/106186006X100290 (the tree).
"""

import numpy as np

from boundwise.heuristics.compiled import compiled
from boundwise.solvers.dag.moments import Bools, Floats, Ints

#: Allowed nodes up to which the choice is proved optimal.
EXACT_UP_TO = 14
_DEPENDENT = 1e-11
_RELATIVE_GAIN = 1e-12


@compiled(reorder_sums=True)
def _project(
    S: Floats, u: int, chosen: Ints, k: int, left: Floats, cross: Floats, Z: Floats
) -> float:
    """Project everything off the chosen nodes.

    Sets ``left[v]`` = Var(v | chosen), ``cross[v]`` = Cov(v, u | chosen); returns
    Var(u | chosen).
    """
    d = len(S)
    rest: float = S[u, u]
    for v in range(d):
        left[v] = S[v, v]
        cross[v] = S[v, u]
    for t in range(k):
        a = chosen[t]
        if left[a] <= _DEPENDENT * S[a, a]:
            for v in range(d):
                Z[t, v] = 0.0
            continue
        for v in range(d):
            Z[t, v] = S[a, v]
        for s in range(t):
            factor = Z[s, a]
            for v in range(d):
                Z[t, v] -= factor * Z[s, v]
        size = 1.0 / np.sqrt(left[a])
        for v in range(d):
            Z[t, v] *= size
        onto = Z[t, u]
        rest -= onto * onto
        for v in range(d):
            left[v] -= Z[t, v] * Z[t, v]
            cross[v] -= Z[t, v] * onto
    return max(rest, 1e-300)


@compiled(inline=True)
def _best_entry(
    S: Floats, u: int, allowed: Bools, inside: Bools, left: Floats, cross: Floats
) -> tuple[int, float]:
    """Return the node that lowers the residual variance most, and by how much."""
    best, most = -1, 0.0
    for v in range(len(S)):
        if allowed[v] and not inside[v] and left[v] > _DEPENDENT * S[v, v]:
            fall = cross[v] * cross[v] / left[v]
            if fall > most:
                best, most = v, fall
    return best, most


@compiled()
def _stepwise(
    S: Floats,
    u: int,
    allowed: Bools,
    free: Bools,
    price: float,
    inside: Bools,
    Z: Floats,
) -> float:
    """Add, drop and exchange until no step lowers the cost; return the cost."""
    d = len(S)
    left, cross = np.empty(d), np.empty(d)
    chosen = np.empty(d, dtype=np.int64)
    while True:
        k = 0
        for v in range(d):
            if inside[v]:
                chosen[k] = v
                k += 1
        priced = 0
        for t in range(k):
            priced += 0 if free[chosen[t]] else 1
        rest = _project(S, u, chosen, k, left, cross, Z)
        best: float = 0.5 * np.log(rest) + price * priced
        now = best
        enter, fall = _best_entry(S, u, allowed, inside, left, cross)
        leave = -1
        if enter >= 0:
            value = 0.5 * np.log(max(rest - fall, 1e-300)) + price * (priced + 1)
            if value < best - _RELATIVE_GAIN * max(1.0, abs(best)):
                inside[enter] = True
                continue
            enter = -1
        for t in range(k):
            out = chosen[t]
            if free[out]:
                continue
            chosen[t] = chosen[k - 1]
            rest = _project(S, u, chosen, k - 1, left, cross, Z)
            chosen[t] = out
            value = 0.5 * np.log(rest) + price * (priced - 1)
            if value < best:
                best, enter, leave = value, -1, out
            other, fall = _best_entry(S, u, allowed, inside, left, cross)
            if other >= 0:
                value = 0.5 * np.log(max(rest - fall, 1e-300)) + price * priced
                if value < best:
                    best, enter, leave = value, other, out
        if best >= now - _RELATIVE_GAIN * max(1.0, abs(now)):
            return now
        if enter >= 0:
            inside[enter] = True
        if leave >= 0:
            inside[leave] = False


@compiled(inline=True)
def _without(R: Floats, m: int, i: int, out: Floats) -> None:
    """Drop column i of the m leading columns (and the last, the response)."""
    for r in range(m + 1):
        for c in range(m + 1):
            out[r, c] = R[r, c if c < i else min(c + 1, m)] if c < m else 0.0
    for r in range(i, m):
        a, b = out[r, r], out[r + 1, r]
        size = np.hypot(a, b)
        if size > 0.0:
            c, s = a / size, b / size
            for j in range(r, m):
                p, q = out[r, j], out[r + 1, j]
                out[r, j] = c * p + s * q
                out[r + 1, j] = c * q - s * p


@compiled(inline=True)
def _exhaust(
    R: Floats, m: int, fixed: int, price: float, best: float
) -> tuple[float, int]:
    """Search all subsets of m columns that keep the first ``fixed``.

    ``R`` is the triangular factor of [columns, response]; returns the least cost below
    ``best``, or ``best``, and the columns as bits (-1 if none is better).
    """
    mask = -1
    stack = np.empty((m + 2, m + 1, m + 1))
    widths = np.empty(m + 2, dtype=np.int64)
    following = np.empty(m + 2, dtype=np.int64)
    keep = np.empty(m + 2, dtype=np.int64)
    names = np.empty((m + 2, m + 1), dtype=np.int64)
    for r in range(m + 1):
        for c in range(m + 1):
            stack[0, r, c] = R[r, c]
    widths[0], following[0], keep[0] = m, fixed, fixed
    for t in range(m):
        names[0, t] = t
    value = 0.5 * np.log(max(R[m, m] * R[m, m], 1e-300)) + price * (m - fixed)
    if value < best:
        best, mask = value, (1 << m) - 1
    depth = 0
    while depth >= 0:
        size, i = widths[depth], following[depth]
        if i >= size:
            depth -= 1
            continue
        following[depth] += 1
        _without(stack[depth], size, i, stack[depth + 1])
        rest = stack[depth + 1, size - 1, size - 1]
        cost = 0.5 * np.log(max(rest * rest, 1e-300))
        # Columns before i stay in all that follows.
        if cost + price * (i - fixed) >= best:
            continue
        for t in range(size - 1):
            names[depth + 1, t] = names[depth, t if t < i else t + 1]
        value = cost + price * (size - 1 - fixed)
        if value < best:
            best, mask = value, 0
            for t in range(size - 1):
                mask |= 1 << names[depth + 1, t]
        widths[depth + 1], following[depth + 1] = size - 1, i
        depth += 1
    return best, mask


@compiled(inline=True)
def _prove(
    S: Floats,
    u: int,
    allowed: Bools,
    free: Bools,
    price: float,
    inside: Bools,
    found: float,
) -> float:
    """Improve a choice by the exhaustive tree, in place; return its cost."""
    d = len(S)
    names = np.empty(d + 1, dtype=np.int64)
    m = fixed = 0
    # Free columns first: they stay. Then the chosen, whose loss costs most.
    for turn in range(3):
        for v in range(d):
            if allowed[v]:
                rank = 0 if free[v] else (1 if inside[v] else 2)
                if rank == turn:
                    names[m] = v
                    m += 1
        if turn == 0:
            fixed = m
    names[m] = u
    R = np.zeros((m + 1, m + 1))
    for j in range(m + 1):
        for i in range(j + 1):
            value = S[names[i], names[j]]
            for t in range(i):
                value -= R[t, i] * R[t, j]
            if i < j:
                R[i, j] = value / R[i, i] if R[i, i] > 0.0 else 0.0
            elif value > _DEPENDENT * S[names[j], names[j]]:
                R[j, j] = np.sqrt(value)
    least, mask = _exhaust(R, m, fixed, price, found - _RELATIVE_GAIN)
    if mask >= 0:
        for v in range(d):
            inside[v] = False
        for t in range(m):
            if (mask >> t) & 1:
                inside[names[t]] = True
        return least
    return found


@compiled()
def choose_parents(
    S: Floats,
    u: int,
    allowed: Bools,
    free: Bools,
    price: float,
    start: Bools,
    Z: Floats,
) -> float:
    """Choose the parents of node u, in place; return the cost.

    Parameters
    ----------
    S
        Covariance, regular.
    u
        The node.
    allowed
        Which nodes may be chosen.
    free
        Nodes that are always chosen, where allowed, and cost nothing.
    price
        Cost of each other parent.
    start
        A choice to start from; receives the answer.
    Z
        Room for d rows of d numbers.

    Returns
    -------
    float
        The cost 1/2 log r + price |A|.
    """
    d = len(S)
    count = 0
    for v in range(d):
        start[v] = allowed[v] and (start[v] or free[v])
        count += 1 if allowed[v] else 0
    found = _stepwise(S, u, allowed, free, price, start, Z)
    if 0 < count <= EXACT_UP_TO:
        found = _prove(S, u, allowed, free, price, start, found)
    return found
