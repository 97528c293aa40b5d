"""NOTEARS: least squares with an l1 penalty by augmented Lagrangians.

    repeat   minimise  Q(W) + lam |W|_1 + alpha h(W) + (rho / 2) h(W)^2   by L-BFGS-B,
                 rho <- 10 rho until h falls to a quarter;
             alpha <- alpha + rho h
    until    h(W) <= 1e-8,  h(W) = tr exp(W∘W) - d

W is the difference of two non-negative matrices, which makes the penalty smooth.

Zheng, Aragam, Ravikumar, Xing (2018), "DAGs with NO TEARS", arXiv:1803.01422.
"""

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.optimize import Bounds, minimize

from boundwise.core.limits import Deadline
from boundwise.solvers.dag.continuous.acyclicity import exponential
from boundwise.solvers.dag.continuous.common import (
    Watch,
    check_options,
    covariance_of,
    finished,
)
from boundwise.solvers.dag.continuous.losses import least_squares

Floats = NDArray[np.float64]

_RHO_MAX = 1e16
_RHO_FACTOR = 10.0
_PROGRESS = 0.25
_H_TOLERANCE = 1e-8


class _OutOfTimeError(Exception):
    """End an inner minimisation from inside."""


def notears(
    X: ArrayLike,
    lam: float = 0.1,
    *,
    threshold: float = 0.3,
    max_iterations: int = 100,
    time_limit: float | None = None,
    watch: Watch | None = None,
) -> Floats:
    """Minimise least squares with an l1 penalty by NOTEARS.

    Parameters
    ----------
    X
        Rows, shape (n, d); not modified.
    lam
        Strength of the l1 penalty.
    threshold
        Weights of at most this absolute value are dropped at the end.
    max_iterations
        Largest number of multiplier updates.
    time_limit
        Wall-clock seconds, after which the present W is returned.
    watch
        Called with a copy of W after each inner minimisation.

    Returns
    -------
    ndarray of shape (d, d)
        Weights, [i, j] of the edge i -> j.

    Raises
    ------
    InputError
        If an argument or the data are not usable.

    References
    ----------
    Zheng, Aragam, Ravikumar, Xing (2018), "DAGs with NO TEARS: Continuous Optimization
    for Structure Learning", NeurIPS, arXiv:1803.01422.
    """
    deadline = check_options(
        lam=lam,
        threshold=threshold,
        counts={"max_iterations": max_iterations},
        time_limit=time_limit,
    )
    inner = _Inner(covariance_of(X), lam, deadline)
    parts = np.zeros((2, inner.d, inner.d))
    rho, alpha, h = 1.0, 0.0, np.inf
    for _ in range(max_iterations):
        while rho < _RHO_MAX:
            candidate = inner.minimise(parts, rho, alpha)
            h_new, _ = exponential(candidate[0] - candidate[1])
            if watch is not None:
                watch(candidate[0] - candidate[1])
            if h_new <= _PROGRESS * h or deadline.expired():
                break
            rho *= _RHO_FACTOR
        parts, h = candidate, h_new
        alpha += rho * h
        if h <= _H_TOLERANCE or rho >= _RHO_MAX or deadline.expired():
            break
    return finished(parts[0] - parts[1], threshold)


class _Inner:
    """The bound-constrained problem of one pair of multipliers."""

    def __init__(self, S: Floats, lam: float, deadline: Deadline) -> None:
        self._S, self._lam, self._deadline = S, lam, deadline
        self.d = len(S)
        upper = np.full((2, self.d, self.d), np.inf)
        upper[:, np.arange(self.d), np.arange(self.d)] = 0.0
        self._bounds = Bounds(np.zeros(upper.size), upper.ravel())
        self._last: Floats = np.zeros(upper.size)

    def minimise(self, start: Floats, rho: float, alpha: float) -> Floats:
        """Return the two parts of the minimiser, or where time ran out."""
        shape = start.shape

        def augmented(flat: Floats) -> tuple[float, Floats]:
            if self._deadline.expired():
                raise _OutOfTimeError
            self._last = flat
            parts = flat.reshape(shape)
            W = parts[0] - parts[1]
            value, slope = least_squares(self._S, W)
            h, h_slope = exponential(W)
            value += alpha * h + 0.5 * rho * h * h + self._lam * float(parts.sum())
            slope = slope + (alpha + rho * h) * h_slope
            gradient = np.stack([slope + self._lam, self._lam - slope])
            return value, gradient.ravel()

        try:
            solution = minimize(
                augmented,
                start.ravel(),
                jac=True,
                method="L-BFGS-B",
                bounds=self._bounds,
            )
        except _OutOfTimeError:
            return self._last.reshape(shape).copy()
        found: Floats = np.asarray(solution.x).reshape(shape)
        return found
