"""The fixing rate moves in the right direction and never leaves its range."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from boundwise.core.errors import InputError
from boundwise.heuristics.protocols import Ending, Outcome
from boundwise.heuristics.sizes import AdaptiveRate


def outcome(ending, improved=False, noop=False):
    return Outcome(ending, 10.0, 9.0 if improved else 10.0, 0.0, 1.0, noop)


@pytest.mark.parametrize(
    ("ending", "improved", "noop", "direction"),
    [
        (Ending.EXHAUSTED, False, False, -1),
        (Ending.EXHAUSTED, True, False, -1),
        (Ending.LIMIT, False, False, +1),
        (Ending.LIMIT, True, False, 0),
        (Ending.LIMIT, False, True, 0),
        (Ending.INTERRUPTED, False, False, 0),
        (Ending.INTERRUPTED, True, False, 0),
    ],
)
def test_exhausted_means_too_small_and_a_limit_without_news_too_large(
    ending, improved, noop, direction
):
    rate = AdaptiveRate()
    before = rate.value
    rate.update(outcome(ending, improved, noop))
    if direction == 0:
        assert rate == AdaptiveRate()
    else:
        assert math.copysign(1, rate.value - before) == direction


def test_the_changes_shrink_down_to_a_floor():
    rate = AdaptiveRate(value=0.5, lowest=0.0, highest=0.9)
    changes = []
    for step in range(60):
        before = 1.0 - rate.value
        rate.update(outcome(Ending.EXHAUSTED if step % 2 else Ending.LIMIT))
        after = 1.0 - rate.value
        changes.append(max(after / before, before / after))
    assert changes[0] > changes[5] > changes[10]
    assert min(changes) > 1.0
    assert changes[-1] == pytest.approx(changes[-3], rel=0.2)


def test_steady_news_bring_the_rate_to_the_ends_of_its_range():
    rate = AdaptiveRate(value=0.5, lowest=0.2, highest=0.8)
    for ending, end in ((Ending.LIMIT, 0.8), (Ending.EXHAUSTED, 0.2)):
        for _ in range(100):
            rate.update(outcome(ending))
        assert rate.value == pytest.approx(end)


@given(
    st.lists(st.tuples(st.sampled_from(Ending), st.booleans(), st.booleans())),
    st.floats(0.0, 0.4),
    st.floats(0.5, 0.95),
)
def test_the_rate_never_leaves_its_range(news, lowest, highest):
    rate = AdaptiveRate(value=0.45, lowest=lowest, highest=highest)
    for ending, improved, noop in news:
        rate.update(outcome(ending, improved, noop))
        assert lowest <= rate.value <= highest


@pytest.mark.parametrize(
    "fields",
    [
        {"value": math.nan},
        {"value": -0.1},
        {"value": 1.5},
        {"lowest": 0.9, "value": 0.5},
        {"highest": 0.3, "value": 0.5},
        {"lowest": -0.1},
        {"highest": 1.1},
        {"decay": 0.0},
        {"decay": 1.1},
        {"decay": math.nan},
    ],
)
def test_a_range_that_makes_no_sense_is_refused(fields):
    with pytest.raises(InputError, match="rate"):
        AdaptiveRate(**fields)
