import itertools

import numpy as np
import pytest

from boundwise.solvers.dag.lasso import lasso
from boundwise.solvers.dag.moments import Moments
from boundwise.solvers.dag.subset_choice import choose_parents


def fit(S, u, allowed, pen, w=None):
    d = len(S)
    w = np.zeros(d) if w is None else w.copy()
    g = np.zeros(d)
    room, active = np.zeros((d + 2, d)), np.zeros(d, dtype=np.int64)
    r = lasso(np.array(S), u, allowed, pen, w, g, room, active)
    return r, w, g


def violation(S, u, allowed, pen, w):
    g = S @ w - S[:, u]
    at_zero = np.maximum(np.abs(g) - pen, 0.0)
    worst = np.where(w == 0.0, at_zero, np.abs(g + pen * np.sign(w)))
    return worst[allowed].max()


@pytest.mark.parametrize("per_node", [2, 4])
def test_every_node_of_an_ill_conditioned_problem_is_solved(per_node, draw):
    X, _ = draw(60, per_node, 1000, 0)
    moments = Moments.of_data(X)
    assert np.linalg.cond(moments.S) > 1e4
    pen = np.full(60, 0.1)
    rng = np.random.default_rng(1)
    for u in range(60):
        allowed = np.arange(60) != u
        start = np.where(allowed, rng.normal(size=60) * (rng.random(60) < 0.3), 0.0)
        _, w, g = fit(moments.S, u, allowed, pen)
        _, other, _ = fit(moments.S, u, allowed, pen, start)
        assert violation(moments.S, u, allowed, pen, w) <= 1e-9
        np.testing.assert_allclose(other, w, atol=1e-8)
        np.testing.assert_allclose(g, moments.S @ w - moments.S[:, u], atol=1e-10)


def test_fewer_rows_than_columns_and_copies_are_no_obstacle():
    rng = np.random.default_rng(5)
    X = rng.normal(size=(12, 30))
    X[:, 7] = X[:, 3]
    X[:, 9] = X[:, 3] - 2.0 * X[:, 4]
    X[:, 11] = 1.0
    S = Moments.of_data(X).S
    for u in range(30):
        allowed = np.arange(30) != u
        for lam in (1e-3, 0.05, 0.5):
            pen = np.full(30, lam)
            _, w, _ = fit(S, u, allowed, pen)
            assert violation(S, u, allowed, pen, w) <= 1e-9
            assert w[11] == 0.0


def test_unpenalised_coefficients_are_least_squares(draw):
    X, _ = draw(8, 2, 200, 6)
    S = Moments.of_data(X).S
    allowed = np.array([True, True, False, True, True, True, False, False])
    r, w, _ = fit(S, 7, allowed, np.zeros(8))
    block = np.ix_(allowed, allowed)
    np.testing.assert_allclose(w[allowed], np.linalg.solve(S[block], S[allowed, 7]))
    assert not w[~allowed].any()
    assert r == pytest.approx(S[7, 7] - S[7, allowed] @ w[allowed])


def subset_cost(S, u, subset, price, free):
    subset = list(subset)
    r = S[u, u]
    if subset:
        r -= S[u, subset] @ np.linalg.solve(S[np.ix_(subset, subset)], S[subset, u])
    return 0.5 * np.log(r) + price * sum(not free[v] for v in subset)


@pytest.mark.parametrize("seed", range(8))
def test_the_choice_of_parents_is_the_best_of_all_subsets(seed):
    rng = np.random.default_rng(seed)
    d = 8
    X = rng.normal(size=(40, d)) @ rng.normal(size=(d, d))
    S = np.array(Moments.of_data(X).S)
    allowed = np.arange(d) != 2
    free = np.zeros(d, dtype=np.bool_)
    free[5] = seed % 2 == 0
    inside = np.zeros(d, dtype=np.bool_)
    cost = choose_parents(S, 2, allowed, free, 0.06, inside, np.zeros((d + 2, d)))
    others = [v for v in range(d) if v != 2 and not free[v]]
    kept = [5] if free[5] else []
    least = min(
        subset_cost(S, 2, kept + list(subset), 0.06, free)
        for size in range(len(others) + 1)
        for subset in itertools.combinations(others, size)
    )
    assert cost == pytest.approx(least, abs=1e-9)
    chosen = np.flatnonzero(inside)
    assert subset_cost(S, 2, chosen, 0.06, free) == pytest.approx(cost, abs=1e-9)
