"""Patience grows with the gap, and bounds what is used without success."""

import math

import pytest

from boundwise.core.errors import InputError
from boundwise.heuristics.scheduling.patience import GapPatience, endless
from boundwise.heuristics.scip.share import Account, TimeShare

_SHARES = ("tree", "root", "cut_loop", "least", "narrow")


class Solve:
    """A solve that has taken 10 s so far."""

    def __init__(self, gap=0.0, depth=3):
        self.gap = gap
        self.depth = depth

    def getDepth(self):  # noqa: N802
        return self.depth

    def getGap(self):  # noqa: N802
        return self.gap

    def getSolvingTime(self):  # noqa: N802
        return 10.0


@pytest.mark.parametrize(
    ("gap", "expected"),
    [(0.0, 0.2), (0.01, 0.2), (0.05, 0.5), (0.1, 1.0), (1e20, 1.0)],
)
def test_patience_follows_the_gap_within_its_range(gap, expected):
    patience = GapPatience(0.8, 0.7, 0.6, least=0.2, wide=0.1, narrow=1.0)
    assert patience(Solve(gap), 0) == pytest.approx((1.0, 0.8 * expected))
    root = Solve(gap, depth=0)
    assert patience(root, 0) == pytest.approx((1.0, 0.7 * expected))
    assert patience(root, 0, in_cut_loop=True) == pytest.approx((1.0, 0.6 * expected))
    assert endless(Solve(gap), 100) == (1.0, 1.0)


def test_calls_in_vain_wear_patience_out_the_sooner_the_narrower_the_gap_is():
    patience = GapPatience(0.8, 0.7, least=0.2, wide=0.1, calls=5.0, narrow=1.0)
    assert patience(Solve(0.0), 5)[1] == pytest.approx(0.5 * 0.8 * 0.2)
    assert patience(Solve(0.0), 45)[1] == pytest.approx(0.1 * 0.8 * 0.2)
    # A gap of 10 % has five times the calls.
    assert patience(Solve(0.1), 25)[1] == pytest.approx(0.5 * 0.8)
    assert patience(Solve(0.1, depth=0), 25)[1] == pytest.approx(0.5 * 0.7)
    assert patience(Solve(1e20), 1000)[1] == pytest.approx(0.8)


@pytest.mark.parametrize(
    ("gap", "whole"), [(0.0, 0.2), (0.25, 0.6), (0.5, 1.0), (1e20, 1.0)]
)
def test_more_is_granted_where_the_gap_is_wide(gap, whole):
    patience = GapPatience(tree=0.5, least=1.0, narrow=0.2, far=0.5)
    assert patience(Solve(gap), 0) == pytest.approx((whole, 0.5))


@pytest.mark.parametrize("name", [*_SHARES, "wide", "calls", "far"])
@pytest.mark.parametrize("value", [0.0, -1.0, math.inf, math.nan])
def test_numbers_that_make_no_sense_are_refused(name, value):
    with pytest.raises(InputError, match=name):
        GapPatience(**{name: value})


@pytest.mark.parametrize("name", _SHARES)
def test_shares_above_the_whole_are_refused(name):
    with pytest.raises(InputError, match=name):
        GapPatience(**{name: 1.1})


def test_less_may_be_used_while_nothing_is_found():
    account = Account(TimeShare(0.2, 0.5))
    account.charge(1.0)
    # 2 s are earned, with the head start 2.5: 1.5 are left of it, and a quarter of it
    # may be used without success.
    assert account.allowance(Solve()) == pytest.approx(1.5)
    assert account.allowance(Solve(), 1.0, 0.25) == pytest.approx(0.25 * 2.5 - 1.0)
    account.succeed()
    assert account.allowance(Solve(), 1.0, 0.25) == pytest.approx(0.25 * 2.5)
    account.charge(0.5, outside=10.0)
    # 20 s in all by now, of which 4 are earned: 11.5 are spent, 10.5 of them in vain.
    assert account.allowance(Solve(), 1.0, 0.25) == pytest.approx(0.25 * 4.5 - 10.5)


def test_what_was_earned_where_the_gap_was_wide_stays_earned():
    account = Account(TimeShare(0.2, 0.5))
    assert account.allowance(Solve(), 0.5) == pytest.approx(0.5 + 1.0)
    assert account.allowance(Solve(), 0.1) == pytest.approx(0.5 + 1.0)
    account.charge(0.0, outside=10.0)
    assert account.allowance(Solve(), 0.1) == pytest.approx(0.5 + 1.0 + 0.2 - 10.0)
