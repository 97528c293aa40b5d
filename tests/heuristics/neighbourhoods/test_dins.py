"""DINS moves general integers towards the LP, and few binary variables."""

import numpy as np
import pytest

from boundwise.core.errors import InputError
from boundwise.heuristics.neighbourhoods.dins import Dins, within_distance


def boxes_of(proposed):
    bounds = proposed.bounds
    return {
        v: (low, up)
        for v, low, up in zip(bounds.variables, bounds.lower, bounds.upper, strict=True)
    }


def test_general_integers_get_the_bounds_of_the_distance(state_of, rng):
    # |y - 4.6| <= |7 - 4.6| = 2.4 and |y - 2.5| <= |1 - 2.5| = 1.5; 3 is near: fixed.
    state = state_of(
        [7, 1, 3, 0, 5], upper=[9, 9, 9, 1, 9], lp=[4.6, 2.5, 3.2, 0.0, 5.0]
    )
    proposed = Dins().propose(state, 0.6, rng)
    assert sorted(proposed.fixed.tolist()) == [2, 3, 4]
    assert boxes_of(proposed) == {0: (3.0, 7.0), 1: (1.0, 4.0)}


def test_bounds_of_the_problem_still_hold(state_of, rng):
    state = state_of([7, 0, 0], lower=[6, 0, 0], upper=[7, 1, 1], lp=[2.0, 0, 0])
    assert Dins().propose(state, 0.7, rng).bounds is None  # two values: as binary
    state = state_of([7, 0, 0], lower=[5, 0, 0], upper=[7, 1, 1], lp=[2.0, 0, 0])
    assert boxes_of(Dins().propose(state, 0.7, rng)) == {0: (5.0, 7.0)}


def test_binaries_are_fixed_where_lp_and_pool_agree_with_the_solution(state_of, rng):
    state = state_of(
        [1, 1, 0, 0, 1], lp=[1.0, 0.4, 0.0, 0.0, 1.0], pool=[[1, 1, 1, 0, 1]]
    )
    proposed = Dins().propose(state, 0.6, rng)
    assert sorted(proposed.fixed.tolist()) == [0, 3, 4]
    assert proposed.bounds is None


def test_few_of_many_free_binaries_may_flip(state_of, rng):
    n = 100
    state = state_of(np.resize([0.0, 1.0], n), lp=np.full(n, 0.5), pool=())
    # Nothing agrees: everything that is fixed is added by the order, from nothing.
    assert Dins().propose(state, 0.5, rng) is None
    lp = np.where(np.arange(n) < 20, np.resize([0.0, 1.0], n), 0.5)
    proposed = Dins(least_radius=7).propose(state_of(state.current, lp=lp), 0.2, rng)
    assert len(proposed.fixed) == 20
    row = proposed.rows
    x = state.current.copy()
    flips = np.flatnonzero(lp == 0.5)
    for count, inside in ((0, True), (8, True), (9, False)):
        x = state.current.copy()
        x[flips[:count]] = 1.0 - x[flips[:count]]
        assert bool((row.matrix @ x <= row.upper).all()) is inside


def test_the_node_relaxation_is_preferred(state_of, rng):
    state = state_of([7, 1], upper=9, lp=[7.0, 5.0], node=[4.0, 1.0])
    assert boxes_of(Dins().propose(state, 0.5, rng)) == {0: (1.0, 7.0)}


def test_without_a_relaxation_there_is_nothing(state_of, rng):
    assert Dins().propose(state_of([0, 1, 0]), 0.5, rng) is None


@pytest.mark.parametrize("bad", [{"solutions": 0}, {"least_radius": 0}])
def test_counts_below_one_are_refused(bad):
    with pytest.raises(InputError, match=f"^{next(iter(bad))} must be a"):
        Dins(**bad)


def test_a_distance_row_counts_flips_also_of_shifted_variables(state_of):
    # Values 4 and 5, 0 and 1, -1 and 0: each flip counts one.
    state = state_of([4, 1, 0], lower=[4, 0, -1], upper=[5, 1, 0])
    row = within_distance(state, np.arange(3), 1)
    value = lambda x: float((row.matrix @ np.array(x, dtype=float))[0])  # noqa: E731
    side = row.upper[0]
    assert value([4, 1, 0]) == side - 1
    assert value([5, 1, 0]) == value([4, 0, 0]) == value([4, 1, -1]) == side
    assert value([5, 0, 0]) == side + 1
