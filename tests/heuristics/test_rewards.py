"""Rewards by hand, and their bounds whatever the outcome."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from boundwise.core.errors import InputError
from boundwise.heuristics.protocols import Ending, Outcome
from boundwise.heuristics.rewards import (
    EffortNormalisedReward,
    SchedulerReward,
    closed_gap,
)


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


# -- SCIP's scheduler -----------------------------------------------------------------


def pull(before=10.0, after=10.0, noop=False, dive=False, used=0.0, conflicts=0):
    return Outcome(Ending.LIMIT, before, after, 4.0, 1.0, noop, dive, used, conflicts)


def test_the_reward_of_the_scheduler_by_hand():
    # .3 for the incumbent, .3 * 3/6 for the gap, .2 * .75 for a quarter of the nodes.
    assert SchedulerReward()(pull(after=7.0, used=0.25)) == pytest.approx(0.6)
    # A first solution closes the gap; all nodes are used.
    assert SchedulerReward()(pull(math.inf, 7.0, used=1.0)) == pytest.approx(0.6)
    assert SchedulerReward()(pull(used=2.0)) == 0.0


def test_conflicts_count_for_dives_against_the_most_so_far():
    reward = SchedulerReward()
    assert reward(pull(dive=True, used=1.0, conflicts=4)) == pytest.approx(0.2)
    assert reward(pull(dive=True, used=1.0, conflicts=1)) == pytest.approx(0.05)
    assert reward(pull(used=1.0, conflicts=9)) == 0.0


def test_only_the_corrected_reward_counts_what_dives_use_and_denies_no_ops():
    wasteful = pull(dive=True, used=1.0)
    nothing = pull(noop=True)
    assert SchedulerReward(corrected=False)(wasteful) == pytest.approx(0.2)
    assert SchedulerReward(corrected=False)(nothing) == pytest.approx(0.2)
    assert SchedulerReward()(wasteful) == SchedulerReward()(nothing) == 0.0


@given(
    st.floats(-1e9, 1e9),
    st.floats(0, 1e9),
    st.floats(0, 5),
    st.integers(0, 100),
    st.booleans(),
    st.booleans(),
)
def test_the_reward_of_the_scheduler_stays_in_the_unit_interval(
    before, gain, used, conflicts, dive, corrected
):
    outcome = Outcome(
        Ending.LIMIT, before, before - gain, -1e9, 1.0, False, dive, used, conflicts
    )
    assert 0.0 <= SchedulerReward(corrected=corrected)(outcome) <= 1.0
