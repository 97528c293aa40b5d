"""Logistic node model for binary data: an l1-penalised regression for each node.

    cost(j, A) = min_{w, b}  1/n sum_r [ log(1 + exp(m_r)) - x_rj m_r ] + lam |w|_1,
                 m_r = b + sum_{i in A} w_i x_ri

Loss and penalty are scaled alike: ``lam`` means the same in the fit and in the score.
Proximal Newton: each step solves the lasso of the quadratic model exactly, then
backtracks (Lee, Sun, Saunders 2014, doi:10.1137/130921428). The order search with
logistic scores is that of Deng, Bello, Aragam, Ravikumar (2023), arXiv:2305.17277.
"""

import math
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from boundwise.core.errors import InputError
from boundwise.solvers.dag.lasso import lasso
from boundwise.solvers.dag.moments import Floats, Moments

Ints = npt.NDArray[np.int64]

_STEPS = 100
#: Norm of the smallest subgradient at which a fit has converged.
_OPTIMAL = 1e-11
#: Share of the predicted decrease that a step must reach (Armijo).
_SUFFICIENT = 1e-4
#: Relative descents below this drown in the rounding of the loss.
_UNSEEN = 1e-13
#: Curvature added where the quadratic model is flat.
_RIDGE = 1e-12


@dataclass(frozen=True, slots=True)
class LogisticScore:
    """Score nodes by logistic regression on their predecessors.

    Parameters
    ----------
    intercept
        Whether each regression has a constant term, which is not penalised. The
        published method has none.
    """

    intercept: bool = True

    def bind(self, moments: Moments, lam: float) -> "LogisticCosts":
        """Return the node costs on data of zeros and ones.

        Parameters
        ----------
        moments
            Moments that hold the data.
        lam
            Strength of the l1 penalty; positive, since otherwise separable data
            have no best weights.

        Raises
        ------
        InputError
            If the data are unknown or not 0/1, a column is constant, or ``lam`` is
            not positive.
        """
        if moments.data is None:
            raise InputError("score='logistic' needs the data X, not a covariance.")
        if not np.isin(moments.data, (0.0, 1.0)).all():
            raise InputError("score='logistic' needs data X of zeros and ones only.")
        if not 0 < lam < math.inf:
            raise InputError(f"score='logistic' needs lam > 0, got {lam!r}.")
        moments.require_varying("a logistic model of it has no finite weights.")
        return LogisticCosts(moments.data, lam, self.intercept)


class LogisticCosts:
    """Fit nodes of one data set.

    Parameters
    ----------
    X
        Zeros and ones, shape (n, d).
    lam
        Strength of the l1 penalty.
    intercept
        Whether each regression has a constant term.
    """

    def __init__(self, X: Floats, lam: float, intercept: bool) -> None:
        self._X, self._lam, self._intercept = X, lam, intercept

    def cost(self, node: int, predecessors: Ints) -> tuple[float, Floats]:
        """Return the penalised loss of a node and its weights.

        Parameters
        ----------
        node
            The node.
        predecessors
            Nodes that may be its parents.
        """
        value, weights, _ = self.fit(node, predecessors)
        return value, weights

    def fit(self, node: int, predecessors: Ints) -> tuple[float, Floats, float]:
        """Return the penalised loss, the weights and the constant term.

        Parameters
        ----------
        node
            The node.
        predecessors
            Nodes that may be its parents.
        """
        p = len(predecessors)
        A = self._X[:, predecessors]
        penalty = np.full(p, self._lam)
        if self._intercept:
            A = np.column_stack([A, np.ones(len(A))])
            penalty = np.append(penalty, 0.0)
        w = penalised_logistic(A, self._X[:, node], penalty)
        value = _penalised_loss(A, self._X[:, node], w, penalty)
        return value, w[:p], float(w[p]) if self._intercept else 0.0


