"""DAGMA and CoLiDE: follow a central path into the set of acyclic graphs.

    for mu = 1, 1/10, 1/100, ...:
        minimise  mu (Q(W) + lam |W|_1) + h(W)   from the last W, by Adam

with h(W) = -log det(s I - W∘W) + d log s. Whenever a step leaves the domain of h, it is
halved; if that does not help, the stage starts again with half the step length and a
larger s. CoLiDE is the same loop with scores that estimate the noise scales as well.

Bello, Aragam, Ravikumar (2022), arXiv:2209.08037. Saboksayr, Mateos, Tepper (2024),
arXiv:2310.02895.
"""

from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray

from boundwise.core.errors import InputError
from boundwise.core.limits import Deadline
from boundwise.solvers.dag.continuous.acyclicity import logdet, logdet_inverse
from boundwise.solvers.dag.continuous.adam import Adam
from boundwise.solvers.dag.continuous.common import (
    Watch,
    check_options,
    covariance_of,
    finished,
)
from boundwise.solvers.dag.continuous.losses import (
    Loss,
    colide_ev,
    colide_nv,
    least_squares,
)

Floats = NDArray[np.float64]

_MU_FACTOR = 0.1
_LEARNING_RATE = 3e-4
_BETAS = (0.99, 0.999)
_CHECK_EVERY = 1000
_TOLERANCE = 1e-6
_SMALLEST_RATE = 1e-16
#: Below this s, a step out of the domain ends the stage at once.
_PATIENT_S = 0.9
_S_STEP = 0.1


@dataclass(frozen=True, slots=True, kw_only=True)
class _Problem:
    """One central path: the data, the score and the way it is watched."""

    S: Floats
    loss: Loss
    lam: float
    deadline: Deadline
    watch: Watch | None

    def objective(self, W: Floats, mu: float, s: float) -> float:
        value, _ = self.loss(self.S, W)
        return mu * (value + self.lam * float(np.abs(W).sum())) + logdet(W, s)

    def gradient(self, W: Floats, mu: float, inverse: Floats) -> Floats:
        _, slope = self.loss(self.S, W)
        total: Floats = mu * (slope + self.lam * np.sign(W)) + 2.0 * W * inverse.T
        return total


def dagma(
    X: ArrayLike,
    lam: float = 0.03,
    *,
    threshold: float = 0.3,
    warm_iterations: int = 30_000,
    last_iterations: int = 60_000,
    stages: int = 5,
    time_limit: float | None = None,
    watch: Watch | None = None,
) -> Floats:
    """Minimise least squares with an l1 penalty along the central path of DAGMA.

    Parameters
    ----------
    X
        Rows, shape (n, d); not modified.
    lam
        Strength of the l1 penalty.
    threshold
        Weights of at most this absolute value are dropped at the end.
    warm_iterations, last_iterations
        Largest numbers of Adam steps of a stage, and of the last stage.
    stages
        Number of values of mu.
    time_limit
        Wall-clock seconds, after which the present W is returned.
    watch
        Called with a copy of W every thousand steps.

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
    Bello, Aragam, Ravikumar (2022), "DAGMA: Learning DAGs via M-matrices and a
    Log-Determinant Acyclicity Characterization", arXiv:2209.08037.
    """
    deadline = check_options(
        lam=lam,
        threshold=threshold,
        counts={
            "warm_iterations": warm_iterations,
            "last_iterations": last_iterations,
            "stages": stages,
        },
        time_limit=time_limit,
    )
    problem = _Problem(
        S=covariance_of(X), loss=least_squares, lam=lam, deadline=deadline, watch=watch
    )
    W = _follow(problem, stages, warm_iterations, last_iterations)
    return finished(W, threshold)


def colide(
    X: ArrayLike,
    lam: float = 0.05,
    *,
    variances: Literal["equal", "unequal"] = "equal",
    threshold: float = 0.3,
    warm_iterations: int = 20_000,
    last_iterations: int = 70_000,
    stages: int = 4,
    time_limit: float | None = None,
    watch: Watch | None = None,
) -> Floats:
    """Minimise the concomitant score of CoLiDE-EV or CoLiDE-NV along a central path.

    Parameters
    ----------
    X
        Rows, shape (n, d); not modified.
    lam
        Strength of the l1 penalty, in units of the noise scale.
    variances
        ``"equal"``: one noise scale (EV); ``"unequal"``: one for each node (NV).
    threshold
        Weights of at most this absolute value are dropped at the end.
    warm_iterations, last_iterations
        Largest numbers of Adam steps of a stage, and of the last stage.
    stages
        Number of values of mu.
    time_limit
        Wall-clock seconds, after which the present W is returned.
    watch
        Called with a copy of W every thousand steps.

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
    Saboksayr, Mateos, Tepper (2024), "CoLiDE: Concomitant Linear DAG Estimation",
    ICLR, arXiv:2310.02895.
    """
    losses: dict[str, Loss] = {"equal": colide_ev, "unequal": colide_nv}
    if variances not in losses:
        raise InputError(f"variances must be 'equal' or 'unequal', got {variances!r}.")
    deadline = check_options(
        lam=lam,
        threshold=threshold,
        counts={
            "warm_iterations": warm_iterations,
            "last_iterations": last_iterations,
            "stages": stages,
        },
        time_limit=time_limit,
    )
    problem = _Problem(
        S=covariance_of(X),
        loss=losses[variances],
        lam=lam,
        deadline=deadline,
        watch=watch,
    )
    W = _follow(problem, stages, warm_iterations, last_iterations)
    return finished(W, threshold)


def _follow(problem: _Problem, stages: int, warm: int, last: int) -> Floats:
    """Walk through the stages, each from the end of the one before."""
    W = np.zeros_like(problem.S)
    mu = 1.0
    for stage in range(stages):
        s = max(0.1, 1.0 - 0.1 * stage)
        rate = _LEARNING_RATE
        steps = last if stage == stages - 1 else warm
        while True:
            found = _descend(problem, W, mu, s, rate, steps)
            if found is not None or rate <= _SMALLEST_RATE:
                break
            rate, s = rate / 2.0, s + _S_STEP
        W = W if found is None else found
        mu *= _MU_FACTOR
        if problem.deadline.expired():
            break
    return W


def _descend(
    problem: _Problem, start: Floats, mu: float, s: float, rate: float, steps: int
) -> Floats | None:
    """Minimise one stage; None if the path leaves the domain for good."""
    W = start.copy()
    adam = Adam(W.shape, *_BETAS)
    direction = np.zeros_like(W)
    former = np.inf
    for step in range(1, steps + 1):
        inverse = logdet_inverse(W, s)
        if inverse is None and (step == 1 or s <= _PATIENT_S):
            return None
        while inverse is None:
            W += rate * direction
            rate /= 2.0
            if rate <= _SMALLEST_RATE:
                return W
            W -= rate * direction
            inverse = logdet_inverse(W, s)
        direction = adam.direction(problem.gradient(W, mu, inverse))
        W -= rate * direction
        if step % _CHECK_EVERY == 0 or step == steps:
            if problem.watch is not None:
                problem.watch(W.copy())
            value = problem.objective(W, mu, s)
            settled = abs(former - value) <= _TOLERANCE * abs(former)
            if (np.isfinite(former) and settled) or problem.deadline.expired():
                break
            former = value
    return W
