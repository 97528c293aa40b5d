"""Every closed form against factoring again."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from boundwise.solvers.dag import factor, moves
from boundwise.solvers.dag.moments import Moments

KINDS = [moves.HALF, moves.LOG, moves.ROOT]


def setting(d, seed):
    rng = np.random.default_rng(seed)
    X = rng.normal(size=(4 * d + 10, d)) @ rng.normal(size=(d, d))
    moments = Moments.of_data(X)
    order = rng.permutation(d)
    return moments, order, *factor.factorise(moments, order)


def cost(moments, order, kind):
    return moves.total_cost(factor.factorise(moments, order)[0], kind)


@settings(max_examples=15, deadline=None)
@given(st.integers(2, 9), st.integers(0, 10**6), st.sampled_from(KINDS))
def test_every_insertion_gains_what_factoring_again_says(d, seed, kind):
    moments, order, R, V = setting(d, seed)
    gains = np.empty((d, d))
    moves.insertion_gains(R, V, kind, gains)
    now = moves.total_cost(R, kind)
    for target in range(d):
        for source in range(d):
            moved = np.insert(np.delete(order, source), target, order[source])
            expected = now - cost(moments, moved, kind)
            scale = max(abs(now), np.abs(moments.S).max())
            assert gains[target, source] == pytest.approx(expected, abs=1e-9 * scale)


@settings(max_examples=15, deadline=None)
@given(st.integers(2, 9), st.integers(0, 10**6), st.sampled_from(KINDS))
def test_every_swap_gains_what_factoring_again_says(d, seed, kind):
    moments, order, R, V = setting(d, seed)
    gains = np.empty((d, d))
    moves.swap_gains(R, V, kind, gains)
    now = moves.total_cost(R, kind)
    for p in range(d):
        for q in range(p + 1, d):
            moved = order.copy()
            moved[p], moved[q] = order[q], order[p]
            expected = now - cost(moments, moved, kind)
            scale = max(abs(now), np.abs(moments.S).max())
            assert gains[p, q] == pytest.approx(expected, abs=1e-9 * scale)


@settings(max_examples=15, deadline=None)
@given(st.integers(2, 9), st.integers(0, 10**6))
def test_factors_that_are_moved_are_those_of_the_new_order(d, seed):
    moments, order, R, V = setting(d, seed)
    rng = np.random.default_rng(seed)
    for _ in range(20):
        p, q = rng.integers(d, size=2)
        factor.move_node(order, R, V, p, q)
    scale = np.abs(R).max()
    np.testing.assert_allclose(np.tril(R, -1), 0.0, atol=0.0)
    np.testing.assert_allclose(np.triu(V, 1), 0.0, atol=0.0)
    permuted = moments.S[np.ix_(order, order)]
    np.testing.assert_allclose(R.T @ R, permuted, atol=1e-12 * scale**2)
    np.testing.assert_allclose(V @ R.T, np.eye(d), atol=1e-8)


def test_weights_and_gradient_come_from_the_factors():
    moments, order, R, V = setting(9, 3)
    W = factor.weights_of(order, R, V)
    for k in range(9):
        before = order[:k]
        expected = np.linalg.solve(
            moments.S[np.ix_(before, before)], moments.S[before, order[k]]
        )
        np.testing.assert_allclose(W[before, order[k]], expected, rtol=1e-7, atol=1e-9)
        assert not W[order[k:], order[k]].any()
    gradient = (-moments.S @ (np.eye(9) - W))[np.ix_(order, order)]
    expected = -R.T * np.diag(R)
    np.testing.assert_allclose(np.tril(gradient, -1), np.tril(expected, -1), atol=1e-9)


def test_the_likelihood_with_a_variance_for_each_node_is_the_same_for_every_order():
    moments, *_ = setting(7, 5)
    rng = np.random.default_rng(0)
    values = [cost(moments, rng.permutation(7), moves.LOG) for _ in range(20)]
    np.testing.assert_allclose(values, values[0], rtol=1e-10)
    assert values[0] == pytest.approx(0.5 * np.linalg.slogdet(moments.S)[1])


def best_by_recursion(gains, p, d):
    if p >= d:
        return 0.0
    options = [best_by_recursion(gains, p + 1, d)]
    for q in range(p + 1, d):
        gain = max(gains[p, q], gains[q, p])
        options.append(gain + best_by_recursion(gains, q + 1, d))
    return max(options)


def test_gains_of_the_best_disjoint_windows_add_up_to_the_new_score():
    moments, order, R, V = setting(9, 11)
    gains, none = np.empty((9, 9)), np.empty((0, 0))
    moves.insertion_gains(R, V, moves.HALF, gains)
    low, high = np.zeros(9, dtype=np.int64), np.full(9, 8)
    rows, total = moves.best_windows(gains, none, low, high, 1e-12)
    assert len(rows) > 1
    assert (rows[1:, 0] > rows[:-1, 1]).all()
    assert total == pytest.approx(best_by_recursion(gains, 0, 9))
    before = moves.total_cost(R, moves.HALF)
    for p, q, kind in rows:
        source, target = (q, p) if kind == 0 else (p, q)
        factor.move_node(order, R, V, source, target)
    assert cost(moments, order, moves.HALF) == pytest.approx(before - total, rel=1e-10)


def test_ranges_hold_exactly_the_moves_that_keep_the_constraints():
    rng = np.random.default_rng(4)
    d = 7
    before = np.triu(rng.random((d, d)) < 0.2, 1)
    order = np.arange(d)
    low, high = moves.feasible_ranges(order, before)
    for source in range(d):
        for target in range(d):
            moved = np.insert(np.delete(order, source), target, source)
            place = np.argsort(moved)
            kept = all(place[i] < place[j] for i, j in np.argwhere(before))
            assert kept == (low[source] <= target <= high[source])
