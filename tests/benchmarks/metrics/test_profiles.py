import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from boundwise.benchmarks.metrics.profiles import (
    data_profile,
    performance_profile,
    performance_ratios,
    time_to_gap,
)

TIMES = {"a": [1.0, 10.0, None, None], "b": [2.0, 5.0, 8.0, None]}


def test_ratios_are_to_the_best_and_infinite_on_failure():
    assert performance_ratios(TIMES) == {
        "a": [1.0, 2.0, math.inf],
        "b": [2.0, 1.0, 1.0],
    }


def test_an_instance_that_nobody_solves_is_dropped():
    profile = performance_profile(TIMES)
    assert profile["b"].at(1.0) == pytest.approx(2 / 3)
    assert profile["b"].at(2.0) == 1.0


def test_the_profile_at_one_is_the_share_of_wins():
    profile = performance_profile(TIMES)
    assert profile["a"].at(1.0) == pytest.approx(1 / 3)
    assert profile["a"].at(100.0) == pytest.approx(2 / 3)


def test_times_below_the_floor_do_not_make_ratios():
    ratios = performance_ratios({"a": [0.001], "b": [0.4]})
    assert ratios == {"a": [1.0], "b": [1.0]}


def test_the_data_profile_counts_all_instances():
    curve = data_profile(TIMES["a"])
    assert curve.at(0.5) == 0.0
    assert curve.at(1.0) == 0.25
    assert curve.at(1000.0) == 0.5


def test_the_time_to_a_gap_is_the_first():
    gaps = [(1.0, 0.5), (3.0, 0.01), (4.0, 0.0)]
    assert time_to_gap(gaps, 0.01) == 3.0
    assert time_to_gap(gaps, 0.6) == 1.0
    assert time_to_gap([(1.0, 0.5)], 0.1) is None


@given(
    st.lists(st.tuples(*[st.none() | st.floats(0.5, 1e4)] * 3), min_size=1, max_size=15)
)
def test_profiles_rise_and_end_at_the_share_solved(rows):
    times = {name: [row[i] for row in rows] for i, name in enumerate("abc")}
    solvable = sum(any(t is not None for t in row) for row in rows)
    for name, curve in performance_profile(times).items():
        assert list(curve.y) == sorted(curve.y)
        solved = sum(t is not None for t in times[name])
        assert curve.at(math.inf) == pytest.approx(solved / max(1, solvable))
