"""The order search with node models that are not linear, against all orders."""

import itertools

import numpy as np
import pytest

from boundwise.instances.generators.sem import simulate_dag, simulate_sem
from boundwise.solvers.dag import Moments, TopologicalDAG
from boundwise.solvers.dag.metrics import is_acyclic
from boundwise.solvers.dag.nonlinear.logistic import LogisticScore
from boundwise.solvers.dag.nonlinear.mlp import MlpScore


def value_of(costs, order):
    return sum(
        costs.cost(j, np.sort(np.array(order[:k], dtype=np.int64)))[0]
        for k, j in enumerate(order)
    )


def agree(model, costs):
    """Weights, order and score belong together, and no order is better."""
    d = len(model.order_)
    assert is_acyclic(model.weights_)
    for k, j in enumerate(model.order_):
        before = np.sort(model.order_[:k])
        np.testing.assert_allclose(
            model.weights_[before, j], costs.cost(int(j), before)[1], atol=1e-12
        )
    assert model.score_ == pytest.approx(value_of(costs, model.order_.tolist()))
    best = min(value_of(costs, order) for order in itertools.permutations(range(d)))
    assert model.score_ == pytest.approx(best, rel=1e-9)


def test_logistic_orders_are_the_best_of_all():
    W = simulate_dag(4, k=1, seed=0)
    X = simulate_sem(W, 300, model="logistic", seed=0)
    model = TopologicalDAG(score="logistic", lam=0.01, random_state=0).fit(X)
    agree(model, LogisticScore().bind(Moments.of_data(X), 0.01))


@pytest.mark.slow
def test_perceptron_orders_are_the_best_of_all():
    pytest.importorskip("jax")
    score = MlpScore(hidden=5)
    W = simulate_dag(3, k=1, seed=0)
    X = simulate_sem(W, 200, model="mlp", seed=0)
    model = TopologicalDAG(score=score, lam=0.01, restarts=3, random_state=0).fit(X)
    agree(model, score.bind(Moments.of_data(X), 0.01))
