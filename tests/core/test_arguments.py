"""Arguments that are numbers."""

import math
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from boundwise.core.arguments import as_count, as_number
from boundwise.core.errors import InputError

NO_NUMBERS = [None, "1", b"1", [1], 1j, True, np.True_, np.array([1.0]), object]
#: All ways to bound a number between 0 and 1, and what the error says.
BOUNDS = [
    ({"at_least": 0, "at_most": 1}, "in [0, 1]"),
    ({"above": 0, "at_most": 1}, "in (0, 1]"),
    ({"at_least": 0, "below": 1}, "in [0, 1)"),
    ({"above": 0, "below": 1}, "in (0, 1)"),
    ({"at_least": 0}, "a non-negative number"),
    ({"above": 0}, "a positive number"),
    ({"at_least": 2.5}, "a number of at least 2.5"),
    ({"above": -3}, "a number above -3"),
    ({"at_most": 7}, "a number of at most 7"),
    ({"below": 1e-3}, "a number below 0.001"),
    ({}, "a finite number"),
    ({"finite": False}, "a number"),
]


@given(st.integers(-5, 5), st.integers(-5, 5), st.none() | st.integers(-5, 5))
def test_a_count_is_accepted_exactly_within_its_bounds(value, least, most) -> None:
    if value >= least and (most is None or value <= most):
        assert as_count("k", value, least=least, most=most) == value
    else:
        with pytest.raises(InputError, match=r"^k must be .*, got -?\d\.$"):
            as_count("k", value, least=least, most=most)


@pytest.mark.parametrize("value", [np.int8(7), np.uint64(7), 7])
def test_any_integer_becomes_the_builtin_one(value: object) -> None:
    assert type(as_count("k", value)) is int
    assert as_count("k", value) == 7


@pytest.mark.parametrize("value", [*NO_NUMBERS, 1.0, np.float64(1.0), Fraction(1)])
def test_what_is_no_integer_is_no_count(value: object) -> None:
    with pytest.raises(InputError, match=r"^k must be a positive integer, got "):
        as_count("k", value)


@pytest.mark.parametrize(
    ("least", "kind"),
    [
        (0, "a non-negative integer"),
        (1, "a positive integer"),
        (2, "an integer of at least 2"),
    ],
)
def test_a_count_that_is_refused_says_what_is_wanted(least: int, kind: str) -> None:
    with pytest.raises(InputError) as refused:
        as_count("k", -9, least=least)
    assert str(refused.value) == f"k must be {kind}, got -9."
    with pytest.raises(InputError) as refused:
        as_count("k", 9, least=least, most=8)
    assert str(refused.value) == f"k must be an integer in {least}..8, got 9."


@pytest.mark.parametrize(("bounds", "wording"), BOUNDS)
@pytest.mark.parametrize("value", [*NO_NUMBERS, math.nan, np.float32("nan")])
def test_what_is_no_number_is_refused(bounds, wording, value) -> None:
    with pytest.raises(InputError) as refused:
        as_number("eps", value, **bounds)
    assert str(refused.value) == f"eps must be {wording}, got {value!r}."


@given(
    st.floats(allow_nan=False) | st.integers(-3, 3),
    st.sampled_from(["at_least", "above", None]),
    st.sampled_from(["at_most", "below", None]),
    st.integers(-2, 2),
    st.integers(-2, 2),
    st.booleans(),
)
def test_a_number_is_accepted_exactly_within_its_bounds(
    value, lower, upper, low, high, finite
) -> None:
    bounds = {
        name: bound for name, bound in ((lower, low), (upper, high)) if name is not None
    }
    inside = (
        (lower is None or value > low or (lower == "at_least" and value == low))
        and (upper is None or value < high or (upper == "at_most" and value == high))
        and (math.isfinite(value) or not finite)
    )
    if inside:
        assert as_number("x", value, finite=finite, **bounds) == value
    else:
        with pytest.raises(InputError, match=r"^x must be .*, got .*\.$"):
            as_number("x", value, finite=finite, **bounds)


@pytest.mark.parametrize("value", [np.float32(0.5), Fraction(1, 2), 0.5])
def test_any_real_becomes_the_builtin_float(value: object) -> None:
    assert type(as_number("x", value)) is float
    assert as_number("x", value) == 0.5


def test_an_integer_that_no_float_can_hold_is_refused() -> None:
    with pytest.raises(InputError, match=r"^x must be a number, got one too large"):
        as_number("x", 10**400)


@pytest.mark.parametrize("bounds", [{}, {"above": 0}, {"at_least": 0}, {"below": 9}])
def test_infinity_is_told_to_be_what_is_wrong(bounds) -> None:
    with pytest.raises(InputError, match=r"^x must be finite, got -?inf\.$"):
        as_number("x", math.inf if "below" not in bounds else -math.inf, **bounds)
