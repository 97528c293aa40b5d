"""Scores, jumps and lists against their definitions, evaluated in plain numpy."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from boundwise.heuristics.compiled import compiled
from boundwise.heuristics.local_search.arrays import make_search
from boundwise.heuristics.local_search.moves import (
    apply_move,
    jump_step,
    recompute,
    score_by_amounts,
    score_by_levels,
)


@compiled()
def look(search, j, step):
    """Return jump, gain of amounts and gain of levels."""
    amounts = score_by_amounts(search, j, step)
    return jump_step(search, j), amounts, score_by_levels(search, j, step)


@compiled()
def walk(search, columns, steps):
    """Make moves from a point whose activities are computed first."""
    recompute(search)
    for k in range(len(columns)):
        apply_move(search, columns[k], steps[k])


@pytest.fixture(scope="module")
def prepare():
    """Return a maker of a search at a random point with random weights."""

    def make(mip, seed):
        rng = np.random.default_rng(seed)
        search = make_search(mip, seed)
        x = rng.integers(mip.lower, mip.upper + 1).astype(float)
        free = ~mip.is_integer
        x[free] = rng.uniform(mip.lower[free], mip.upper[free])
        search.col["x"] = x
        search.row["weight"] = rng.integers(1, 6, len(search.row))
        search.row["upper"][-1] = mip.value(x) - rng.integers(0, 9)
        walk(search, np.zeros(0, dtype=np.int64), np.zeros(0))
        return search

    return make


def dense(mip):
    return np.vstack([mip.matrix.toarray(), mip.objective])


def amounts(mip, search, x):
    """Return the violation of each row, the objective included."""
    activity = dense(mip) @ x
    row = search.row
    return np.maximum(np.maximum(row["lower"] - activity, activity - row["upper"]), 0)


def weighted(mip, search, x):
    return float(
        (search.row["weight"] / search.row["unit"] * amounts(mip, search, x)).sum()
    )


@settings(max_examples=60, deadline=None)
@given(seed=st.integers(0, 10**6), n_continuous=st.integers(0, 3))
def test_scores_are_what_their_definitions_say(prepare, random_mip, seed, n_continuous):
    mip = random_mip(seed, n_continuous=n_continuous)
    search = prepare(mip, seed)
    x = search.col["x"].copy()
    before = amounts(mip, search, x)
    for j in range(mip.n_variables):
        for step in (1.0, -1.0, 3.0):
            after_x = x.copy()
            after_x[j] += step
            after = amounts(mip, search, after_x)
            _, by_amounts, by_levels = look(search, j, step)
            gain = weighted(mip, search, x) - weighted(mip, search, after_x)
            assert by_amounts == pytest.approx(gain, abs=1e-9)
            touched = dense(mip)[:, j] != 0
            was, is_now = before > 1e-6, after > 1e-6
            level = np.where(
                was,
                np.where(~is_now, 1.0, np.where(after < before - 1e-12, 0.5, -0.5)),
                np.where(is_now, -1.0, 0.0),
            )
            expected = float((search.row["weight"] * level)[touched].sum())
            assert by_levels == pytest.approx(expected, abs=1e-9)


@settings(max_examples=60, deadline=None)
@given(seed=st.integers(0, 10**6))
def test_a_jump_goes_to_the_best_other_integer(prepare, random_mip, seed):
    mip = random_mip(seed)
    search = prepare(mip, seed)
    x = search.col["x"].copy()
    for j in range(mip.n_variables):
        values = {}
        for value in np.arange(mip.lower[j], mip.upper[j] + 1):
            point = x.copy()
            point[j] = value
            values[value] = weighted(mip, search, point)
        here = values.pop(x[j])
        step = look(search, j, 0.0)[0]
        if not values:
            assert step == 0.0
            continue
        assert step != 0.0
        assert values[x[j] + step] == pytest.approx(min(values.values()), abs=1e-9)
        assert here >= 0.0


@settings(max_examples=60, deadline=None)
@given(seed=st.integers(0, 10**6))
def test_a_continuous_jump_is_as_good_as_any_on_a_grid(prepare, random_mip, seed):
    mip = random_mip(seed, n=2, n_continuous=5)
    search = prepare(mip, seed)
    x = search.col["x"].copy()
    for j in range(2, 7):
        point = x.copy()
        point[j] += look(search, j, 0.0)[0]
        assert mip.lower[j] - 1e-12 <= point[j] <= mip.upper[j] + 1e-12
        least = math.inf
        for value in np.linspace(mip.lower[j], mip.upper[j], 101):
            other = x.copy()
            other[j] = value
            least = min(least, weighted(mip, search, other))
        assert weighted(mip, search, point) <= least + 1e-9


@settings(max_examples=60, deadline=None)
@given(seed=st.integers(0, 10**6))
def test_activities_and_lists_are_those_computed_anew(prepare, random_mip, seed):
    mip = random_mip(seed, n_continuous=3)
    search = prepare(mip, seed)
    rng = np.random.default_rng(seed)
    columns = rng.integers(0, mip.n_variables, 30)
    x = search.col["x"].copy()
    steps = []
    for j in columns:
        low, high = mip.lower[j], mip.upper[j]
        value = rng.uniform(low, high)
        value = np.round(value) if mip.is_integer[j] else value
        steps.append(value - x[j])
        x[j] = value
    walk(search, columns, np.array(steps))
    assert search.col["x"] == pytest.approx(x, abs=1e-12)
    assert search.row["activity"] == pytest.approx(dense(mip) @ x, abs=1e-9)
    own = search.own[0]
    violated = search.violated[: own["n_violated"]].tolist()
    missed = amounts(mip, search, x) > search.row["tolerance"]
    assert sorted(violated) == np.flatnonzero(missed).tolist()
    assert search.row["place"][violated].tolist() == list(range(len(violated)))
    improvers = search.improvers[: own["n_improvers"]].tolist()
    room = np.where(mip.objective > 0, x > mip.lower, x < mip.upper)
    expected = np.flatnonzero((mip.objective != 0) & room)
    assert sorted(improvers) == expected.tolist()
    assert search.col["place"][improvers].tolist() == list(range(len(improvers)))
