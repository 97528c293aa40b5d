"""The largest diagonal that a positive semidefinite matrix allows to take out.

    maximise  sum_j w_j d_j   subject to   H - diag(d) positive semidefinite,  d >= 0

A semidefinite program, solved by a barrier method: Newton steps on

    sum_j w_j d_j + t (log det(H - diag(d)) + sum_j log d_j),   t -> 0,

each one Cholesky factorisation. The result is made feasible at the end whatever the
steps did, so that a stopped or failed run only gives a smaller diagonal.

References
----------
Frangioni, Gentile (2007), SDP diagonalizations and perspective cuts for a class of
nonseparable MIQP, doi:10.1016/j.orl.2006.03.008.
"""

import numpy as np
from scipy.linalg import LinAlgError, cho_factor, cho_solve, cholesky, eigvalsh

from boundwise.core.errors import InputError
from boundwise.core.tolerances import OBJ_TOL
from boundwise.solvers.convex.objectives.checks import Floats

_NEWTON_STEPS = 60
#: Factor by which the barrier shrinks, and its last value relative to the weights.
_SHRINK = 0.2
_LAST = 1e-5


def largest_diagonal(H: Floats, weights: Floats) -> Floats:
    """Return a large diagonal d >= 0 with H - diag(d) positive semidefinite.

    Parameters
    ----------
    H
        Symmetric positive semidefinite matrix, shape (n, n).
    weights
        What a unit of each d_j is worth, not negative; d_j = 0 where it is 0.

    Returns
    -------
    array
        The diagonal, at least the smallest eigenvalue wherever it is worth anything.

    Raises
    ------
    InputError
        If the shapes do not match or a weight is negative.

    Examples
    --------
    >>> largest_diagonal(np.diag([1.0, 4.0]), np.ones(2)).round(3)
    array([1., 4.])
    """
    n = len(weights)
    if H.shape != (n, n) or (weights < 0.0).any():
        raise InputError(
            f"H must have shape {(n, n)} and weights must not be negative, got shape "
            f"{H.shape}."
        )
    wanted = np.flatnonzero(weights > 0.0)
    d = np.zeros(n)
    if not len(wanted):
        return d
    spectrum = eigvalsh(H)
    floor = max(0.0, float(spectrum[0]) - OBJ_TOL * float(spectrum[-1]))
    d[wanted] = floor
    scale = float(spectrum[-1])
    if scale <= 0.0:
        return d
    # On the kernel of H the diagonal must vanish; a matrix a little above H has none.
    raised = (H + (1e-7 * scale - min(0.0, float(spectrum[0]))) * np.eye(n)) / scale
    improved = np.zeros(n)
    improved[wanted] = scale * _barrier(raised, weights[wanted], wanted)
    improved = _feasible(H, improved, floor)
    return improved if weights @ improved > weights @ d else d


def _barrier(H: Floats, weights: Floats, wanted: np.ndarray) -> Floats:
    """Maximise over the wanted entries, from a point well inside."""
    n = len(H)
    d = np.full(len(wanted), 0.5 * float(eigvalsh(H, subset_by_index=(0, 0))[0]))
    w = weights / weights.max()
    barrier = float(d.max())
    for _ in range(_NEWTON_STEPS):
        S = H.copy()
        S[wanted, wanted] -= d
        try:
            inverse = cho_solve(cho_factor(S, lower=True), np.eye(n))
        except LinAlgError:
            break
        part = inverse[np.ix_(wanted, wanted)]
        slope = w - barrier * np.diag(part) + barrier / d
        bend = barrier * (part * part)
        bend.flat[:: len(d) + 1] += barrier / (d * d)
        try:
            step = cho_solve(cho_factor(bend, lower=True), slope)
        except LinAlgError:
            break
        decrement = float(slope @ step) / barrier
        length = _longest_step(S, wanted, d, step)
        d = d + min(1.0, 0.95 * length) * step
        if decrement < 0.1:
            if barrier <= _LAST * float(d.max()):
                break
            barrier *= _SHRINK
    return d


def _longest_step(S: Floats, wanted: np.ndarray, d: Floats, step: Floats) -> float:
    """Return (a lower bound of) the step that leaves d > 0 and S - diag(step) > 0."""
    shrinking = step < 0.0
    length = float((-d[shrinking] / step[shrinking]).min(initial=np.inf))
    length = min(1.0 / 0.95, length)
    for _ in range(30):
        moved = S.copy()
        moved[wanted, wanted] -= length * step
        try:
            cholesky(moved, lower=True, overwrite_a=True, check_finite=False)
        except LinAlgError:
            length *= 0.7
        else:
            return length
    return 0.0


def _feasible(H: Floats, d: Floats, floor: float) -> Floats:
    """Scale d down until H - diag(d) is positive semidefinite beyond rounding."""
    d = np.maximum(d, 0.0)
    lowest = float(eigvalsh(H - np.diag(d), subset_by_index=(0, 0))[0])
    if lowest >= 0.0:
        return d
    # H - s diag(d) = (1 - s) H + s (H - diag(d)) >= (1 - s) floor + s lowest.
    return np.asarray(d * (floor / (floor - lowest)))
