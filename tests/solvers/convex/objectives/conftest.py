"""One objective of every class on random data."""

import numpy as np
import pytest
from scipy.sparse import csr_array

from boundwise.solvers.convex.objectives import (
    AOptimal,
    DOptimal,
    LeastSquares,
    LogisticLoss,
    Perspective,
    PoissonLoss,
    Quadratic,
)

N = 6


def make_all(seed=0):
    rng = np.random.default_rng(seed)
    B = rng.normal(size=(N, N))
    Q = B @ B.T + 0.1 * np.eye(N)
    A = rng.normal(size=(9, N))
    A[:, 4:] = 0.0  # two variables without data, as indicators have none
    tall = rng.normal(size=(40, N))
    c = rng.normal(size=N)
    ridge = np.array([0.5, 1.0, 0.2, 0.3, 0.0, 0.0])
    y = rng.normal(size=9)
    labels = np.sign(rng.normal(size=9))
    least_squares = LeastSquares(A, y, ridge, c)
    return {
        "dense quadratic": Quadratic(Q, c, 3.0),
        "sparse quadratic": Quadratic(csr_array(np.where(np.eye(N) > 0, Q, 0.0)), c),
        "separable quadratic": Quadratic(rng.uniform(size=N), c, -1.0),
        "least squares": least_squares,
        "least squares on few rows": LeastSquares(A[:2], y[:2], ridge, c),
        "least squares on many rows": LeastSquares(tall, rng.normal(size=40), 0.1),
        "sparse least squares": LeastSquares(csr_array(A), y, ridge, c),
        "logistic": LogisticLoss(A, labels, ridge, c),
        "sparse logistic": LogisticLoss(csr_array(A), labels, 0.4),
        "poisson": PoissonLoss(0.3 * A, rng.poisson(2.0, size=9), ridge, c),
        "d-optimal": DOptimal(rng.normal(size=(N, 3))),
        "a-optimal": AOptimal(rng.normal(size=(N, 3))),
        "perspective": Perspective(
            least_squares, [(0, 4), (1, 5)], [1.0, 2.0], bounds=[2.0, 2.0]
        ),
        "shared perspective": Perspective(
            least_squares, [(0, 4), (1, 4)], [1.0, 1.5], smoothing=0.1
        ),
    }


NAMES = tuple(make_all())


@pytest.fixture(params=NAMES)
def objective(request):
    return make_all()[request.param]
