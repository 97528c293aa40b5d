"""Graphs and structural equation models, against what their recipes say."""

import networkx as nx
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from boundwise.core.errors import InputError
from boundwise.instances.generators.sem import simulate_dag, simulate_sem
from boundwise.instances.generators.sortability import (
    explained_shares,
    r2_sortability,
    var_sortability,
)


def is_acyclic(W):
    return nx.is_directed_acyclic_graph(
        nx.from_numpy_array(W != 0, create_using=nx.DiGraph)
    )


@given(st.integers(3, 30), st.integers(0, 3), st.integers(0, 10**6))
def test_er_graphs_are_acyclic_with_the_edges_asked_for(d, k, seed):
    edges = min(k * d, d * (d - 1) // 2)
    W = simulate_dag(d, edges, seed=seed)
    assert is_acyclic(W)
    assert np.count_nonzero(W) == edges
    weights = np.abs(W[W != 0])
    assert ((weights >= 0.5) & (weights <= 2.0)).all()


@given(st.integers(1, 4), st.integers(0, 10**6))
def test_sf_graphs_bring_k_edges_a_node(k, seed):
    W = simulate_dag(25, k=k, graph="sf", seed=seed)
    assert is_acyclic(W)
    # Every node that came after the first k points to k older ones.
    assert np.count_nonzero(W) == k * (25 - k)
    assert sorted((W != 0).sum(axis=1)) == [0] * k + [k] * (25 - k)


def test_orders_and_signs_are_random_and_seeds_reproduce():
    first, again = simulate_dag(40, k=2, seed=3), simulate_dag(40, k=2, seed=3)
    np.testing.assert_array_equal(first, again)
    assert not np.array_equal(first, simulate_dag(40, k=2, seed=4))
    assert 0.2 < (first[first != 0] > 0).mean() < 0.8
    # Not all edges from smaller to larger numbers.
    assert np.count_nonzero(np.tril(first)) > 10


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"d": 0, "k": 1}, "d must be a positive integer"),
        ({"d": 2.5, "k": 1}, "d must be a positive integer"),
        ({"d": 5}, "one of edges and k"),
        ({"d": 5, "k": 1, "edges": 3}, "one of edges and k"),
        ({"d": 5, "edges": 11}, "at most 10"),
        ({"d": 5, "k": -1}, "k must be a non-negative integer"),
        ({"d": 5, "k": 1, "graph": "ws"}, "graph must be 'er' or 'sf'"),
        ({"d": 5, "edges": 4, "graph": "sf"}, "takes k"),
        ({"d": 5, "k": 7, "graph": "sf"}, "affinity must be below"),
        ({"d": 5, "k": 1, "seed": -1}, "seed must be"),
    ],
)
def test_graphs_that_cannot_be_are_refused(arguments, message):
    with pytest.raises(InputError, match=message):
        simulate_dag(**arguments)


@pytest.mark.parametrize(
    ("noise", "mean", "variance"),
    [
        ("gauss", 0.0, 1.0),
        ("exp", 1.0, 1.0),
        ("gumbel", 0.5772, np.pi**2 / 6),
        ("uniform", 0.0, 1 / 3),
    ],
)
def test_linear_data_have_the_covariance_of_the_model(noise, mean, variance):
    W = np.array([[0, 1.5, 0.0], [0, 0, -2.0], [0, 0, 0]])
    X = simulate_sem(W, 200_000, noise=noise, seed=0)
    # x = (I - W')^-1 z.
    T = np.linalg.inv(np.eye(3) - W)
    np.testing.assert_allclose(X.mean(axis=0), mean * T.sum(axis=0), atol=0.03)
    np.testing.assert_allclose(np.cov(X.T), variance * T.T @ T, rtol=0.05, atol=0.05)


def test_unequal_variances_scale_the_noise():
    X = simulate_sem(np.zeros((2, 2)), 100_000, variances=[4.0, 0.25], seed=1)
    np.testing.assert_allclose(X.var(axis=0), [4.0, 0.25], rtol=0.03)
    X = simulate_sem(np.zeros((200, 200)), 2000, variances="unequal", seed=1)
    drawn = X.var(axis=0)
    assert 0.4 < drawn.min() < 1.5
    assert 8.0 < drawn.max() < 11.5


def test_standardized_columns_have_mean_zero_and_variance_one():
    X = simulate_sem(simulate_dag(8, k=2, seed=0), 50, standardize=True, seed=0)
    np.testing.assert_allclose(X.mean(axis=0), 0.0, atol=1e-12)
    np.testing.assert_allclose(X.std(axis=0), 1.0, rtol=1e-12)


