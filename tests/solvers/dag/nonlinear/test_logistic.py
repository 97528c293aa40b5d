"""The logistic node model: optimality, scaling, and a second method."""

import itertools

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from sklearn.linear_model import LogisticRegression

from boundwise.core.errors import InputError
from boundwise.instances.generators.sem import simulate_dag, simulate_sem
from boundwise.solvers.dag.moments import Moments
from boundwise.solvers.dag.nonlinear.logistic import (
    LogisticScore,
    penalised_logistic,
    smallest_subgradient,
)


@pytest.fixture(scope="module")
def binary():
    W = simulate_dag(8, k=1, seed=1)
    return simulate_sem(W, 400, model="logistic", seed=1)


def residual(A, y, w, penalty):
    gradient = A.T @ (1 / (1 + np.exp(-A @ w)) - y) / len(y)
    return np.abs(smallest_subgradient(gradient, w, penalty)).max()


@settings(max_examples=30, deadline=None)
@example(seed=1, lam=0.028983587951193893, p=1)
@example(seed=6, lam=0.1, p=6)
@given(st.integers(0, 10**6), st.floats(1e-3, 0.2), st.integers(1, 7))
def test_every_fit_is_optimal_for_the_penalty_it_is_scored_with(seed, lam, p):
    rng = np.random.default_rng(seed)
    A = (rng.random((60, p)) < 0.5).astype(float)
    y = (rng.random(60) < 0.4).astype(float)
    w = penalised_logistic(A, y, np.full(p, lam))
    assert residual(A, y, w, lam) < 1e-9


def test_zero_weights_within_the_penalty_have_subgradient_zero():
    gradient = np.array([0.5, -0.5, 2.0, -2.0, 0.7])
    w = np.array([0.0, 0.0, 0.0, 0.0, -1.0])
    found = smallest_subgradient(gradient, w, np.ones(5))
    np.testing.assert_allclose(found, [0.0, 0.0, 1.0, -1.0, -0.3])


@pytest.mark.parametrize("lam", [0.005, 0.05])
def test_the_cost_is_that_of_another_solver_at_the_same_scaling(binary, lam):
    costs = LogisticScore(intercept=False).bind(Moments.of_data(binary), lam)
    others = np.array([0, 2, 3, 5, 7])
    value, weights = costs.cost(1, others)
    A, y = binary[:, others], binary[:, 1]
    # liblinear sums the loss, the score averages it: C = 1 / (n lam).
    peer = LogisticRegression(
        l1_ratio=1.0,
        solver="liblinear",
        C=1 / (len(y) * lam),
        fit_intercept=False,
        tol=1e-9,
        max_iter=10_000,
    ).fit(A, y)
    theirs = peer.coef_[0]
    margin = A @ theirs
    loss = np.mean(np.logaddexp(0, margin) - y * margin) + lam * np.abs(theirs).sum()
    assert value == pytest.approx(loss, rel=1e-6)
    assert value <= loss + 1e-12
    np.testing.assert_allclose(weights, theirs, atol=1e-3)


def test_more_predecessors_never_cost_more(binary):
    costs = LogisticScore().bind(Moments.of_data(binary), 0.02)
    values = [costs.cost(4, np.arange(k))[0] for k in range(5)]
    assert all(b <= a + 1e-12 for a, b in itertools.pairwise(values))


def test_a_node_without_predecessors_costs_its_entropy(binary):
    moments = Moments.of_data(binary)
    share = binary[:, 3].mean()
    entropy = -share * np.log(share) - (1 - share) * np.log(1 - share)
    nothing = np.array([], dtype=np.int64)
    value, weights = LogisticScore().bind(moments, 0.1).cost(3, nothing)
    assert value == pytest.approx(entropy, rel=1e-12)
    assert weights.shape == (0,)
    value, _ = LogisticScore(intercept=False).bind(moments, 0.1).cost(3, nothing)
    assert value == pytest.approx(np.log(2))


def test_fits_of_two_data_sets_do_not_mix(binary):
    first = LogisticScore().bind(Moments.of_data(binary), 0.02)
    value, _ = first.cost(1, np.array([0, 2]))
    LogisticScore().bind(Moments.of_data(1.0 - binary[:50]), 0.2).cost(1, np.array([0]))
    assert first.cost(1, np.array([0, 2]))[0] == value


@pytest.mark.parametrize(
    ("X", "lam", "message"),
    [
        ([[0.0, 1.0], [1.0, 0.5]], 0.1, "zeros and ones"),
        ([[0.0, 1.0], [1.0, 1.0]], 0.1, "constant"),
        ([[0.0, 1.0], [1.0, 0.0]], 0.0, "lam > 0"),
        ([[0.0, 1.0], [1.0, 0.0]], np.nan, "lam > 0"),
    ],
)
def test_data_that_have_no_logistic_model_are_refused(X, lam, message):
    with pytest.raises(InputError, match=message):
        LogisticScore().bind(Moments.of_data(X), lam)


def test_a_covariance_is_not_enough():
    with pytest.raises(InputError, match="needs the data"):
        LogisticScore().bind(Moments.of_covariance(np.eye(2), 10), 0.1)
