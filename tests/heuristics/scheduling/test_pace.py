"""The pace of calls: saved up for, backed off, and begun anew after news."""

import math

import pytest

from boundwise.heuristics.protocols import Ending, Outcome
from boundwise.heuristics.scheduling.pace import Pace
from boundwise.heuristics.scip.share import TimeShare


class Solve:
    """A solve of 10 s so far with bounds 0 and 100."""

    def __init__(self, upper=100.0, depth=0, seconds=10.0):
        self.upper = upper
        self.depth = depth
        self.seconds = seconds

    def getUpperbound(self):  # noqa: N802
        return self.upper

    def getLowerbound(self):  # noqa: N802
        return 0.0

    def getDepth(self):  # noqa: N802
        return self.depth

    def getSolvingTime(self):  # noqa: N802
        return self.seconds


def outcome(after=100.0, effort=0.1, ending=Ending.EXHAUSTED):
    """Return the outcome of a call that began at 100."""
    return Outcome(ending, 100.0, after, 0.0, effort)


def left_out(pace):
    """Count the calls that are left out now."""
    count = 0
    while pace.leaves_out():
        count += 1
    return count


def patience_like(seen):
    """Return a patience that writes down what it is asked."""

    def patience(model, fruitless, *, in_cut_loop=False):
        seen.append((fruitless, in_cut_loop))
        return 1.0, 1.0

    return patience


@pytest.mark.parametrize(("calls", "expected"), [(6, 0), (7, 1), (20, 6), (80, 147)])
def test_after_f_calls_in_vain_exp_of_a_tenth_of_f_calls_are_left_out(calls, expected):
    pace = Pace(TimeShare(0.5, 1.0))
    for _ in range(calls):
        pace.record(outcome(), 1.0)
    assert left_out(pace) == expected
    pace.record(outcome(after=90.0), 1.0)
    assert left_out(pace) == 0


def test_patience_hears_how_much_was_in_vain_and_where():
    seen = []
    pace = Pace(TimeShare(0.5, 1.0), patience_like(seen))
    assert pace.allowance(Solve(), in_cut_loop=True) == pytest.approx(6.0)
    for _ in range(3):
        pace.record(outcome(), 1.0)
    pace.allowance(Solve(), in_cut_loop=False)
    assert seen == [(0, True), (3, False)]


@pytest.mark.parametrize(
    ("upper", "root_is_separated", "is_news"),
    [
        (100.0, False, False),
        (99.99, False, False),  # too little of the gap
        (99.0, False, True),
        (100.0, True, True),
    ],
)
def test_news_begin_anew(upper, root_is_separated, is_news):
    seen = []
    pace = Pace(TimeShare(0.5, 1.0), patience_like(seen))
    pace.look_for_news(Solve(), root_is_separated=False)
    pace.account.charge(4.0)
    for _ in range(30):
        pace.record(outcome(), 1.0)
    pace.look_for_news(Solve(upper), root_is_separated=root_is_separated)
    assert left_out(pace) == (0 if is_news else 19)
    assert pace.account.fruitless == (2.0 if is_news else 4.0)
    pace.allowance(Solve(), in_cut_loop=False)
    assert seen == [(0 if is_news else 30, False)]


def test_what_a_call_of_ones_own_found_is_no_news_and_the_root_ends_once():
    pace = Pace(TimeShare(0.5, 1.0))
    pace.look_for_news(Solve(), root_is_separated=True)
    pace.record(outcome(after=90.0), 1.0)
    for _ in range(10):
        pace.record(outcome(), 1.0)
    pace.look_for_news(Solve(upper=90.0), root_is_separated=True)
    assert left_out(pace) == 1


def test_where_calls_are_cut_short_more_is_saved_up():
    pace = Pace(TimeShare(0.05, 1.0))
    assert pace.allowance(Solve(), in_cut_loop=True) == pytest.approx(1.5)
    for _ in range(3):
        pace.record(outcome(effort=1.4, ending=Ending.LIMIT), 1.5)
    # 0.5 * 1.5 ** 3 = 1.69 s are asked for, 1.5 are there.
    assert pace.allowance(Solve(), in_cut_loop=True) == 0.0
    pace.record(outcome(), 1.5)
    assert pace.allowance(Solve(), in_cut_loop=True) == 0.0
    pace.record(outcome(), 1.5)
    assert pace.allowance(Solve(), in_cut_loop=True) == pytest.approx(1.5)


def test_forty_times_as_much_as_at_first_is_saved_up_at_most():
    pace = Pace(TimeShare(0.5, 4.0))
    for _ in range(20):
        pace.record(outcome(effort=1.0, ending=Ending.LIMIT), 1.0)
    assert pace.allowance(Solve(seconds=150.0), in_cut_loop=True) == 0.0
    assert pace.allowance(Solve(seconds=153.0), in_cut_loop=True) == pytest.approx(80.5)
    for _ in range(60):
        pace.record(outcome(), 100.0)
    pace.account.charge(78.0)
    assert pace.allowance(Solve(seconds=153.0), in_cut_loop=True) == pytest.approx(2.5)


def test_nobody_looks_at_the_clock_while_there_is_nothing_to_use():
    pace = Pace(TimeShare(0.01, 0.5))
    pace.account.charge(2.0)
    for _ in range(9):
        assert pace.is_awake()
    # Each call has earned 0.1 / 9 s so far, and 1.65 s are missing.
    assert pace.allowance(Solve(depth=3), in_cut_loop=False) == 0.0
    asleep = 0
    while not pace.is_awake():
        asleep += 1
    assert asleep == math.floor(0.5 * 1.65 / (0.1 / 9)) - 1
    pace.begin()
    assert pace.is_awake()
