"""Proximity, trust region and zero objective: right sign, right offset, a real step."""

import itertools
import math

import numpy as np
import pytest

from boundwise.core.errors import InputError
from boundwise.heuristics.neighbourhoods.proximity import Proximity
from boundwise.heuristics.neighbourhoods.trust_region import TrustRegion
from boundwise.heuristics.neighbourhoods.zero_objective import ZeroObjective

X = [1, 0, 1, 4, -1]
BOUNDS = {"lower": [0, 0, 0, 4, -1], "upper": [1, 1, 1, 5, 0]}


def test_the_current_solution_is_the_minimum_and_every_flip_costs_one(state_of, rng):
    state = state_of(X, **BOUNDS, bound=0.0)
    distance = Proximity().propose(state, 0.7, rng).objective
    sides = zip(BOUNDS["lower"], BOUNDS["upper"], strict=True)
    for y in itertools.product(*sides):
        flips = int(np.sum(np.array(y) != np.array(X)))
        assert distance.value(np.array(y, dtype=float)) == flips


@pytest.mark.parametrize(
    ("bound", "target"), [(0.0, 5.0 - 0.1 * 5.0), (3.0, 4.8), (-math.inf, 4.5)]
)
def test_the_step_is_a_share_of_the_gap(state_of, rng, bound, target):
    state = state_of(X, **BOUNDS, bound=bound)
    for arm in (Proximity(0.1), TrustRegion(0.1), ZeroObjective(0.1)):
        assert arm.propose(state, 0.7, rng).target == pytest.approx(target)


def test_the_step_points_down_also_below_zero(state_of, rng):
    # x_obj - d |x_obj|: with a negative objective, x_obj (1 - d) would be worse.
    state = state_of([1, 1], costs=-3.0)
    assert Proximity(0.1).propose(state, 0.7, rng).target == pytest.approx(-6.6)


def test_general_integers_and_continuous_variables_do_not_count(state_of, rng):
    state = state_of(
        [1, 3, 0.5], upper=[1, 9, 1], is_integer=[True, True, False], bound=0.0
    )
    coefficients = Proximity().propose(state, 0.7, rng).objective.coefficients
    assert coefficients.tolist() == [-1.0, 0.0, 0.0]
    general = state_of([3, 3], upper=9, bound=0.0)
    assert Proximity().propose(general, 0.7, rng) is None
    assert TrustRegion().propose(general, 0.7, rng) is None


def test_moving_as_many_as_are_free_costs_what_the_gap_earns(state_of, rng):
    state = state_of([1] * 10, bound=2.0)  # gap 8
    objective = TrustRegion().propose(state, 0.6, rng).objective
    flipped = np.array([0.0] * 4 + [1.0] * 6)
    assert objective.value(state.current) == pytest.approx(10.0)
    assert objective.value(flipped) == pytest.approx(6.0 + 8.0)


def test_a_zero_objective_is_zero_and_a_random_one_is_not(state_of, rng):
    state = state_of(X, **BOUNDS, bound=0.0)
    zero = ZeroObjective().propose(state, 0.6, rng)
    assert not zero.objective.coefficients.any()
    assert len(zero.fixed) == 3
    noisy = ZeroObjective(noise=1.0).propose(state, 0.6, rng)
    assert np.count_nonzero(noisy.objective.coefficients) == 5


@pytest.mark.parametrize("arm", [Proximity(), TrustRegion(), ZeroObjective()])
def test_with_nothing_to_improve_there_is_nothing_to_propose(state_of, rng, arm):
    assert arm.propose(state_of(X, **BOUNDS, costs=0.0), 0.7, rng) is None
    assert arm.propose(state_of(X, **BOUNDS, bound=5.0), 0.7, rng) is None


@pytest.mark.parametrize("step", [0.0, -1.0, 1.5, math.nan])
def test_a_step_outside_its_range_is_refused(step):
    for arm in (Proximity, TrustRegion, ZeroObjective):
        with pytest.raises(InputError, match="step"):
            arm(step)


def test_too_large_problems_are_left_alone(state_of, rng):
    state = state_of([1] * 10, bound=0.0)
    for arm in (Proximity(most_integers=9), TrustRegion(most_integers=9)):
        assert arm.propose(state, 0.7, rng) is None
