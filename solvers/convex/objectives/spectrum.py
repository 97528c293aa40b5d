"""Smallest and largest eigenvalues, and the test of positive semidefiniteness."""

from typing import cast

import numpy as np
from scipy.linalg import LinAlgError, cholesky, eigvalsh
from scipy.sparse import csr_array, eye_array, issparse
from scipy.sparse.linalg import ArpackNoConvergence, eigsh

from boundwise.core.errors import InputError
from boundwise.core.tolerances import OBJ_TOL
from boundwise.solvers.convex.objectives.checks import Floats, Matrix, largest_entry

#: Sparse matrices up to this size are made dense for their eigenvalues.
_DENSE = 1000


def extreme_eigenvalues(Q: Matrix) -> tuple[float, float]:
    """Return a lower bound of the smallest and an upper bound of the largest one.

    A large sparse matrix whose eigenvalues do not converge gets Gershgorin's bounds.
    """
    n = Q.shape[0]
    if issparse(Q) and n > _DENSE:
        try:
            ends = [
                float(eigsh(Q, k=1, which=end, return_eigenvectors=False)[0])
                for end in ("SA", "LA")
            ]
            slack = OBJ_TOL * max(abs(ends[0]), abs(ends[1]))
            return ends[0] - slack, ends[1] + slack
        except ArpackNoConvergence:
            diagonal = Q.diagonal()
            radius = np.asarray(abs(Q).sum(axis=1)) - np.abs(diagonal)
            return float((diagonal - radius).min()), float((diagonal + radius).max())
    values = eigvalsh(dense(Q))
    return float(values[0]), float(values[-1])


def require_positive_semidefinite(name: str, Q: Matrix) -> None:
    """Refuse a symmetric matrix with a negative eigenvalue.

    Eigenvalues down to -1e-9 times the largest entry are rounding errors.

    Raises
    ------
    InputError
        If there is one; the message tells it.
    """
    scale = largest_entry(Q)
    slack = OBJ_TOL * max(scale, np.finfo(float).tiny) * max(1, Q.shape[0]) ** 0.5
    if issparse(Q) and Q.shape[0] > _DENSE:
        smallest, _ = extreme_eigenvalues(Q + slack * eye_array(Q.shape[0]))
        if smallest >= 0.0:
            return
        smallest -= slack
    else:
        shifted = dense(Q).copy()
        shifted.flat[:: len(shifted) + 1] += slack
        try:
            cholesky(shifted, check_finite=False, overwrite_a=True)
        except LinAlgError:
            smallest = float(eigvalsh(dense(Q), subset_by_index=(0, 0))[0])
        else:
            return
    if smallest < -slack:
        raise InputError(
            f"{name} must be positive semidefinite, its smallest eigenvalue is "
            f"{smallest:.6g}: the objective is not convex."
        )


def symmetric(name: str, Q: Matrix) -> Matrix:
    """Return the matrix, exactly symmetric.

    Raises
    ------
    InputError
        If it is not square or differs from its transpose by more than rounding.
    """
    if Q.shape[0] != Q.shape[1]:
        raise InputError(f"{name} must be square, got shape {Q.shape}.")
    if largest_entry(Q - cast("Matrix", Q.T)) > OBJ_TOL * largest_entry(Q):
        raise InputError(f"{name} must be symmetric.")
    half = 0.5 * (Q + Q.T)
    return csr_array(half) if issparse(half) else np.ascontiguousarray(half)


def dense(Q: Matrix) -> Floats:
    """Return the matrix as an array."""
    array: Floats = Q.toarray() if issparse(Q) else Q
    return array