def test_logistic_data_are_bernoulli_of_their_parents():
    X = simulate_sem([[0, 2.0], [0, 0]], 200_000, model="logistic", seed=0)
    assert set(np.unique(X)) == {0.0, 1.0}
    assert X[:, 0].mean() == pytest.approx(0.5, abs=0.01)
    assert X[X[:, 0] == 1, 1].mean() == pytest.approx(1 / (1 + np.exp(-2)), abs=0.01)
    assert X[X[:, 0] == 0, 1].mean() == pytest.approx(0.5, abs=0.01)


def test_mlp_data_depend_on_parents_only():
    W = np.array([[0, 1.0, 0], [0, 0, 0], [0, 0, 0]])
    X = simulate_sem(W, 4000, model="mlp", seed=2)
    assert X[:, 1].var() > 1.2  # signal and noise
    assert abs(np.corrcoef(X[:, 0], X[:, 2])[0, 1]) < 0.06


def test_a_networkx_graph_is_taken_with_its_weights():
    G = nx.DiGraph()
    G.add_nodes_from([0, 1])
    G.add_edge(1, 0, weight=-1.5)
    X = simulate_sem(G, 50, seed=5)
    np.testing.assert_array_equal(X, simulate_sem([[0, 0], [-1.5, 0]], 50, seed=5))


@pytest.mark.parametrize(
    ("graph", "options", "message"),
    [
        ([[0, 1], [1, 0]], {}, "acyclic"),
        ([[1.0]], {}, "acyclic"),
        ([[0, 1, 0], [0, 0, 1]], {}, "square"),
        ([[0, np.nan], [0, 0]], {}, "finite"),
        ([["a", "b"], ["c", "d"]], {}, "matrix of numbers"),
        (nx.Graph([(0, 1)]), {}, "directed"),
        ([[0.0]], {"noise": "cauchy"}, "noise must be"),
        ([[0.0]], {"model": "gp"}, "model must be"),
        ([[0.0]], {"variances": "odd"}, "variances must be"),
        ([[0.0]], {"variances": [-1.0]}, "positive"),
        ([[0.0]], {"variances": ["x"]}, "numbers"),
        ([[0.0]], {"standardize": 2}, "standardize must be"),
    ],
)
def test_models_that_mean_nothing_are_refused(graph, options, message):
    with pytest.raises(InputError, match=message):
        simulate_sem(graph, 5, **options)


def test_no_rows_are_refused():
    with pytest.raises(InputError, match="n must be a positive integer"):
        simulate_sem([[0.0]], 0)


def test_sortability_counts_each_pair_once_per_path_length():
    # 0 -> 1 -> 2 and 0 -> 2: pairs (01), (12), (02) by one edge, (02) by two.
    W = np.array([[0, 1, 1], [0, 0, 1], [0, 0, 0]])
    X = np.array([[0.0, 0.0, 0.0], [2.0, 1.0, 3.0]])
    # Variances 1, 1/4, 9/4: (01) falls, the three others grow.
    assert var_sortability(X, W) == pytest.approx(3 / 4)
    tied = np.array([[0.0, 0.0, 0.0], [1.0, 1.0, 1.0]])
    assert var_sortability(tied, W) == pytest.approx(0.5)
    assert np.isnan(var_sortability(X, np.zeros((3, 3))))


def test_simulated_data_are_var_sortable_until_standardized():
    W = simulate_dag(50, k=2, seed=0)
    raw = simulate_sem(W, 1000, seed=0)
    scaled = simulate_sem(W, 1000, seed=0, standardize=True)
    assert var_sortability(raw, W) > 0.9
    assert var_sortability(scaled, W) == pytest.approx(0.5)
    # No scaling changes R2.
    assert r2_sortability(raw, W) == pytest.approx(r2_sortability(scaled, W))


def test_explained_shares_are_those_of_regressions():
    rng = np.random.default_rng(0)
    X = rng.normal(size=(60, 3)) @ rng.normal(size=(3, 3))
    X = np.column_stack([X, np.ones(60)])
    shares = explained_shares(X)
    centred = X - X.mean(axis=0)
    for j in range(3):
        others = np.delete(centred, j, axis=1)
        fit = others @ np.linalg.lstsq(others, centred[:, j], rcond=None)[0]
        assert shares[j] == pytest.approx(fit.var() / centred[:, j].var(), rel=1e-9)
    assert shares[3] == 0.0


def test_sortability_refuses_what_does_not_fit():
    with pytest.raises(InputError, match="2 nodes"):
        var_sortability([[0.0, 1.0]], [[0.0]])
    with pytest.raises(InputError, match="acyclic"):
        var_sortability([[0.0, 1.0]], [[0, 1], [1, 0]])
    with pytest.raises(InputError, match="finite"):
        var_sortability([[0.0, np.nan]], np.zeros((2, 2)))
