"""Smooth functions of W∘W that are zero exactly if W has no directed cycle.

    exponential   h(W) = tr exp(W∘W) - d                   (Zheng et al. 2018)
    logdet        h(W) = -log det(s I - W∘W) + d log s     (Bello et al. 2022)

The second is finite only where s I - W∘W is an M-matrix, that is, where its inverse has
no negative entry.
"""

import math

import numpy as np
from numpy.typing import NDArray
from scipy.linalg import expm

Floats = NDArray[np.float64]


def exponential(W: Floats) -> tuple[float, Floats]:
    """Return tr exp(W∘W) - d and its gradient.

    Parameters
    ----------
    W
        Square matrix.

    Examples
    --------
    >>> exponential(np.array([[0.0, 3.0], [0.0, 0.0]]))[0]
    0.0
    """
    E = expm(W * W)
    return float(np.trace(E)) - len(W), 2.0 * W * E.T


def logdet(W: Floats, s: float) -> float:
    """Return -log det(s I - W∘W) + d log s.

    Parameters
    ----------
    W
        Square matrix inside the domain.
    s
        Bound on the spectral radius of W∘W.
    """
    sign, value = np.linalg.slogdet(s * np.eye(len(W)) - W * W)
    return -float(value) + len(W) * math.log(s) if sign > 0 else math.inf


def logdet_inverse(W: Floats, s: float) -> Floats | None:
    """Return (s I - W∘W)^-1, or None outside the domain.

    The gradient of `logdet` is 2 W ∘ (s I - W∘W)^-T.
    """
    try:
        inverse: Floats = np.asarray(
            np.linalg.inv(s * np.eye(len(W)) - W * W), dtype=np.float64
        )
    except np.linalg.LinAlgError:
        return None
    # Rounding leaves tiny negative entries where the inverse is zero.
    return inverse if inverse.min() >= -1e-14 * np.abs(inverse).max() else None
