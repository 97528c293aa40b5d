"""Hill climbing asks for a real improvement, whatever sign and scale."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from boundwise.core.errors import InputError
from boundwise.heuristics.acceptance import HillClimbing

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
