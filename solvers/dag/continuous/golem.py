"""GOLEM: a Gaussian likelihood with soft penalties on edges and cycles, by Adam.

    EV   (d / 2) log ||X - X W||^2 - log |det(I - W)| + 0.02  |W|_1 + 5 h(W)
    NV   (1 / 2) sum_j log ||..||_j^2 - log |det(I - W)| + 0.002 |W|_1 + 5 h(W)

h(W) = tr exp(W∘W) - d. NV starts from the solution of EV. Small weights are dropped at
the end, and then the smallest until the graph is acyclic.

Ng, Ghassami, Zhang (2020), "On the Role of Sparsity and DAG Constraints for Learning
Linear DAGs", arXiv:2006.10201.
"""

from typing import Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray

from boundwise.core.errors import InputError
from boundwise.core.limits import Deadline
from boundwise.solvers.dag.continuous.acyclicity import exponential
from boundwise.solvers.dag.continuous.adam import Adam
from boundwise.solvers.dag.continuous.common import (
    Watch,
    check_options,
    covariance_of,
    finished,
)
from boundwise.solvers.dag.continuous.losses import Loss, golem_ev, golem_nv
from boundwise.solvers.dag.metrics import threshold_till_dag

Floats = NDArray[np.float64]

_LAM = {"equal": 0.02, "unequal": 0.002}
_CYCLES = 5.0
_LEARNING_RATE = 1e-3
_WATCH_EVERY = 1000


def golem(
    X: ArrayLike,
    lam: float | None = None,
    *,
    variances: Literal["equal", "unequal"] = "equal",
    threshold: float = 0.3,
    iterations: int = 100_000,
    time_limit: float | None = None,
    watch: Watch | None = None,
) -> Floats:
    """Maximise the penalised likelihood of GOLEM-EV or GOLEM-NV.

    Parameters
    ----------
    X
        Rows, shape (n, d); not modified.
    lam
        Strength of the l1 penalty; None for 0.02 (EV) or 0.002 (NV).
    variances
        ``"equal"`` (EV), or ``"unequal"`` (NV), which takes twice the steps.
    threshold
        Weights of at most this absolute value are dropped at the end.
    iterations
        Number of Adam steps.
    time_limit
        Wall-clock seconds, after which the present W is returned.
    watch
        Called with a copy of W every thousand steps.

    Returns
    -------
    ndarray of shape (d, d)
        Weights of an acyclic graph, [i, j] of the edge i -> j.

    Raises
    ------
    InputError
        If an argument or the data are not usable.

    References
    ----------
    Ng, Ghassami, Zhang (2020), NeurIPS, arXiv:2006.10201.
    """
    if variances not in _LAM:
        raise InputError(f"variances must be 'equal' or 'unequal', got {variances!r}.")
    deadline = check_options(
        lam=_LAM[variances] if lam is None else lam,
        threshold=threshold,
        counts={"iterations": iterations},
        time_limit=time_limit,
    )
    S = covariance_of(X)
    W = np.zeros_like(S)
    parts: tuple[tuple[str, Loss], ...] = (("equal", golem_ev), ("unequal", golem_nv))
    for name, loss in parts if variances == "unequal" else parts[:1]:
        # The start of NV is EV at its own default.
        strength = lam if lam is not None and name == variances else _LAM[name]
        W = _ascend(S, W, loss, strength, iterations, deadline, watch)
    left, _ = threshold_till_dag(finished(W, threshold))
    return left


def _ascend(
    S: Floats,
    start: Floats,
    loss: Loss,
    lam: float,
    iterations: int,
    deadline: Deadline,
    watch: Watch | None,
) -> Floats:
    W = start.copy()
    adam = Adam(W.shape)
    for step in range(1, iterations + 1):
        _, slope = loss(S, W)
        _, h_slope = exponential(W)
        gradient = slope + lam * np.sign(W) + _CYCLES * h_slope
        np.fill_diagonal(gradient, 0.0)
        W -= _LEARNING_RATE * adam.direction(gradient)
        if step % _WATCH_EVERY == 0 and watch is not None:
            watch(W.copy())
        if deadline.expired():
            break
    return W
