"""Convex quadratics over the simplex, solved directly.

    minimise  1/2 w'Gw + c'w   subject to  w >= 0, sum w = 1

An active-set method in the manner of Wolfe: the minimiser over the affine hull of the
support, by a Cholesky factor of G + s 11' that grows and shrinks with it; where that
leaves the simplex, the step stops at the boundary and drops what became zero; where it
does not, the weight with the most negative reduced cost joins. Finite, since the
objective decreases and no support comes back.

References
----------
Wolfe (1976), Finding the nearest point in a polytope, doi:10.1007/BF01580381.
"""

import math

import numpy as np

from boundwise.heuristics.compiled import compiled
from boundwise.heuristics.frank_wolfe.protocols import Floats, Indices

#: Added to the diagonal, relative to its largest entry: affinely dependent atoms have
#: a singular G, and any of their weights will do.
_RIDGE = 1e-13
#: Reduced costs above minus this, relative to the entries, are rounding noise.
_COST_TOL = 1e-13


@compiled()
def _append(
    factor: Floats, G: Floats, shift: float, ridge: float, rows: Indices, size: int
) -> None:
    """Extend the factor by the row ``rows[size]``."""
    new = rows[size]
    total = 0.0
    for r in range(size):
        entry = G[new, rows[r]] + shift
        for q in range(r):
            entry -= factor[r, q] * factor[size, q]
        entry /= factor[r, r]
        factor[size, r] = entry
        total += entry * entry
    factor[size, size] = math.sqrt(max(G[new, new] + shift + ridge - total, ridge))


@compiled()
def _remove(factor: Floats, rows: Indices, size: int, place: int) -> None:
    """Take one row out of the factor and make it triangular again by rotations."""
    for r in range(place, size - 1):
        rows[r] = rows[r + 1]
        for q in range(r + 2):
            factor[r, q] = factor[r + 1, q]
    for q in range(place, size - 1):
        first, second = factor[q, q], factor[q, q + 1]
        length = math.hypot(first, second)
        cosine, sine = first / length, second / length
        for r in range(q, size - 1):
            one, two = factor[r, q], factor[r, q + 1]
            factor[r, q] = cosine * one + sine * two
            factor[r, q + 1] = cosine * two - sine * one


@compiled()
def _affine_minimiser(
    factor: Floats, c: Floats, rows: Indices, size: int, out: Floats, ones: Floats
) -> None:
    """Write the minimiser over the affine hull of the support into ``out``."""
    for r in range(size):
        left, right = -c[rows[r]], 1.0
        for q in range(r):
            left -= factor[r, q] * out[q]
            right -= factor[r, q] * ones[q]
        out[r] = left / factor[r, r]
        ones[r] = right / factor[r, r]
    # With B = G + s 11' = LL': w = -B^-1 c + m B^-1 1, and m makes the sum one.
    norm = cross = 0.0
    for r in range(size):
        norm += ones[r] * ones[r]
        cross += ones[r] * out[r]
    multiplier = (1.0 - cross) / norm
    for r in range(size):
        out[r] += multiplier * ones[r]
    for r in range(size - 1, -1, -1):
        out[r] /= factor[r, r]
        for q in range(r):
            out[q] -= factor[r, q] * out[r]


@compiled()
def minimize_over_simplex(G: Floats, c: Floats, start: Floats) -> Floats:
    """Return the minimiser over the simplex.

    Parameters
    ----------
    G
        Symmetric positive semidefinite matrix, shape (k, k).
    c
        Linear part, shape (k,).
    start
        Weights to start from, in the simplex.

    Returns
    -------
    array
        Weights: exact zeros outside the support, their sum one up to rounding.
    """
    count = c.shape[0]
    # Where G vanishes, c alone must not overflow the weights of the affine hull.
    shift = 1e-200
    for i in range(count):
        shift = max(shift, G[i, i], 1e-12 * abs(c[i]))
    ridge = _RIDGE * shift
    weights = start.copy()
    rows = np.empty(count, dtype=np.intp)
    factor = np.zeros((count, count))
    affine, ones, costs = np.empty(count), np.empty(count), np.empty(count)
    inside = np.zeros(count, dtype=np.bool_)
    size = 0
    for i in range(count):
        if weights[i] > 0.0:
            rows[size] = i
            inside[i] = True
            _append(factor, G, shift, ridge, rows, size)
            size += 1
    for _ in range(50 + 20 * count):
        _affine_minimiser(factor, c, rows, size, affine, ones)
        step = 1.0
        for r in range(size):
            weight = weights[rows[r]]
            if affine[r] <= 0.0:
                step = min(step, weight / (weight - affine[r]))
        for r in range(size):
            i = rows[r]
            weights[i] += step * (affine[r] - weights[i])
        if step < 1.0:
            least = -1
            for r in range(size - 1, -1, -1):
                i = rows[r]
                if affine[r] <= 0.0 and weights[i] <= 1e-15 and size > 1:
                    weights[i] = 0.0
                    inside[i] = False
                    _remove(factor, rows, size, r)
                    size -= 1
                    # Positions after r moved: the affine weights must move along.
                    for q in range(r, size):
                        affine[q] = affine[q + 1]
                    least = r
            if least >= 0:
                continue
        scale = 0.0
        level = 0.0
        for i in range(count):
            cost = c[i]
            for r in range(size):
                cost += G[i, rows[r]] * weights[rows[r]]
            costs[i] = cost
            level += weights[i] * cost
            scale = max(scale, abs(c[i]), abs(cost))
        entering = -1
        lowest = level - _COST_TOL * max(scale, shift)
        for i in range(count):
            if not inside[i] and costs[i] < lowest:
                lowest, entering = costs[i], i
        if entering < 0:
            break
        rows[size] = entering
        inside[entering] = True
        _append(factor, G, shift, ridge, rows, size)
        size += 1
    total = 0.0
    for i in range(count):
        weights[i] = max(weights[i], 0.0)
        total += weights[i]
    for i in range(count):
        weights[i] /= total
    return weights
