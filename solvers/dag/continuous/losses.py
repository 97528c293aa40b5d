"""Scores of a weight matrix from the covariance S, with their gradients.

With r_j = [(I - W)' S (I - W)]_jj, the residual variance of node j:

    least squares   sum_j r_j / 2
    CoLiDE-EV       sum_j r_j / (2 s) + d s / 2,     s = sqrt(sum_j r_j / d)
    CoLiDE-NV       sum_j (r_j / s_j + s_j) / 2,     s_j = sqrt(r_j)
    GOLEM-EV        (d / 2) log sum_j r_j - log |det(I - W)|
    GOLEM-NV        (1 / 2) sum_j log r_j - log |det(I - W)|

The scales s are those that minimise the score at the present W. Saboksayr, Mateos,
Tepper (2024), arXiv:2310.02895; Ng, Ghassami, Zhang (2020), arXiv:2006.10201.
"""

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
#: Maps (S, W) to the value and the gradient in W.
Loss = Callable[[Floats, Floats], tuple[float, Floats]]

#: Residual variances below this share of the mean variance count as this share.
_FLOOR = 1e-12


def least_squares(S: Floats, W: Floats) -> tuple[float, Floats]:
    """Return half the sum of residual variances, and its gradient."""
    residual, r = _residuals(S, W)
    return 0.5 * float(r.sum()), -residual


def colide_ev(S: Floats, W: Floats) -> tuple[float, Floats]:
    """Return the concomitant score for one noise scale, and its gradient."""
    residual, r = _residuals(S, W)
    scale = float(np.sqrt(_floored(r, S).mean()))
    value = float(r.sum()) / (2.0 * scale) + len(W) * scale / 2.0
    return value, -residual / scale


def colide_nv(S: Floats, W: Floats) -> tuple[float, Floats]:
    """Return the concomitant score for a noise scale per node, and its gradient."""
    residual, r = _residuals(S, W)
    scales = np.sqrt(_floored(r, S))
    return 0.5 * float((r / scales + scales).sum()), -residual / scales


def golem_ev(S: Floats, W: Floats) -> tuple[float, Floats]:
    """Return the Gaussian likelihood for equal variances, and its gradient."""
    residual, r = _residuals(S, W)
    total = float(_floored(r, S).sum())
    volume, slope = _volume(W)
    d = len(W)
    return 0.5 * d * float(np.log(total)) - volume, -d * residual / total - slope


def golem_nv(S: Floats, W: Floats) -> tuple[float, Floats]:
    """Return the Gaussian likelihood for free variances, and its gradient."""
    residual, r = _residuals(S, W)
    r = _floored(r, S)
    volume, slope = _volume(W)
    return 0.5 * float(np.log(r).sum()) - volume, -residual / r - slope


def _residuals(S: Floats, W: Floats) -> tuple[Floats, Floats]:
    """Return S (I - W) and the residual variances."""
    B = np.eye(len(W)) - W
    residual = S @ B
    r: Floats = np.einsum("ij,ij->j", B, residual)
    return residual, r


def _floored(r: Floats, S: Floats) -> Floats:
    floored: Floats = np.maximum(r, _FLOOR * max(float(np.trace(S)) / len(S), 1e-300))
    return floored


def _volume(W: Floats) -> tuple[float, Floats]:
    """Return log |det(I - W)| and its gradient."""
    B = np.eye(len(W)) - W
    _, value = np.linalg.slogdet(B)
    slope: Floats = -np.asarray(np.linalg.inv(B).T, dtype=np.float64)
    return float(value), slope
