"""Exact gains of every insertion and every swap, for a score sum_k phi(D_k).

A move inside positions p..q changes only D_p..D_q. With L = R', and
s_k = sum_{t=k..q} L_qt^2 (the variance of node q given the first k), a node moved up
from q to p gets s_p, and the node at k in [p, q) gets D_k s_{k+1} / s_k. With
t_p = 1, t_k = t_{k-1} + D_p V_kp^2, a node moved down from p to q gets D_p / t_q, and
the node at k in (p, q] gets D_k t_k / t_{k-1}. A swap combines both; each of its inner
nodes costs O(1). So all insertions take O(d^2) and all swaps O(d^3 / 6).
"""

import numpy as np

from boundwise.heuristics.compiled import compiled
from boundwise.solvers.dag.moments import Bools, Floats, Ints

#: Kinds of phi: D/2 (least squares), log(D)/2 (likelihood with a variance for each
#: node), sqrt(D) (CoLiDE with a variance for each node).
HALF, LOG, ROOT = 0, 1, 2


@compiled(inline=True)
def phi(kind: int, value: float) -> float:
    """Return the cost of a residual variance."""
    if kind == HALF:
        return 0.5 * value
    if kind == LOG:
        return 0.5 * float(np.log(value))
    return float(np.sqrt(value))


@compiled()
def total_cost(R: Floats, kind: int) -> float:
    """Return the score of the order that R belongs to."""
    total = 0.0
    for k in range(len(R)):
        total += phi(kind, R[k, k] * R[k, k])
    return total


@compiled()
def feasible_ranges(order: Ints, before: Bools) -> tuple[Ints, Ints]:
    """Return the first and last position that each position's node may move to."""
    d = len(order)
    low = np.zeros(d, dtype=np.int64)
    high = np.empty(d, dtype=np.int64)
    for q in range(d):
        high[q] = d - 1
        for k in range(q - 1, -1, -1):
            if before[order[k], order[q]]:
                low[q] = k + 1
                break
        for k in range(q + 1, d):
            if before[order[q], order[k]]:
                high[q] = k - 1
                break
    return low, high


@compiled(reorder_sums=True)
def insertion_gains(R: Floats, V: Floats, kind: int, gains: Floats) -> None:
    """Set ``gains[a, b]`` to the decrease when the node at b moves to a."""
    d = len(R)
    D = np.empty(d)
    current = np.empty(d)
    size = np.empty(d)
    total = np.zeros(d)
    for q in range(d):
        D[q] = size[q] = R[q, q] * R[q, q]
        current[q] = phi(kind, size[q])
        gains[q, q] = 0.0
    for k in range(d - 2, -1, -1):
        for q in range(k + 1, d):
            old = size[q]
            new = old + R[k, q] * R[k, q]
            total[q] += current[k] - phi(kind, D[k] * old / new)
            size[q] = new
            gains[k, q] = total[q] + current[q] - phi(kind, new)
    for p in range(d):
        size[p] = 1.0
        total[p] = 0.0
    for k in range(1, d):
        for p in range(k):
            old = size[p]
            new = old + D[p] * V[k, p] * V[k, p]
            total[p] += current[k] - phi(kind, D[k] * new / old)
            size[p] = new
            gains[k, p] = total[p] + current[p] - phi(kind, D[p] / new)


@compiled(reorder_sums=True)
def swap_gains(R: Floats, V: Floats, kind: int, gains: Floats) -> None:
    """Set ``gains[p, q]``, p < q, to the decrease when the nodes at p, q swap."""
    d = len(R)
    tails = np.zeros((d, d))
    for q in range(d):
        tails[q, q] = R[q, q] * R[q, q]
    for k in range(d - 2, -1, -1):
        for q in range(k + 1, d):
            tails[k, q] = tails[k + 1, q] + R[k, q] * R[k, q]
    carried = np.empty(d)
    total = np.empty(d)
    for p in range(d - 1):
        D_p = R[p, p] * R[p, p]
        phi_p = phi(kind, D_p)
        growth = 1.0
        for q in range(p + 1, d):
            carried[q] = R[p, q]
            total[q] = 0.0
        for k in range(p + 1, d):
            D_k = R[k, k] * R[k, k]
            phi_k = phi(kind, D_k)
            y = -R[p, p] * V[k, p]
            last = growth
            growth += y * y
            gains[p, k] = (
                total[k]
                + phi_p
                + phi_k
                - phi(kind, tails[p, k])
                - phi(kind, D_p / growth)
            )
            ratio = growth / last
            inverse = 1.0 / last
            for q in range(k + 1, d):
                w = carried[q]
                c = R[k, q] + y * w * inverse
                v = tails[k, q] + w * w * inverse
                total[q] += phi_k - phi(kind, D_k * (ratio - c * c / v))
                carried[q] = w - R[k, q] * y


@compiled()
def best_windows(
    insertions: Floats, swaps: Floats, low: Ints, high: Ints, least: float
) -> tuple[Ints, float]:
    """Choose the disjoint windows of greatest total gain, by interval dynamic program.

    Parameters
    ----------
    insertions
        Gains [target, source] of insertions.
    swaps
        Gains [p, q] of swaps, p < q; an empty matrix for none.
    low, high
        First and last position each position's node may move to.
    least
        Gains that do not exceed this are no gains.

    Returns
    -------
    tuple
        Rows (p, q, kind), by position: kind 0 moves the node at q up to p, 1 moves the
        node at p down to q, 2 swaps them; and the total gain.
    """
    d = len(insertions)
    # f[p]: the greatest gain of windows inside p..d-1.
    f = np.zeros(d + 1)
    chosen = np.empty(d, dtype=np.int64)
    kinds = np.zeros(d, dtype=np.int64)
    for p in range(d - 2, -1, -1):
        f[p] = f[p + 1]
        chosen[p] = -1
        for q in range(p + 1, d):
            down_allowed = high[p] >= q
            up_allowed = low[q] <= p
            gain, kind = -np.inf, 0
            if up_allowed:
                gain = insertions[p, q]
            if down_allowed and insertions[q, p] > gain:
                gain, kind = insertions[q, p], 1
            if up_allowed and down_allowed and len(swaps) and swaps[p, q] > gain:
                gain, kind = swaps[p, q], 2
            if gain > least and gain + f[q + 1] > f[p]:
                f[p] = gain + f[q + 1]
                chosen[p], kinds[p] = q, kind
    rows = np.empty((d, 3), dtype=np.int64)
    count, p = 0, 0
    while p < d - 1:
        # The windows from p on are those of the first p' >= p that was chosen.
        if chosen[p] < 0:
            p += 1
            continue
        rows[count, 0], rows[count, 1], rows[count, 2] = p, chosen[p], kinds[p]
        p = chosen[p] + 1
        count += 1
    return rows[:count], f[0]
