import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from boundwise.benchmarks.metrics.means import (
    MITTELMANN_SHIFT,
    SCIP_SHIFT,
    log_ratio,
    mittelmann_scores,
    penalized_average,
    shifted_geometric_mean,
    virtual_best,
)
from boundwise.core.errors import InputError

VECTOR = [1, 10, 100, 3600]


@pytest.mark.parametrize(
    ("shift", "expected"), [(0, 43.5588), (1, 52.1853), (10, 86.6787)]
)
def test_the_shifted_geometric_mean_matches_the_known_vector(shift, expected):
    assert shifted_geometric_mean(VECTOR, shift) == pytest.approx(expected, abs=5e-5)


def test_the_two_shifts_in_use_are_not_swapped():
    assert SCIP_SHIFT == 1.0
    assert MITTELMANN_SHIFT == 10.0


def test_the_mean_is_computed_in_logarithms():
    assert shifted_geometric_mean([1e300] * 50, 0) == pytest.approx(1e300, rel=1e-9)


def test_values_below_one_count_one_after_the_shift():
    assert shifted_geometric_mean([0.01, 0.01], 0) == pytest.approx(1.0)


@pytest.mark.parametrize("bad", [[], [math.nan], [-1.0], [math.inf]])
def test_bad_values_are_refused(bad):
    with pytest.raises(InputError, match="values must"):
        shifted_geometric_mean(bad, 1.0)


@given(
    st.lists(st.floats(1, 1e5), min_size=1, max_size=20),
    st.floats(0, 100),
)
def test_the_mean_lies_between_the_least_and_the_largest_value(values, shift):
    mean = shifted_geometric_mean(values, shift)
    slack = 1e-6 * (max(values) + shift)
    assert min(values) - slack <= mean <= max(values) + slack


def test_mittelmann_scores_count_an_unsolved_entry_as_the_limit():
    times = {"a": [10.0, 90.0], "b": [90.0, None]}
    a = math.sqrt(20 * 100) - 10
    b = math.sqrt(100 * 7210) - 10
    scores = mittelmann_scores(times, 7200.0)
    assert scores["a"] == 1.0
    assert scores["b"] == pytest.approx(b / a)


def test_par10_pays_ten_times_the_limit_and_is_an_arithmetic_mean():
    assert penalized_average([1.0, 3.0, None, None], 100.0) == pytest.approx(501.0)
    assert penalized_average([1.0, None], 100.0, 1.0) == pytest.approx(50.5)
    assert penalized_average([1.0, None], 100.0, 2.0) == pytest.approx(100.5)


def test_the_virtual_best_is_the_minimum_of_each_row():
    assert virtual_best({"a": [1.0, None, None], "b": [2.0, 3.0, None]}) == [
        1.0,
        3.0,
        None,
    ]


def test_the_log_ratio_is_shifted_by_ten_seconds():
    assert log_ratio(30.0, 10.0) == pytest.approx(1.0)
    assert log_ratio(0.0, 10.0) == pytest.approx(-1.0)
