import itertools

import numpy as np
import pytest

from boundwise.solvers.dag import descent, factor, moves
from boundwise.solvers.dag.moments import Moments
from boundwise.solvers.dag.subset_dp import best_order_of_covariance

KINDS = [moves.HALF, moves.ROOT]


@pytest.mark.parametrize("kind", KINDS)
def test_the_subset_program_agrees_with_all_permutations(kind, draw, unconstrained):
    X, _ = draw(6, 2, 40, 1, standardised=True)
    moments = Moments.of_data(X)
    order, value = best_order_of_covariance(np.array(moments.S), kind, unconstrained(6))
    values = {
        p: moves.total_cost(factor.factorise(moments, np.array(p))[0], kind)
        for p in itertools.permutations(range(6))
    }
    assert value == pytest.approx(min(values.values()), rel=1e-12)
    assert values[tuple(order)] == pytest.approx(value, rel=1e-12)


def test_the_subset_program_keeps_constraints_and_is_best_among_those(draw):
    X, _ = draw(6, 2, 40, 2)
    moments = Moments.of_data(X)
    before = np.zeros((6, 6), dtype=np.bool_)
    before[5, 0] = before[0, 3] = before[5, 3] = True
    order, value = best_order_of_covariance(np.array(moments.S), moves.HALF, before)
    least = min(
        moves.total_cost(factor.factorise(moments, np.array(p))[0], moves.HALF)
        for p in itertools.permutations(range(6))
        if p.index(5) < p.index(0) < p.index(3)
    )
    assert value == pytest.approx(least, rel=1e-12)
    assert [node for node in order if node in (5, 0, 3)] == [5, 0, 3]


@pytest.mark.parametrize("seed", range(6))
def test_descent_with_kicks_finds_the_optimum_of_standardised_data(
    seed, draw, unconstrained
):
    X, _ = draw(12, 3, 500, seed, standardised=True)
    moments, free = Moments.of_data(X), unconstrained(12)
    _, best = best_order_of_covariance(np.array(moments.S), moves.HALF, free)
    order = np.arange(12)
    R, V = factor.factorise(moments, order)
    start = moves.total_cost(R, moves.HALF)
    descent.descend(order, R, V, moves.HALF, free, True, 0, np.inf)
    local = moves.total_cost(R, moves.HALF)
    assert local <= start
    state = np.array([seed], dtype=np.uint64)
    descent.iterate(order, R, V, moves.HALF, free, False, 300, 4, state)
    value = moves.total_cost(R, moves.HALF)
    assert best * (1 - 1e-12) <= value <= local * (1 + 1e-12)
    assert value == pytest.approx(best, rel=1e-10)
    again = moves.total_cost(factor.factorise(moments, order)[0], moves.HALF)
    assert value == pytest.approx(again, rel=1e-11)


def test_a_window_as_wide_as_the_order_is_the_exact_answer(draw, unconstrained):
    X, _ = draw(8, 2, 200, 3, standardised=True)
    moments, free = Moments.of_data(X), unconstrained(8)
    _, best = best_order_of_covariance(np.array(moments.S), moves.HALF, free)
    order = np.arange(8)
    R, V = factor.factorise(moments, order)
    descent.descend(order, R, V, moves.HALF, free, False, 8, np.inf)
    assert moves.total_cost(R, moves.HALF) == pytest.approx(best, rel=1e-12)


def test_the_first_node_has_least_variance_and_so_on(draw, unconstrained):
    X, _ = draw(10, 2, 300, 4)
    moments = Moments.of_data(X)
    order = factor.min_pivot_order(np.array(moments.S), unconstrained(10))
    S, left = moments.S, list(range(10))
    for k, node in enumerate(order):
        given = order[:k]
        rest = [
            S[j, j]
            - S[j, given] @ np.linalg.solve(S[np.ix_(given, given)], S[given, j])
            for j in left
        ]
        assert left[int(np.argmin(rest))] == node
        left.remove(node)
    root = np.linalg.qr((X - X.mean(axis=0)) / np.sqrt(300), mode="r")
    by_root = factor.min_pivot_order_of_rows(root.T.copy(), unconstrained(10))
    np.testing.assert_array_equal(by_root, order)
