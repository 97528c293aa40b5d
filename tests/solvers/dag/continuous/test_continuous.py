"""The continuous methods: derivatives, promises, and small known answers."""

import numpy as np
import pytest
from scipy.optimize import check_grad

from boundwise.core.errors import InputError
from boundwise.instances.generators.sem import simulate_dag, simulate_sem
from boundwise.solvers.dag.continuous import colide, dagma, golem, notears
from boundwise.solvers.dag.continuous.acyclicity import (
    exponential,
    logdet,
    logdet_inverse,
)
from boundwise.solvers.dag.continuous.losses import (
    colide_ev,
    colide_nv,
    golem_ev,
    golem_nv,
    least_squares,
)
from boundwise.solvers.dag.metrics import dag_metrics, is_acyclic

SHORT = {"warm_iterations": 3000, "last_iterations": 4000}
METHODS = {
    "notears": notears,
    "dagma": lambda X, **o: dagma(X, **SHORT, **o),
    "colide_ev": lambda X, **o: colide(X, **SHORT, **o),
    "colide_nv": lambda X, **o: colide(X, variances="unequal", **SHORT, **o),
    "golem_ev": lambda X, **o: golem(X, iterations=4000, **o),
    "golem_nv": lambda X, **o: golem(X, variances="unequal", iterations=2500, **o),
}


@pytest.fixture(scope="module")
def chain():
    W = np.array([[0, 1.5, 0.0, 0], [0, 0, -1.2, 0], [0, 0, 0, 0.9], [0, 0, 0, 0]])
    X = simulate_sem(W, 800, seed=0) + 5.0
    return W, X


def gradient_error(function, W, with_diagonal=True):
    mask = np.ones_like(W, bool)
    if not with_diagonal:
        np.fill_diagonal(mask, False)

    def value(flat):
        V = W.copy()
        V[mask] = flat
        return function(V)[0]

    def slope(flat):
        V = W.copy()
        V[mask] = flat
        return function(V)[1][mask]

    return check_grad(value, slope, W[mask]) / np.linalg.norm(slope(W[mask]))


@pytest.mark.parametrize(
    "loss", [least_squares, colide_ev, colide_nv, golem_ev, golem_nv]
)
def test_gradients_of_the_losses_are_those_of_differences(loss):
    rng = np.random.default_rng(0)
    S = np.cov(rng.normal(size=(40, 4)) @ rng.normal(size=(4, 4)), rowvar=False)
    W = 0.4 * rng.normal(size=(4, 4))
    # The scales of CoLiDE minimise it, so its gradient takes them as fixed.
    assert gradient_error(lambda V: loss(S, V), W) < 1e-5


def test_gradients_of_the_acyclicity_functions_are_those_of_differences():
    W = 0.3 * np.random.default_rng(1).normal(size=(5, 5))
    assert gradient_error(exponential, W) < 1e-5
    s = 1.1

    def by_inverse(V):
        return logdet(V, s), 2.0 * V * logdet_inverse(V, s).T

    assert gradient_error(by_inverse, W) < 1e-5


def test_acyclicity_functions_vanish_on_graphs_without_cycles_only():
    W = simulate_dag(12, k=2, seed=3)
    assert exponential(W)[0] == pytest.approx(0.0, abs=1e-9)
    assert logdet(W, 0.9) == pytest.approx(0.0, abs=1e-9)
    W[W != 0] = 0.3
    cyclic = W + 0.3 * (W.T != 0)
    assert exponential(cyclic)[0] > 1e-3
    # Beyond spectral radius s there is no value, and no inverse without negatives.
    assert logdet_inverse(2.0 * np.eye(2)[::-1], 1.0) is None
    assert logdet_inverse(np.eye(2)[::-1], 1.0) is None


@pytest.mark.parametrize("name", METHODS)
def test_a_chain_is_found_and_the_data_left_as_they_were(name, chain):
    W, X = chain
    before = X.copy()
    seen = []
    found = METHODS[name](X, watch=seen.append)
    np.testing.assert_array_equal(X, before)
    assert is_acyclic(found)
    assert dag_metrics(W, found).shd <= (0 if "nv" not in name else 3)
    assert seen
    assert all(np.isfinite(V).all() for V in seen)


@pytest.mark.parametrize("name", ["notears", "golem_ev"])
def test_a_shift_of_a_column_changes_nothing(name, chain):
    _, X = chain
    shifted = X + np.array([0.0, 100.0, -3.0, 0.0])
    np.testing.assert_allclose(METHODS[name](X), METHODS[name](shifted), atol=1e-2)


def test_two_nodes_have_the_lasso_as_answer():
    # 0 -> 1 with variances 1 and 5: the weight is soft-thresholded by lam / S_00.
    X = simulate_sem([[0, 2.0], [0, 0]], 3000, seed=2)
    S = np.cov(X.T, ddof=0)
    found = notears(X, lam=0.2, threshold=0.0)
    assert found[1, 0] == pytest.approx(0.0, abs=1e-3)
    assert found[0, 1] == pytest.approx((S[0, 1] - 0.2) / S[0, 0], abs=5e-3)
    path = dagma(X, lam=0.2, threshold=0.0, **SHORT)
    assert path[0, 1] == pytest.approx(found[0, 1], abs=0.02)


@pytest.mark.parametrize("name", METHODS)
def test_time_limits_and_single_columns_are_taken(name):
    X = simulate_sem(simulate_dag(10, k=2, seed=0), 100, seed=0)
    assert METHODS[name](X, time_limit=0.02).shape == (10, 10)
    if name in ("notears", "golem_ev"):
        np.testing.assert_array_equal(METHODS[name](X[:, :1]), [[0.0]])


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda X: notears(X, lam=-1.0), "lam must be"),
        (lambda X: dagma(X, threshold=np.nan), "threshold must be"),
        (lambda X: dagma(X, stages=0), "stages must be"),
        (lambda X: golem(X, iterations=2.5), "iterations must be"),
        (lambda X: golem(X, variances="some"), "variances must be"),
        (lambda X: colide(X, variances="some"), "variances must be"),
        (lambda X: colide(X, time_limit=-1), "time_limit must be"),
        (lambda X: notears(np.full((5, 2), np.nan)), "X must be finite"),
        (lambda X: notears(X[0]), "2 dimensions"),
    ],
)
def test_what_cannot_be_meant_is_refused(call, message):
    with pytest.raises(InputError, match=message):
        call(np.random.default_rng(0).normal(size=(20, 3)))


@pytest.mark.slow
def test_twenty_nodes_are_recovered_by_all_but_notears():
    W = simulate_dag(20, k=2, seed=0)
    X = simulate_sem(W, 1000, seed=0)
    assert dag_metrics(W, dagma(X)).shd == 0
    assert dag_metrics(W, colide(X)).shd == 0
    assert dag_metrics(W, colide(X, variances="unequal")).shd == 0
    assert dag_metrics(W, notears(X)).shd <= 5
