"""Lasso of one node on its predecessors, exact, from the covariance alone.

    min_w  1/2 w'S w - S_u'w + sum_v pen_v |w_v|,   w_v = 0 where v is not allowed.

Active set with signs: solve the linear system of the active coefficients; if one would
change sign, stop there and drop it; when the signs hold, activate the coefficient that
violates optimality most. The objective falls at every step, so it ends, and it starts
well from the answer of a neighbouring problem. Coordinate descent stalls on these data,
whose condition numbers exceed 1e7.

Lee, Battle, Raina, Ng (2006), "Efficient sparse coding algorithms", NIPS.
"""

import numpy as np

from boundwise.heuristics.compiled import compiled
from boundwise.solvers.dag.moments import Bools, Floats, Ints

#: Pivot, relative to the variance, below which a column depends on the active ones.
_DEPENDENT = 1e-11
#: Violation of optimality, relative to the scale of the gradient, that is rounding.
_OPTIMAL = 1e-13


@compiled()
def _append(S: Floats, active: Ints, k: int, L: Floats) -> float:
    """Fill row k of the Cholesky factor of the active block; return the pivot."""
    v = active[k]
    pivot: float = S[v, v]
    for i in range(k):
        value = S[v, active[i]]
        for t in range(i):
            value -= L[k, t] * L[i, t]
        value /= L[i, i]
        L[k, i] = value
        pivot -= value * value
    if pivot > _DEPENDENT * S[v, v]:
        L[k, k] = np.sqrt(pivot)
    else:
        pivot = 0.0
    return pivot


@compiled(inline=True)
def _drop(S: Floats, active: Ints, theta: Floats, k: int, i: int, L: Floats) -> int:
    """Remove entry i of the active list; return the new number."""
    for t in range(i, k - 1):
        active[t] = active[t + 1]
        theta[t] = theta[t + 1]
        _append(S, active, t, L)
    return k - 1


@compiled()
def _solve(L: Floats, k: int, x: Floats) -> None:
    """Solve LL'x = b in place for the leading k rows."""
    for i in range(k):
        value = x[i]
        for t in range(i):
            value -= L[i, t] * x[t]
        x[i] = value / L[i, i]
    for i in range(k - 1, -1, -1):
        x[i] /= L[i, i]
        for t in range(i):
            x[t] -= L[i, t] * x[i]


@compiled(reorder_sums=True)
def gradient(S: Floats, u: int, w: Floats, g: Floats) -> None:
    """Set g to S w - S_u."""
    d = len(S)
    for v in range(d):
        g[v] = -S[u, v]
    for a in range(d):
        if w[a] != 0.0:
            value = w[a]
            for v in range(d):
                g[v] += value * S[a, v]


@compiled(reorder_sums=True)
def residual_variance(S: Floats, u: int, w: Floats, g: Floats) -> float:
    """Return the variance of what w leaves of node u, given its gradient."""
    value: float = S[u, u]
    for v in range(len(S)):
        value += w[v] * (g[v] - S[u, v])
    return max(value, 0.0)


@compiled(inline=True)
def _settle(
    S: Floats, u: int, pen: Floats, w: Floats, work: Floats, active: Ints, k: int
) -> int:
    """Reach the minimum over the active coefficients, dropping those that vanish."""
    L, theta, x = work, work[len(S)], work[len(S) + 1]
    settled = False
    while k and not settled:
        for i in range(k):
            x[i] = S[u, active[i]] - pen[active[i]] * theta[i]
        _solve(L, k, x)
        step, leaving = 1.0, -1
        for i in range(k):
            a = active[i]
            if pen[a] > 0.0 and x[i] * theta[i] <= 0.0:
                length = w[a] / (w[a] - x[i]) if w[a] != x[i] else 0.0
                if length < step or leaving < 0:
                    step, leaving = length, i
        for i in range(k):
            w[active[i]] += step * (x[i] - w[active[i]])
        settled = leaving < 0
        if settled:
            for i in range(k):
                w[active[i]] = x[i]
        else:
            w[active[leaving]] = 0.0
            k = _drop(S, active, theta, k, leaving, L)
    return k


