"""Sweeps: Gram blocks and moments against direct sums, merged plans, parts."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from boundwise.solvers.vanishing import sweep as sweep_module
from boundwise.solvers.vanishing.fitting import Task, fit_ideals
from boundwise.solvers.vanishing.gram import Gram, Layer, Plan
from boundwise.solvers.vanishing.local import LocalGram
from boundwise.solvers.vanishing.merge import MergedPlan
from boundwise.solvers.vanishing.packed import all_keys, unpack
from boundwise.solvers.vanishing.rows import ArrayRows
from boundwise.solvers.vanishing.scaling import Scaling, variable_order
from boundwise.solvers.vanishing.settings import Settings
from boundwise.solvers.vanishing.terms import all_words, exponents
from boundwise.solvers.vanishing.tiles import TilePlan


def full_layers(n, degree):
    starts = [0, 1]
    layers = []
    for words, parents, variables in all_words(n, degree):
        layers.append(Layer(words, parents + starts[-2], variables))
        starts.append(starts[-1] + len(words))
    return tuple(layers)


def term_values(X, layers):
    powers = [exponents(layer.words, X.shape[1]) for layer in layers]
    powers = np.concatenate([np.zeros((1, X.shape[1]), int), *powers])
    return np.prod(X[:, None] ** powers[None], axis=2)


@pytest.mark.parametrize("tiled", [True, False])
@pytest.mark.parametrize("chunk_size", [None, 1, 50, 10**6])
@pytest.mark.parametrize(("n", "degree"), [(1, 1), (2, 3), (3, 2), (5, 2)])
def test_products_equal_direct_sums(monkeypatch, tiled, chunk_size, n, degree):
    monkeypatch.setattr(sweep_module, "BLAS_PRODUCTS", 10**9 if tiled else 0)
    X = np.random.default_rng(0).uniform(size=(333, n))
    layers = full_layers(n, degree)
    T = term_values(X, layers)
    first = T.shape[1] - len(layers[-1])
    rows = np.arange(T.shape[1])
    identity = Scaling.identity(n)
    whole = Plan(layers, rows, symmetric=True).run(X, identity, chunk_size)
    np.testing.assert_allclose(whole.products, T.T @ T[:, first:], rtol=1e-12)
    assert whole.n_rows == 333
    some = Plan(layers, rows[::2], squares=True).run(X, identity, chunk_size)
    np.testing.assert_allclose(some.products, T[:, ::2].T @ T[:, first:], rtol=1e-12)
    np.testing.assert_allclose(some.squares, (T[:, first:] ** 2).sum(0), rtol=1e-12)


def test_scaling_is_applied_on_the_way():
    X = np.random.default_rng(1).normal(size=(100, 3))
    scaling = Scaling.min_max(X.min(axis=0), X.max(axis=0)).reordered(
        np.array([2, 0, 1])
    )
    Z = ((X - X.min(axis=0)) / np.ptp(X, axis=0))[:, [2, 0, 1]]
    layers = full_layers(3, 2)
    plan = Plan(layers, np.arange(10), symmetric=True)
    got = plan.run(X, scaling, None).products
    want = plan.run(np.ascontiguousarray(Z), Scaling.identity(3), None).products
    np.testing.assert_allclose(got, want, rtol=1e-12)


@given(st.integers(1, 4), st.integers(1, 3), st.data())
def test_tiles_cover_any_set_of_moments(n, degree, data):
    keys, parents, variables = all_keys(n, degree)
    sums = np.unique(keys[:, None] + keys[None, :])
    chosen = [key for key in sums.tolist() if data.draw(st.booleans())] or [0]
    needed = np.array(chosen, dtype=np.int64)
    plan = TilePlan.of(needed, keys, parents, variables, n)
    X = np.random.default_rng(2).uniform(size=(70, n))
    got = plan.run(X, Scaling.identity(n), 16).products
    want = np.prod(X[:, None] ** unpack(needed, n)[None], axis=2).sum(axis=0)
    np.testing.assert_allclose(got, want, rtol=1e-12)


def test_few_tiles_cover_all_moments_up_to_degree_six():
    keys, parents, variables = all_keys(3, 3)
    needed = np.unique(keys[:, None] + keys[None, :])
    plan = TilePlan.of(needed, keys, parents, variables, 3, attempts=20)
    # 84 moments need six tiles of 16 at least.
    assert 6 <= len(plan.left) <= 8


@pytest.mark.parametrize("n_parts", [1, 3])
@pytest.mark.parametrize("small_is_symmetric", [True, False])
def test_merged_plans_give_each_its_share(n_parts, small_is_symmetric):
    X = np.random.default_rng(3).uniform(size=(60, 3))
    layers = full_layers(3, 2)
    source = LocalGram(ArrayRows(X, n_parts), Scaling.identity(3))
    # The second plan lacks the variable 1 and what it divides.
    few = Layer(np.array([[0], [2]]), np.zeros(2, int), np.array([0, 2]))
    border = Layer(
        np.array([[0, 0], [2, 0], [2, 2]]), np.array([1, 1, 2]), np.array([0, 2, 2])
    )
    plans = [
        Plan(layers, np.arange(4), squares=True),
        Plan((few, border), np.arange(6), symmetric=True),
    ]
    if not small_is_symmetric:
        plans = [
            Plan(layers, np.arange(10), symmetric=True),
            Plan((few, border), np.arange(3), squares=True),
        ]
    merged = MergedPlan(plans)
    # No border row is multiplied with the whole border for the sake of one plan.
    assert merged.plan.rows.tolist() == list(range(merged.plan.first))
    if small_is_symmetric:
        assert len(merged.plan.block) == 3
    answer = source.gram(merged.plan)
    for number, plan in enumerate(plans):
        want = source.gram(plan)
        got = merged.share(answer, number)
        np.testing.assert_allclose(got.products, want.products, rtol=1e-12)
        if plan.squares:
            np.testing.assert_allclose(got.squares, want.squares, rtol=1e-12)


@pytest.mark.parametrize("n", [3, 8])
@pytest.mark.parametrize("oracle", ["ihb", "abm"])
def test_grams_of_folds_add_up_to_fits_on_their_complements(n, oracle):
    # Folds 0, 1 and 2; each fit leaves one out, and one takes all.
    X = np.random.default_rng(4).uniform(size=(300, n))
    folds = np.split(X, [90, 200])
    identity = Scaling.identity(n)
    sources = [LocalGram(ArrayRows(fold), identity) for fold in folds]
    settings = Settings(
        psi=1e-3,
        tau=None,
        max_degree=3,
        oracle=oracle,
        factorization="cholesky",
        term_order="deglex",
        chunk_size=None,
    )
    tasks = [
        Task(psi, parts)
        for psi in (1e-2, 1e-3)
        for parts in ((1, 2), (0, 2), (0, 1), (0, 1, 2))
    ]
    for task, got in zip(tasks, fit_ideals(settings, tasks, sources), strict=True):
        rows = np.concatenate([folds[part] for part in task.parts])
        [want] = fit_ideals(
            settings, [Task(task.psi)], [LocalGram(ArrayRows(rows), identity)]
        )
        assert got.leading_powers.tolist() == want.leading_powers.tolist()
        np.testing.assert_allclose(got.coefficients, want.coefficients, atol=1e-7)


def test_a_total_of_grams_leaves_its_parts_alone():
    part = Gram(np.ones((2, 2)), np.ones(2), 3)
    total = Gram.total([part, part, part])
    assert total.products.tolist() == [[3, 3], [3, 3]]
    assert total.n_rows == 9
    assert part.products.tolist() == [[1, 1], [1, 1]]


def test_variables_are_ordered_by_their_correlations():
    relation = np.array([[1, 0.9, -0.8], [0.9, 1, 0.1], [-0.8, 0.1, 1]])
    assert variable_order("deglex", relation).tolist() == [0, 1, 2]
    assert variable_order("pearson", relation).tolist() == [2, 1, 0]
    assert variable_order("reverse_pearson", relation).tolist() == [0, 1, 2]
    constant = np.full((2, 2), np.nan)
    assert variable_order("pearson", constant).tolist() == [0, 1]