def penalised_logistic(A: Floats, y: Floats, penalty: Floats) -> Floats:
    """Minimise the mean logistic loss plus sum_i penalty_i |w_i|.

    Parameters
    ----------
    A
        Features, shape (n, p).
    y
        Zeros and ones.
    penalty
        Non-negative; a feature without one must not separate the classes.

    Returns
    -------
    ndarray of shape (p,)
        The weights; `smallest_subgradient` of them is below 1e-9.
    """
    w = np.zeros(A.shape[1])
    value = _loss(A, y, w)
    for _ in range(_STEPS):
        gradient, H = _derivatives(A, y, w)
        if np.abs(smallest_subgradient(gradient, w, penalty)).max(initial=0) < _OPTIMAL:
            break
        target = _minimise_model(H, gradient, w, penalty)
        step = target - w
        slope = float(gradient @ step + penalty @ np.abs(target) - penalty @ np.abs(w))
        if -slope <= _UNSEEN * max(1.0, abs(value)):
            # Rounding hides such a descent, while Newton steps still converge.
            if not _is_nearer(A, y, target, w, penalty):
                break
            w, value = target, _penalised_loss(A, y, target, penalty)
            continue
        length = 1.0
        while length > 1e-10:
            trial = w + length * step
            reached = _penalised_loss(A, y, trial, penalty)
            if reached <= value + _SUFFICIENT * length * slope:
                break
            length /= 2.0
        else:
            # Rounding: no step is seen to descend.
            if not _is_nearer(A, y, target, w, penalty):
                break
            trial, reached = target, _penalised_loss(A, y, target, penalty)
        w, value = trial, reached
    return w


def _is_nearer(A: Floats, y: Floats, new: Floats, old: Floats, penalty: Floats) -> bool:
    """Tell whether the optimality conditions are violated less at ``new``."""
    violations = [
        float(
            np.abs(smallest_subgradient(_derivatives(A, y, w)[0], w, penalty)).max(
                initial=0.0
            )
        )
        for w in (new, old)
    ]
    return violations[0] < violations[1]


def smallest_subgradient(gradient: Floats, w: Floats, penalty: Floats) -> Floats:
    """Return the subgradient of least norm, zero exactly at a minimum.

    Parameters
    ----------
    gradient
        Gradient of the smooth part at w.
    w
        Weights.
    penalty
        Weight of each absolute value.

    Examples
    --------
    >>> one = np.ones(2)
    >>> smallest_subgradient(np.array([0.4, -3.0]), np.zeros(2), one).tolist()
    [0.0, -2.0]
    """
    beyond = np.sign(gradient) * np.maximum(np.abs(gradient) - penalty, 0.0)
    result: Floats = np.where(w != 0.0, gradient + penalty * np.sign(w), beyond)
    return result


def _loss(A: Floats, y: Floats, w: Floats) -> float:
    margin = A @ w
    return float(np.mean(np.logaddexp(0.0, margin) - y * margin))


def _penalised_loss(A: Floats, y: Floats, w: Floats, penalty: Floats) -> float:
    return _loss(A, y, w) + float(penalty @ np.abs(w))


def _derivatives(A: Floats, y: Floats, w: Floats) -> tuple[Floats, Floats]:
    probability = 0.5 * (1.0 + np.tanh(0.5 * (A @ w)))
    gradient: Floats = A.T @ (probability - y) / len(y)
    curvature = probability * (1.0 - probability)
    H: Floats = (A * curvature[:, None]).T @ A / len(y)
    return gradient, H


def _minimise_model(H: Floats, gradient: Floats, w: Floats, penalty: Floats) -> Floats:
    """Minimise the quadratic model at w plus the penalty: a lasso on the Gram H."""
    p = len(w)
    if not p:
        return w
    # The lasso of the last node of an extended covariance is the problem wanted.
    S = np.zeros((p + 1, p + 1))
    S[:p, :p] = H + _RIDGE * np.eye(p)
    S[p, :p] = S[:p, p] = S[:p, :p] @ w - gradient
    S[p, p] = 1.0
    start, slope = np.append(w, 0.0), np.empty(p + 1)
    allowed = np.arange(p + 1) < p
    room, active = np.empty((p + 3, p + 1)), np.empty(p + 1, dtype=np.int64)
    lasso(S, p, allowed, np.append(penalty, 1.0), start, slope, room, active)
    return start[:p]