@compiled(inline=True)
def _leave_dependence(
    S: Floats, u: int, w: Floats, work: Floats, active: Ints, k: int
) -> int:
    """Move along the combination that makes entry k dependent until one vanishes.

    The fit does not change on the way and the penalty falls. Returns the number of
    active entries with entry k among them, or -1 if none vanishes (rounding).
    """
    L, theta, x = work, work[len(S)], work[len(S) + 1]
    v, sign = active[k], theta[k]
    for i in range(k):
        x[i] = S[v, active[i]]
    _solve(L, k, x)
    step, leaving = np.inf, -1
    for i in range(k):
        change = -sign * x[i]
        if change * theta[i] < 0.0 and abs(w[active[i]]) < step * abs(change):
            step, leaving = abs(w[active[i]]) / abs(change), i
    grown = -1
    if leaving >= 0:
        for i in range(k):
            w[active[i]] -= step * sign * x[i]
        w[v] = step * sign
        w[active[leaving]] = 0.0
        k = _drop(S, active, theta, k, leaving, L)
        active[k], theta[k] = v, sign
        if _append(S, active, k, L) > 0.0:
            grown = k + 1
    return grown


@compiled()
def _activate(
    S: Floats,
    allowed: Bools,
    pen: Floats,
    w: Floats,
    active: Ints,
    theta: Floats,
    L: Floats,
) -> int:
    """List and factor the coefficients that are not 0 or not penalised."""
    k = 0
    for v in range(len(w)):
        if allowed[v] and (w[v] != 0.0 or pen[v] == 0.0):
            active[k], theta[k] = v, np.sign(w[v])
            if _append(S, active, k, L) > 0.0:
                k += 1
            else:
                w[v] = 0.0
    return k


@compiled()
def lasso(
    S: Floats,
    u: int,
    allowed: Bools,
    pen: Floats,
    w: Floats,
    g: Floats,
    work: Floats,
    active: Ints,
) -> float:
    """Solve the lasso of node u in place, starting from w.

    Parameters
    ----------
    S
        Covariance.
    u
        The node.
    allowed
        Which nodes may have a coefficient; never u.
    pen
        Penalty of each coefficient; 0 for none.
    w
        Coefficients, start and answer.
    g
        Receives the gradient S w - S_u.
    work, active
        Room for d + 2 rows of d numbers, and for d integers.

    Returns
    -------
    float
        The residual variance (not halved, without the penalty).
    """
    d = len(S)
    L, theta = work, work[d]
    largest, widest = 0.0, 0.0
    for v in range(d):
        largest = max(largest, abs(S[u, v]))
        widest = max(widest, S[v, v])
        if not allowed[v]:
            w[v] = 0.0
    k = _activate(S, allowed, pen, w, active, theta, L)
    tolerance = _OPTIMAL * max(largest, np.sqrt(S[u, u] * widest))
    blocked, previous = -1, -1
    for _ in range(100 * d + 100):
        k = _settle(S, u, pen, w, work, active, k)
        gradient(S, u, w, g)
        if previous >= 0 and w[previous] == 0.0:
            blocked = previous  # it entered and left at once: rounding
        entering, worst = -1, tolerance
        for v in range(d):
            if allowed[v] and w[v] == 0.0 and v != blocked:
                violation = abs(g[v]) - pen[v]
                if violation > worst and pen[v] > 0.0:
                    entering, worst = v, violation
        if entering < 0:
            break
        active[k], theta[k] = entering, -np.sign(g[entering])
        previous = entering
        if _append(S, active, k, L) > 0.0:
            k += 1
        else:
            grown = _leave_dependence(S, u, w, work, active, k)
            if grown < 0:
                # Rounding: leave the coefficient out, rebuild what is active.
                blocked, previous = entering, -1
                w[entering] = 0.0
                k = _activate(S, allowed, pen, w, active, theta, L)
            else:
                k = grown
                previous = -1
    return residual_variance(S, u, w, g)
