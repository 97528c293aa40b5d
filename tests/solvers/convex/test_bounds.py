import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from boundwise.core.errors import InputError
from boundwise.solvers.convex.bounds import (
    Sharpness,
    closing_threshold,
    squared_distance_to_integers,
)


@given(
    incumbent=st.floats(-1e3, 1e3),
    gap=st.floats(0, 0.5),
    abs_gap=st.floats(0, 1.0),
    slack=st.floats(0, 2.0),
)
def test_a_bound_at_the_threshold_closes_one_of_the_gaps(
    incumbent, gap, abs_gap, slack
):
    threshold = closing_threshold(incumbent, gap, abs_gap)
    assert threshold <= incumbent
    bound = min(threshold + slack, incumbent)
    left = incumbent - bound
    smaller = min(abs(incumbent), abs(bound))
    assert left <= abs_gap + 1e-9 or left <= gap * smaller + 1e-9


def test_the_relative_gap_does_not_close_across_signs():
    assert closing_threshold(1.0, 0.5, 0.0) > 0.0
    assert closing_threshold(0.0, 0.5, 1e-6) == -1e-6
    assert closing_threshold(math.inf, 0.5, 1e-6) == math.inf


def test_distances_to_integers_are_squared_and_summed():
    assert squared_distance_to_integers(np.array([0.5, 1.9, 3.0])) == pytest.approx(
        0.25 + 0.01
    )


@given(
    mu=st.floats(0.1, 10.0),
    centre=st.floats(-2.0, 2.0),
    away=st.floats(-1.0, 1.0),
)
def test_the_sharpness_lift_never_passes_the_best_integer(mu, centre, away):
    """f(x) = mu/2 (x - centre)^2, iterate off the minimiser by ``away``."""
    x = centre + away
    gap = 0.5 * mu * away**2
    bound = 0.0
    best = (
        0.5
        * mu
        * min((math.floor(centre) - centre) ** 2, (math.ceil(centre) - centre) ** 2)
    )
    lift = Sharpness(math.sqrt(2 / mu), 0.5).lift(
        squared_distance_to_integers(np.array([x])), gap
    )
    assert bound + lift <= best + 1e-9


def test_the_published_sharpness_formula_would_pass_it():
    """The reason for ours: half the subtracted distance is not proven."""
    mu, away = 1.0, 0.4
    gap = 0.5 * mu * away**2
    constant = math.sqrt(2 / mu)
    published = 0.5 * ((away - constant / 2 * math.sqrt(gap)) / constant) ** 2
    assert published > 0.0  # yet the minimiser 0 is an integer with value 0
    assert Sharpness(constant, 0.5).lift(away**2, gap) == pytest.approx(0.0, abs=1e-15)


@pytest.mark.parametrize(
    ("constant", "exponent"), [(0.0, 0.5), (math.inf, 0.5), (1.0, 0.0), (1.0, 0.6)]
)
def test_bad_sharpness_constants_are_refused(constant, exponent):
    with pytest.raises(InputError):
        Sharpness(constant, exponent)
