"""Limits refuse what is not a limit; a deadline never counts below zero."""

import math
import time
from fractions import Fraction

import numpy as np
import pytest

from boundwise.core.errors import InputError
from boundwise.core.limits import Deadline, Limits

HUGE = pytest.param(10**400, id="huge")
NO_NUMBERS = [True, False, "60", b"1", [1], 1j, np.True_, math.nan]


@pytest.mark.parametrize("name", ["time_limit", "memory_limit", "work_limit"])
@pytest.mark.parametrize("value", [-1, -0.0, 0, -math.inf, *NO_NUMBERS, HUGE])
def test_a_limit_that_is_not_a_positive_number_is_refused_by_name(name, value):
    with pytest.raises(InputError, match=name):
        Limits(**{name: value})


@pytest.mark.parametrize("name", ["time_limit", "memory_limit", "work_limit"])
@pytest.mark.parametrize(
    "value",
    [5e-324, 1, math.inf, np.float32(0.5), np.int64(3), Fraction(1, 3), None],
)
def test_positive_numbers_of_any_type_are_limits(name, value):
    kept = getattr(Limits(**{name: value}), name)
    assert kept == (None if value is None else float(value))
    assert value is None or type(kept) is float


@pytest.mark.parametrize("value", [-1e-300, math.inf, None, *NO_NUMBERS, HUGE])
def test_a_gap_that_is_not_a_finite_fraction_is_refused(value):
    with pytest.raises(InputError, match="gap"):
        Limits(gap=value)


@pytest.mark.parametrize("value", [0, 0.5, 2, np.float64(0.1)])
def test_a_gap_from_zero_up_is_accepted(value):
    assert Limits(gap=value).gap == value


@pytest.mark.parametrize("value", [0, -1, 1.0, True, "2", None, np.float64(2)])
def test_threads_that_are_not_a_positive_integer_are_refused(value):
    with pytest.raises(InputError, match="threads"):
        Limits(threads=value)


def test_threads_of_numpy_become_a_plain_integer():
    assert type(Limits(threads=np.int32(4)).threads) is int


def test_without_a_time_limit_the_deadline_never_comes():
    deadline = Limits().start()
    assert deadline.remaining() == math.inf
    assert not deadline.expired()
    assert deadline.slice(7.0) == 7.0


@pytest.mark.parametrize("value", [-1, -math.inf, None, *NO_NUMBERS, HUGE])
def test_a_deadline_refuses_what_is_not_a_length_of_time(value):
    with pytest.raises(InputError, match="time_limit"):
        Deadline(value)


def test_a_deadline_of_zero_has_expired():
    deadline = Deadline(0)
    assert deadline.expired()
    assert deadline.remaining() == 0.0
    assert deadline.slice(5.0) == 0.0


def test_a_deadline_runs_down_and_stays_at_zero():
    deadline = Deadline(0.03)
    first = deadline.remaining()
    assert 0.0 < first <= 0.03
    assert deadline.slice(100.0) <= first
    assert deadline.expired(margin=0.03)
    time.sleep(0.04)
    assert deadline.remaining() == 0.0
    assert deadline.expired()
    assert deadline.elapsed() >= 0.04


def test_limits_are_frozen_and_keyword_only():
    with pytest.raises(AttributeError):
        Limits().gap = 1.0  # type: ignore[misc]
    with pytest.raises(TypeError):
        Limits(60)  # type: ignore[misc]
