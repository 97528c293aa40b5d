"""Rewards by hand, and their bounds whatever the outcome."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from boundwise.core.errors import InputError
from boundwise.heuristics.protocols import Ending, Outcome
from boundwise.heuristics.rewards import EffortNormalisedReward, closed_gap


def outcome(before=10.0, after=7.0, bound=4.0, effort=1.0, noop=False):
    return Outcome(Ending.LIMIT, before, after, bound, effort, noop)


def test_the_first_pull_earns_its_gain():
    # 0.5 for the incumbent, and half of the gap of 6 closed.
    assert EffortNormalisedReward()(outcome()) == pytest.approx(0.5 + 0.5 * 0.5)


def test_the_weight_of_the_incumbent_goes_from_nothing_to_all():
    assert EffortNormalisedReward(0.0)(outcome()) == pytest.approx(0.5)
    assert EffortNormalisedReward(1.0)(outcome(after=9.999999)) == 1.0


def test_the_same_gain_for_three_times_the_mean_effort_earns_half():
    reward = EffortNormalisedReward(1.0)
    for _ in range(5):
        reward(outcome(effort=1.0, after=10.0))
    # Efforts 1 1 1 1 1 5: mean 5/3, relative effort 3.
    assert reward(outcome(effort=5.0)) == pytest.approx(2.0 / (1.0 + 3.0))


def test_a_pull_that_costs_less_than_the_mean_earns_no_more_than_its_gain():
    reward = EffortNormalisedReward()
    reward(outcome(effort=100.0))
    assert reward(outcome(effort=1.0)) == pytest.approx(0.75)


def test_no_improvement_and_no_op_earn_nothing():
    reward = EffortNormalisedReward()
    assert reward(outcome(after=10.0)) == 0.0
    assert reward(outcome(after=11.0)) == 0.0
    assert reward(outcome(noop=True)) == 0.0
    assert reward(outcome(before=math.inf, after=math.inf)) == 0.0


def test_instant_no_ops_do_not_devalue_real_pulls():
    # Counted into the mean effort, a thousand free no-ops would make every real
    # pull look a thousand times too dear.
    reward = EffortNormalisedReward()
    alone = reward(outcome())
    for _ in range(1000):
        reward(outcome(after=10.0, effort=1e-6, noop=True))
    assert reward(outcome()) == pytest.approx(alone)


def test_a_first_solution_earns_everything():
    assert EffortNormalisedReward()(outcome(before=math.inf)) == 1.0


@pytest.mark.parametrize(
    ("before", "after", "bound", "share"),
    [
        (10.0, 7.0, 4.0, 0.5),
        (10.0, 4.0, 4.0, 1.0),
        (-4.0, -5.0, -8.0, 0.25),
        (10.0, 8.0, -math.inf, 0.2),
        (-10.0, -12.0, -math.inf, 0.2),
        (0.0, -1.0, -math.inf, 1.0),
        (math.inf, 5.0, 0.0, 1.0),
        (5.0, 4.0, 5.0, 1.0),
        (5.0, 3.0, 4.0, 1.0),
        (5.0, 6.0, 4.0, 0.0),
    ],
)
def test_closed_gaps_by_hand(before, after, bound, share):
    assert closed_gap(before, after, bound) == pytest.approx(share)


finite = st.floats(-1e12, 1e12)


@given(
    st.lists(
        st.tuples(
            finite | st.just(math.inf),
            finite | st.just(math.inf),
            finite | st.just(-math.inf),
            st.floats(0, 1e6),
            st.booleans(),
        ),
        min_size=1,
        max_size=20,
    ),
    st.floats(0, 1),
)
def test_every_reward_is_in_the_unit_interval_and_zero_without_news(pulls, weight):
    reward = EffortNormalisedReward(weight)
    for pull in pulls:
        seen = outcome(*pull)
        value = reward(seen)
        assert 0.0 <= value <= 1.0
        if seen.is_noop or not seen.improved:
            assert value == 0.0


@pytest.mark.parametrize("weight", [-0.1, 1.1, math.nan])
def test_a_weight_outside_the_unit_interval_is_refused(weight):
    with pytest.raises(InputError, match="incumbent_weight"):
        EffortNormalisedReward(weight)
