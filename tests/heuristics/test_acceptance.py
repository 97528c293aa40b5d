"""Hill climbing asks for an improvement, annealing less and less for one."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from boundwise.core.errors import InputError
from boundwise.heuristics.acceptance import HillClimbing, SimulatedAnnealing

RNG = np.random.default_rng(0)


def limit(best, bound, share=0.001):
    return HillClimbing(share).limit(best, best, bound, RNG)


@pytest.mark.parametrize(
    ("best", "bound", "share", "expected"),
    [
        (100.0, 0.0, 0.1, 90.0),
        (-100.0, -200.0, 0.1, -110.0),
        (100.0, -math.inf, 0.1, 90.0),
        (-100.0, -math.inf, 0.1, -110.0),
        (100.0, 0.0, 0.0, 100.0 - 1e-5),
        (0.0, -math.inf, 0.5, -1e-7),
        (5.0, 5.0, 0.5, 5.0 - 5e-7),
        (5.0, 6.0, 0.5, 5.0 - 5e-7),
    ],
)
def test_limits_by_hand(best, bound, share, expected):
    assert limit(best, bound, share) == pytest.approx(expected, abs=1e-12)


@given(st.floats(-1e12, 1e12), st.floats(0, 1e12), st.floats(0, 0.99))
def test_the_limit_is_better_than_the_best_and_not_beyond_the_bound(best, gap, share):
    value = limit(best, best - gap, share)
    least = 1e-7 * max(1.0, abs(best))
    assert value < best
    assert value >= best - gap - least


def test_without_a_solution_everything_is_accepted():
    assert limit(math.inf, 0.0) == math.inf
    assert limit(math.inf, -math.inf) == math.inf


@pytest.mark.parametrize("share", [-0.1, 1.0, math.nan])
def test_a_share_outside_its_range_is_refused(share):
    with pytest.raises(InputError, match="min_improvement"):
        HillClimbing(share)


# -- simulated annealing --------------------------------------------------------------


def limits(annealing, current, best, bound, times, seed=0):
    rng = np.random.default_rng(seed)
    return np.array([annealing.limit(current, best, bound, rng) for _ in range(times)])


def test_annealing_accepts_by_the_rule_of_metropolis():
    # P(limit >= current + d) = exp(-d / (T s)): at a constant temperature of 0.1 and a
    # gap of 50, d = 5 is accepted with probability 1/e.
    constant = SimulatedAnnealing(0.1, 0.1, restart_after=10**6)
    accepted = np.mean(limits(constant, 100.0, 100.0, 50.0, 4000) >= 105.0)
    assert accepted == pytest.approx(math.exp(-1), abs=0.03)


@given(st.floats(1e-6, 1e6), st.floats(-100, 100))
def test_annealing_does_not_depend_on_the_unit_of_the_objective(unit, shift):
    plain = limits(SimulatedAnnealing(), 12.0, 10.0, 5.0, 20)
    scaled = limits(
        SimulatedAnnealing(),
        unit * 12.0 + shift,
        unit * 10.0 + shift,
        unit * 5.0 + shift,
        20,
    )
    assert scaled == pytest.approx(unit * plain + shift, rel=1e-6, abs=1e-6 * unit)


def test_annealing_cools_to_its_end_and_heats_up_in_a_stall():
    annealing = SimulatedAnnealing(0.08, 0.02, steps=2, restart_after=5)
    rng = np.random.default_rng(0)
    temperatures = []
    for _ in range(8):
        temperatures.append(annealing.temperature)
        annealing.limit(1.0, 1.0, 0.0, rng)
    # The fifth call without news heats up before it is used.
    assert temperatures == pytest.approx(
        [0.08, 0.04, 0.02, 0.02, 0.02, 0.02, 0.04, 0.02]
    )


def test_a_new_incumbent_puts_the_restart_off():
    annealing = SimulatedAnnealing(0.08, 0.02, steps=2, restart_after=5)
    rng = np.random.default_rng(0)
    for k in range(30):
        annealing.limit(1.0, 1.0 - 0.01 * k, 0.0, rng)
    assert annealing.temperature == 0.02


def test_annealing_without_a_solution_accepts_everything():
    assert SimulatedAnnealing().limit(math.inf, math.inf, 0.0, RNG) == math.inf


@pytest.mark.parametrize(
    "bad",
    [
        {"start": 0.0},
        {"start": math.nan},
        {"end": 0.0},
        {"start": 0.1, "end": 0.2},
        {"start": math.inf},
        {"steps": 0},
        {"restart_after": 0},
    ],
)
def test_schedules_that_make_no_sense_are_refused(bad):
    with pytest.raises(InputError, match=r"must be|need"):
        SimulatedAnnealing(**bad)
