"""The pool is sorted, its solutions differ in an integer, the best is never lost."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from boundwise.core.errors import InputError
from boundwise.heuristics.pool import SolutionPool

IS_INTEGER = np.array([True, True, False])

solutions = st.lists(
    st.tuples(
        st.integers(0, 2), st.integers(0, 2), st.floats(0, 5), st.integers(-9, 9)
    ),
    max_size=40,
)


def vector(*values):
    return np.array(values, dtype=float)


@given(solutions, st.integers(1, 5))
def test_the_invariants_hold_after_every_addition(offered, capacity):
    pool = SolutionPool(IS_INTEGER, capacity)
    best = math.inf
    for one, other, third, objective in offered:
        size, worst = len(pool), max((s.objective for s in pool), default=math.inf)
        taken = pool.add(vector(one, other, third), objective)
        best = min(best, objective)
        objectives = [s.objective for s in pool]
        keys = [tuple(s.values[:2]) for s in pool]
        assert objectives == sorted(objectives)
        assert len(set(keys)) == len(keys) <= capacity
        assert pool.best is not None
        assert pool.best.objective == best == objectives[0]
        assert (tuple(map(float, (one, other))) in keys) or not taken
        assert size <= len(pool) <= size + 1
        if size == capacity and taken and capacity == 1:
            assert max(objectives) <= worst


@given(solutions, st.integers(1, 5))
def test_without_diversity_the_best_of_each_assignment_are_kept(offered, capacity):
    pool = SolutionPool(IS_INTEGER, capacity, diversity=0.0)
    best = {}
    for one, other, third, objective in offered:
        pool.add(vector(one, other, third), objective)
        key = (float(one), float(other))
        best[key] = min(best.get(key, math.inf), objective)
    kept = sorted(s.objective for s in pool)
    assert kept == sorted(best.values())[:capacity]


def test_a_distant_solution_displaces_a_near_one_that_is_hardly_better():
    pool = SolutionPool(np.ones(10, dtype=bool), 3)
    near = [np.zeros(10) for _ in range(3)]
    for k, values in enumerate(near):
        values[:k] = 1.0
        assert pool.add(values, 10.0 + 0.1 * k)
    assert pool.add(np.full(10, 1.0), 10.25)
    assert [s.objective for s in pool] == [10.0, 10.1, 10.25]
    # One that is as far from the rest but much worse is not taken.
    far = np.resize([0.0, 1.0], 10)
    assert not pool.add(far, 20.0)
    assert [s.objective for s in pool] == [10.0, 10.1, 10.25]


@pytest.mark.parametrize("diversity", [-0.1, math.nan, math.inf])
def test_diversity_is_not_negative(diversity):
    with pytest.raises(InputError, match="diversity"):
        SolutionPool(IS_INTEGER, diversity=diversity)


def test_infinite_objectives_go_first():
    pool = SolutionPool(IS_INTEGER, 2)
    pool.add(vector(0, 0, 0), math.inf)
    pool.add(vector(1, 0, 0), 1.0)
    assert pool.add(vector(2, 0, 0), 2.0)
    assert [s.objective for s in pool] == [1.0, 2.0]


def test_equal_integers_count_as_one_and_the_better_stays():
    pool = SolutionPool(IS_INTEGER)
    assert pool.add(vector(1, 0, 5.0), 3.0)
    assert not pool.add(vector(1, 0, 7.0), 3.0)
    assert not pool.add(vector(1 + 1e-7, 0, 7.0), 4.0)
    assert pool.add(vector(1 - 1e-7, 0, 7.0), 2.0)
    assert [s.objective for s in pool] == [2.0]
    assert pool.best is not None
    assert pool.best.values[2] == 7.0


def test_without_integers_only_equal_points_count_as_one():
    pool = SolutionPool(np.zeros(2, dtype=bool))
    assert pool.add(vector(0.1, 0.2), 1.0)
    assert not pool.add(vector(0.1, 0.2 + 1e-12), 1.0)
    assert pool.add(vector(0.1, 0.3), 1.0)
    assert len(pool) == 2


def test_the_pool_keeps_a_read_only_copy():
    mine = vector(1, 2, 3)
    pool = SolutionPool(IS_INTEGER)
    pool.add(mine, 0.0)
    mine[:] = 9.0
    assert pool.best is not None
    assert pool.best.values.tolist() == [1.0, 2.0, 3.0]
    with pytest.raises(ValueError, match="read-only"):
        pool.best.values[0] = 1.0


def test_an_empty_pool_has_no_best():
    pool = SolutionPool(IS_INTEGER)
    assert pool.best is None
    assert len(pool) == 0
    assert list(pool) == []


def test_nan_is_no_objective():
    with pytest.raises(InputError, match="objective"):
        SolutionPool(IS_INTEGER).add(vector(0, 0, 0), math.nan)


@pytest.mark.parametrize("capacity", [0, -1])
def test_a_pool_holds_at_least_one(capacity):
    with pytest.raises(InputError, match="capacity"):
        SolutionPool(IS_INTEGER, capacity)
