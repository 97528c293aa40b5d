"""The Cholesky walk: one degree of OAVI on Gram blocks.

With the exact oracle, OAVI is the Cholesky factorisation of the Gram matrix of the
monomials in term order that skips every column whose squared pivot S_jj is at most
psi*m. With L the factor for O so far, P = O^T B and D = B^T B,

    W = L^-1 P,   S = D - W^T W,   loss_j = S_jj / m,   c_j = -L^-T R_j,

where the rows of R are those of W and, for each border term accepted on the way, its
row of the factor.
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy.linalg.blas import dgemm, dtrsm

from boundwise.heuristics.compiled import compiled
from boundwise.solvers.vanishing.terms import Ints

Floats = npt.NDArray[np.float64]

#: A pivot below this fraction of the term's own square sum is rounding noise.
PIVOT_TOL = 1e-13

#: What the walk made of a border term.
GENERATOR, ACCEPTED, REFUSED = 0, 1, 2


@compiled()
def take_border(
    S: Floats,
    active: Ints,
    residual: Floats,
    floor: Floats,
    threshold: float,
    forced: npt.NDArray[np.bool_],
    E: Floats,
    verdict: npt.NDArray[np.int8],
) -> int:
    """Take the active terms in order; return how many joined O.

    ``residual`` holds the S_jj and is updated; ``E`` receives one row of the factor
    for each term that joins.
    """
    width = residual.shape[0]
    joined = 0
    for row in range(active.shape[0]):
        j = active[row]
        pivot = residual[j]
        if pivot <= threshold and not forced[j]:
            continue
        if pivot <= floor[j]:
            verdict[j] = REFUSED
            continue
        verdict[j] = ACCEPTED
        for column in range(j, width):
            E[joined, column] = S[row, column]
        for r in range(joined):
            weight = E[r, j]
            for column in range(j, width):
                E[joined, column] -= weight * E[r, column]
        root = np.sqrt(pivot)
        E[joined, j] = root
        for column in range(j + 1, width):
            E[joined, column] /= root
            residual[column] -= E[joined, column] * E[joined, column]
        joined += 1
    return joined


@dataclass(frozen=True, slots=True)
class Walked:
    """Hold what one degree decided.

    Parameters
    ----------
    joined
        Border terms that joined O.
    leading
        Border terms that lead a generator.
    refused
        Border terms that did neither: no residual, yet not allowed to vanish.
    coefficients
        One column for each generator, over O including ``joined``.
    losses
        Mean squared error of each generator.
    factor
        Cholesky factor of the Gram matrix of O including ``joined``.
    """

    joined: Ints
    leading: Ints
    refused: Ints
    coefficients: Floats
    losses: Floats
    factor: Floats


def projected(factor: Floats, cross: Floats) -> Floats:
    """Return W = L^-1 P."""
    W: Floats = dtrsm(1.0, factor, cross, lower=1)
    return W


def residuals(W: Floats, squares: Floats) -> Floats:
    """Return S_jj, the squared distance of each border term to the span of O."""
    left: Floats = squares - np.einsum("ij,ij->j", W, W)
    return left


def walk(
    factor: Floats,
    W: Floats,
    squares: Floats,
    active: Ints,
    rows: Floats,
    *,
    psi: float,
    n_rows: int,
    forced: Ints,
) -> Walked:
    """Walk the border of one degree in term order.

    Parameters
    ----------
    factor
        Cholesky factor L of O, lower triangular.
    W
        L^-1 O^T B.
    squares
        Diagonal of B^T B.
    active
        Terms that may join O: all with S_jj > psi*m, and the forced ones; ascending.
    rows
        Their rows of B^T B.
    psi
        Largest mean squared error that vanishes.
    n_rows
        Number of data rows m.
    forced
        Terms that must not lead a generator, whatever their error.

    Returns
    -------
    Walked
        The decisions and the extended factor.
    """
    size, width = W.shape
    residual = residuals(W, squares)
    verdict = np.zeros(width, dtype=np.int8)
    E = np.zeros((len(active), width))
    joined_count = 0
    if len(active):
        S = np.ascontiguousarray(rows - dgemm(1.0, W[:, active], W, trans_a=True))
        must = np.zeros(width, dtype=np.bool_)
        must[forced] = True
        joined_count = take_border(
            S, active, residual, PIVOT_TOL * squares, psi * n_rows, must, E, verdict
        )
    joined = np.flatnonzero(verdict == ACCEPTED)
    leading = np.flatnonzero(verdict == GENERATOR)
    E = E[:joined_count]
    if joined_count:
        grown = np.zeros((size + joined_count, size + joined_count), order="F")
        grown[:size, :size] = factor
        grown[size:, :size] = W[:, joined].T
        grown[size:, size:] = np.tril(E[:, joined].T)
        factor = grown
    R = np.empty((size + joined_count, len(leading)), order="F")
    R[:size] = W[:, leading]
    R[size:] = E[:, leading]
    # An E entry left of its own pivot is zero, so no generator uses a later term.
    coefficients: Floats = dtrsm(-1.0, factor, R, lower=1, trans_a=1, overwrite_b=1)
    losses = np.maximum(residual[leading], 0.0) / n_rows
    return Walked(
        joined,
        leading,
        np.flatnonzero(verdict == REFUSED),
        coefficients,
        losses,
        factor,
    )
