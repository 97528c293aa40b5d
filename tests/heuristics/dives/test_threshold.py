"""The LP threshold follows how dives end, inside its range, by steps that settle."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from boundwise.core.errors import InputError
from boundwise.heuristics.dives.threshold import LpThreshold


def test_limits_raise_failures_lower_and_success_keeps():
    threshold = LpThreshold(value=0.1, step=0.04)
    threshold.update(hit_limit=True, found=False)
    assert threshold.value == pytest.approx(0.14)
    threshold.update(hit_limit=False, found=False)
    assert threshold.value == pytest.approx(0.11)  # the step has shrunk to .03
    threshold.update(hit_limit=False, found=True)
    threshold.update(hit_limit=True, found=True)
    assert threshold.value == pytest.approx(0.11)


@given(st.lists(st.tuples(st.booleans(), st.booleans()), max_size=60))
def test_it_stays_in_its_range(endings):
    threshold = LpThreshold()
    for hit_limit, found in endings:
        threshold.update(hit_limit=hit_limit, found=found)
        assert 0.05 <= threshold.value <= 0.3
        assert 0.01 <= threshold.step <= 0.1


@pytest.mark.parametrize(
    "wrong",
    [{"value": 0.5}, {"least": -0.1}, {"most": 2.0}, {"step": 0.0}, {"decay": 0.0}],
)
def test_wrong_ranges_are_refused(wrong):
    with pytest.raises(InputError):
        LpThreshold(**wrong)
