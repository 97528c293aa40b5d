"""Fixing with propagation: bounds that hold, conflicts that are real."""

import itertools
import math

import numpy as np
import pytest
from scipy.sparse import csr_array

from boundwise.heuristics.linear import LinearMip
from boundwise.heuristics.propagation import fix_all, make_domains

INF = math.inf
BUDGET = 10**9


def make(rows, lower, upper, is_integer=None, objective=None):
    """Build a problem from rows (coefficients, lower, upper)."""
    n = len(lower)
    return LinearMip(
        lower=np.array(lower, dtype=float),
        upper=np.array(upper, dtype=float),
        objective=np.zeros(n) if objective is None else np.array(objective, float),
        is_integer=np.ones(n, bool) if is_integer is None else np.array(is_integer),
        matrix=csr_array(np.array([r[0] for r in rows], dtype=float).reshape(-1, n)),
        row_lower=np.array([r[1] for r in rows], dtype=float),
        row_upper=np.array([r[2] for r in rows], dtype=float),
    )


def fixed(mip, order, wishes, **changes):
    domains = make_domains(mip, np.array(order, dtype=int), np.array(wishes), **changes)
    assert fix_all(domains, BUDGET)
    bound = domains.bound
    return bound["lower"], bound["upper"], int(domains.own["n_conflicts"][0])


def test_one_fixing_decides_a_chain():
    # x0 <= x1 <= x2 <= x3: fixing x0 = 1 fixes all.
    rows = [
        ((1, -1, 0, 0), -INF, 0),
        ((0, 1, -1, 0), -INF, 0),
        ((0, 0, 1, -1), -INF, 0),
    ]
    lower, upper, conflicts = fixed(make(rows, [0] * 4, [1] * 4), [0], [1.0] * 4)
    assert (lower.tolist(), upper.tolist(), conflicts) == ([1] * 4, [1] * 4, 0)


def test_a_value_that_conflicts_gives_way_to_its_neighbour():
    # 2x + 2y = 4 and x - y = 0 leave x = y = 1 only; 2 and 0 conflict.
    rows = [((2, 2), 4, 4), ((1, -1), 0, 0)]
    lower, upper, conflicts = fixed(make(rows, [0, 0], [2, 2]), [0, 1], [2.0, 2.0])
    assert (lower.tolist(), upper.tolist(), conflicts) == ([1, 1], [1, 1], 0)


def test_what_is_impossible_is_counted_and_fixed_all_the_same():
    rows = [((2, 2), 3, 3)]
    lower, upper, conflicts = fixed(make(rows, [0, 0], [1, 1]), [0, 1], [1.0, 1.0])
    assert conflicts > 0
    assert lower.tolist() == upper.tolist() == [1.0, 1.0]


def test_infinite_bounds_are_derived_from_rows():
    # x + y <= 5 with y >= 2 bounds x; z has no bounds and appears nowhere.
    rows = [((1, 1, 0), -INF, 5)]
    mip = make(rows, [-INF, 2, -INF], [INF, INF, INF], [True, False, True])
    lower, upper, conflicts = fixed(mip, [], [0.0, 0.0, 0.0])
    assert (lower[0], upper[0]) == (-INF, 3.0)
    assert (lower[2], upper[2]) == (-INF, INF)
    assert conflicts == 0


def test_the_cutoff_is_a_row_too():
    mip = make([], [0, 0], [9, 9], objective=[1, 2])
    lower, upper, _ = fixed(mip, [], [0.0, 0.0], cutoff=7.0)
    assert (lower.tolist(), upper.tolist()) == ([0, 0], [7, 3])


@pytest.mark.parametrize("seed", range(40))
def test_no_solution_is_ever_cut_off(seed):
    rng = np.random.default_rng(seed)
    n, m = 5, 4
    A = rng.integers(-4, 6, (m, n)).astype(float) * (rng.random((m, n)) < 0.7)
    inside = rng.integers(-1, 3, n)
    activity = A @ inside
    row_lower = np.where(rng.random(m) < 0.5, -INF, activity - rng.integers(0, 3, m))
    row_upper = np.where(rng.random(m) < 0.3, INF, activity + rng.integers(0, 3, m))
    mip = make(list(zip(A, row_lower, row_upper, strict=True)), [-1] * n, [2] * n)
    # Propagation alone, then with one variable fixed as in a known solution.
    for order in ([], [0]):
        lower, upper, conflicts = fixed(mip, order, inside.astype(float))
        assert conflicts == 0
        for point in itertools.product(range(-1, 3), repeat=n):
            if order and point[0] != inside[0]:
                continue
            if mip.is_feasible(np.array(point, dtype=float)):
                assert (lower <= point).all()
                assert (point <= upper).all()


@pytest.mark.parametrize("seed", range(20))
def test_without_conflicts_no_row_of_fixed_variables_is_violated(seed):
    rng = np.random.default_rng(seed)
    n, m = 12, 8
    A = rng.integers(-4, 6, (m, n)).astype(float) * (rng.random((m, n)) < 0.5)
    inside = rng.integers(0, 2, n)
    upper = A @ inside + rng.integers(0, 4, m)
    mip = make(
        [(row, -INF, u) for row, u in zip(A, upper, strict=True)], [0] * n, [1] * n
    )
    lower, upper_bounds, conflicts = fixed(mip, rng.permutation(n), rng.random(n))
    assert (lower == upper_bounds).all()
    assert (conflicts > 0) or mip.is_feasible(lower)


def test_a_budget_only_divides_the_work():
    rng = np.random.default_rng(0)
    n, m = 60, 40
    A = rng.integers(-4, 6, (m, n)).astype(float) * (rng.random((m, n)) < 0.2)
    upper = A @ rng.integers(0, 2, n) + 1.0
    mip = make(
        [(row, -INF, u) for row, u in zip(A, upper, strict=True)], [0] * n, [1] * n
    )
    order, wishes = rng.permutation(n), rng.random(n)
    at_once = fixed(mip, order, wishes)
    domains = make_domains(mip, order, wishes)
    calls = 1
    while not fix_all(domains, 50):
        calls += 1
    assert calls > 5
    assert domains.bound["lower"].tolist() == at_once[0].tolist()
    assert domains.bound["upper"].tolist() == at_once[1].tolist()
