"""Distances between graphs, against hand values and enumerated paths."""

import itertools

import networkx as nx
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from boundwise.core.errors import InputError
from boundwise.instances.generators.sem import simulate_dag
from boundwise.solvers.dag.interventions import intervention_distance
from boundwise.solvers.dag.metrics import (
    classify_edges,
    dag_metrics,
    is_acyclic,
    threshold_till_dag,
)


def graph(d, *edges):
    W = np.zeros((d, d))
    for i, j in edges:
        W[i, j] = 1.0
    return W


def random_dag(d, edges, seed):
    return simulate_dag(d, edges, seed=seed) != 0


def test_each_kind_of_difference_counts_one():
    truth = graph(4, (0, 1), (1, 2), (2, 3))
    estimate = graph(4, (0, 1), (2, 1), (0, 3))
    found = dag_metrics(truth, estimate)
    assert (found.n_correct, found.n_reversed) == (1, 1)
    assert (found.n_extra, found.n_missing) == (1, 1)
    assert found.shd == 3
    assert found.nnz == 3
    assert found.tpr == pytest.approx(1 / 3)
    assert found.fdr == pytest.approx(2 / 3)
    assert found.fpr == pytest.approx(2 / 3)  # 6 pairs, 3 of them true edges
    assert found.sid is None


def test_both_directions_are_one_correct_and_one_extra_edge():
    found = dag_metrics(graph(2, (0, 1)), graph(2, (0, 1), (1, 0)), sid=True)
    assert (found.n_correct, found.n_extra, found.n_reversed) == (1, 1, 0)
    assert found.sid is None  # no distance of a graph with a cycle


def test_shares_of_nothing_are_nan_not_zero():
    found = dag_metrics(graph(2), graph(2), sid=True)
    assert np.isnan(found.tpr)
    assert np.isnan(found.fdr)
    assert found.fpr == 0.0
    assert (found.shd, found.sid) == (0, 0)


def test_weights_at_the_threshold_are_no_edges():
    truth = graph(3, (0, 1))
    estimate = np.array([[0, -0.9, 0.3], [0, 0, -0.31], [0, 0, 0]])
    assert dag_metrics(truth, estimate, 0.3).nnz == 2
    assert dag_metrics(truth, estimate).nnz == 3
    assert estimate[0, 2] == 0.3  # the argument is left as it was


@given(st.integers(2, 9), st.integers(0, 10**6), st.integers(0, 10**6))
def test_the_distance_is_a_metric_and_its_parts_add_up(d, first, second):
    edges = d * (d - 1) // 3
    A, B = random_dag(d, edges, first), random_dag(d, edges, second)
    there, back = dag_metrics(A, B), dag_metrics(B, A)
    assert there.shd == back.shd
    assert dag_metrics(A, A).shd == 0
    assert there.n_extra == back.n_missing
    kinds = classify_edges(A, B)
    np.testing.assert_array_equal(kinds.correct | kinds.extra | kinds.reversed, B)
    np.testing.assert_array_equal(kinds.correct | kinds.missing | kinds.reversed.T, A)


@pytest.mark.parametrize(
    ("truth", "estimate", "threshold", "message"),
    [
        (graph(2), graph(3), 0.0, "2 nodes"),
        (graph(2), [[0, np.inf], [0, 0]], 0.0, "finite"),
        (graph(2), graph(2), -1.0, "threshold must be"),
        (graph(2), graph(2), np.nan, "threshold must be"),
    ],
)
def test_comparisons_that_mean_nothing_are_refused(truth, estimate, threshold, message):
    with pytest.raises(InputError, match=message):
        dag_metrics(truth, estimate, threshold)


def test_small_weights_go_until_there_is_no_cycle():
    W = np.array([[5.0, 3, 0], [0, 0, -2], [1, 0.5, 0]])
    left, threshold = threshold_till_dag(W)
    assert threshold == 1.0
    np.testing.assert_array_equal(left, [[0, 3, 0], [0, 0, -2], [0, 0, 0]])
    same, nothing = threshold_till_dag(left)
    assert nothing == 0.0
    np.testing.assert_array_equal(same, left)


@given(st.integers(1, 8), st.integers(0, 10**6))
def test_the_threshold_is_the_smallest_that_will_do(d, seed):
    W = np.random.default_rng(seed).normal(size=(d, d)).round(1)
    left, threshold = threshold_till_dag(W)
    assert is_acyclic(left)
    np.fill_diagonal(W, 0.0)
    np.testing.assert_array_equal(left, np.where(np.abs(W) > threshold, W, 0.0))
    if threshold > 0:
        assert not is_acyclic(np.abs(W) >= threshold)


@given(st.integers(1, 8), st.floats(0, 0.5), st.integers(0, 10**6))
def test_acyclic_is_what_networkx_says(d, density, seed):
    edges = np.random.default_rng(seed).random((d, d)) < density
    G = nx.from_numpy_array(edges, create_using=nx.DiGraph)
    assert is_acyclic(edges) == nx.is_directed_acyclic_graph(G)


def test_a_graph_that_contains_the_truth_has_intervention_distance_zero():
    truth = graph(4, (0, 1), (1, 2))
    more = graph(4, (0, 1), (1, 2), (0, 2), (0, 3), (2, 3))
    assert dag_metrics(truth, more, sid=True).sid == 0
    assert dag_metrics(more, truth, sid=True).sid > 0


def test_the_examples_of_the_intervention_distance():
    # One edge turned: both effects are wrong.
    assert dag_metrics(graph(2, (0, 1)), graph(2, (1, 0)), sid=True).sid == 2
    # A missing edge at equal structural distance does less harm.
    assert dag_metrics(graph(2, (0, 1)), graph(2), sid=True).sid == 1


def wrong_by_paths(truth, estimate):
    """Count wrong pairs by listing every path of the skeleton."""
    d = len(truth)
    G = nx.from_numpy_array(truth, create_using=nx.DiGraph)
    below = [nx.descendants(G, v) | {v} for v in range(d)]
    wrong = 0
    for i in range(d):
        Z = set(np.flatnonzero(estimate[:, i]).tolist())
        for j in set(range(d)) - {i}:
            if j in Z:
                wrong += j in below[i]
                continue
            valid = True
            for path in nx.all_simple_paths(G.to_undirected(), i, j):
                steps = [truth[a, b] for a, b in itertools.pairwise(path)]
                if all(steps):
                    valid &= not any(below[v] & Z for v in path[1:])
                else:
                    valid &= is_blocked(truth, path, Z, below)
            wrong += not valid
    return wrong


def is_blocked(truth, path, Z, below):
    for a, b, c in zip(path, path[1:], path[2:], strict=False):
        if truth[a, b] and truth[c, b]:
            if not below[b] & Z:
                return True
        elif b in Z:
            return True
    return False


@settings(max_examples=60, deadline=None)
@given(
    st.integers(2, 6), st.integers(0, 9), st.integers(0, 10**6), st.integers(0, 10**6)
)
def test_the_intervention_distance_is_that_of_enumerated_paths(d, edges, a, b):
    edges = min(edges, d * (d - 1) // 2)
    truth, estimate = random_dag(d, edges, a), random_dag(d, edges, b)
    assert intervention_distance(truth, estimate) == wrong_by_paths(truth, estimate)
