"""Gradients of acyclicity functions at a graph that is acyclic already.

With A = |W|, the derivative of h towards the edge i -> j is a total weight of directed
walks from j to i, those that the edge would close to cycles:

    logdet       h = -log det(I - A)           (I - A)^-T
    polynomial   h = tr (I + A/d)^d - d        (I + A/d)^(d-1) transposed
    exponential  h = tr e^A - d                e^A transposed

It is 0 exactly if the edge closes no cycle. Walk weights of dense graphs grow
exponentially with d; they are capped, which keeps the order of all smaller ones.
"""

import numpy as np

from boundwise.core.errors import InputError
from boundwise.solvers.dag.moments import Floats

NAMES = ("logdet", "polynomial", "exponential")
#: Cap of walk weights: a product of two, summed, must not overflow.
_CAP = 1e140
#: Terms of the exponential series at arguments of norm at most 1/2.
_TERMS = 18


def walk_weights(A: Floats, name: str) -> Floats:
    """Return total walk weights from row to column.

    Parameters
    ----------
    A
        Non-negative, strictly upper triangular (nodes in a topological order).
    name
        Acyclicity function, one of `NAMES`.

    Returns
    -------
    ndarray
        Upper triangular; the transpose of the gradient of h, capped at 1e140.
    """
    if name not in NAMES:
        raise InputError(f"h must be one of {NAMES}, got {name!r}.")
    d = len(A)
    A = np.minimum(A, _CAP)
    if name == "logdet":
        total = np.eye(d)
        for j in range(1, d):
            total[:j, j] = np.minimum(total[:j, :j] @ A[:j, j], _CAP)
        return total
    if name == "polynomial":
        return _power(np.eye(d) + A / d, d - 1)
    return _exponential(A)


def _product(left: Floats, right: Floats) -> Floats:
    return np.minimum(left @ right, _CAP)


def _power(base: Floats, exponent: int) -> Floats:
    result = np.eye(len(base))
    while exponent:
        if exponent & 1:
            result = _product(result, base)
        base = _product(base, base)
        exponent >>= 1
    return result


def _exponential(A: Floats) -> Floats:
    """Sum the series at A / 2^s and square s times."""
    norm = max(float(A.sum(axis=0).max(initial=0.0)), 0.5)
    squarings = int(np.ceil(np.log2(norm))) + 1
    scaled = A / 2.0**squarings
    result = np.eye(len(A))
    for k in range(_TERMS, 0, -1):
        result = np.eye(len(A)) + scaled @ result / k
    for _ in range(squarings):
        result = _product(result, result)
    return result
