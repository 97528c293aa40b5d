"""Patience grows with the gap, and bounds what is used without success."""

import math

import pytest

from boundwise.core.errors import InputError
from boundwise.heuristics.scheduling.patience import GapPatience, endless
from boundwise.heuristics.scip.share import Account, TimeShare


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
    [(0.0, 0.2), (0.01, 0.2), (0.05, 0.4), (0.1, 0.8), (1e20, 0.8)],
)
def test_patience_follows_the_gap_within_its_range(gap, expected):
    assert GapPatience(0.2, 0.8, 0.1)(Solve(gap)) == pytest.approx(expected)
    assert GapPatience(0.2, 0.8, 0.1, root=0.7)(Solve(gap, depth=0)) == 0.7
    assert endless(Solve(gap)) == 1.0


@pytest.mark.parametrize(
    "wrong",
    [
        (0.0, 1.0, 0.1),
        (0.5, 0.4, 0.1),
        (0.5, 1.1, 0.1),
        (math.nan, 1.0, 0.1),
        (0.5, 1.0, 0.0),
        (0.5, 1.0, math.inf),
        (0.5, 1.0, math.nan),
        (0.5, 1.0, 0.1, 0.0),
        (0.5, 1.0, 0.1, 1.1),
    ],
)
def test_ranges_that_make_no_sense_are_refused(wrong):
    with pytest.raises(InputError):
        GapPatience(*wrong)


def test_less_may_be_used_while_nothing_is_found():
    account = Account(TimeShare(0.2, 0.5))
    account.charge(1.0)
    # 2 s are earned: 1.5 are left in all, and 0.25 of 2 without success.
    assert account.allowance(Solve()) == pytest.approx(1.5)
    assert account.allowance(Solve(), 0.25) == pytest.approx(0.5 + 0.5 - 1.0)
    account.succeed()
    assert account.allowance(Solve(), 0.25) == pytest.approx(0.5 + 0.5)
    assert account.allowance(Solve(), 1.0) == pytest.approx(1.5)
    account.charge(0.5, outside=10.0)
    # 20 s in all by now, of which 4 are earned: 11.5 are spent, 10.5 of them in vain.
    assert account.allowance(Solve(), 0.25) == pytest.approx(0.5 + 1.0 - 10.5)
