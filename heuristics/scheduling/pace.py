"""When a scheduler may call an arm, and how much the call may use.

A call waits until its share has earned what it needs: where calls are cut short, more
is saved up for the next. After f calls without success, floor(exp(f / 10)) - 1 calls
are left out, and patience wears out. An incumbent that somebody else has found, and the
end of the root's cut loop, begin anew: calls in vain say little about the next then.
"""

import math
from typing import Any

from boundwise.heuristics.protocols import Ending, Outcome
from boundwise.heuristics.rewards import closed_gap
from boundwise.heuristics.scheduling.patience import Patience, endless
from boundwise.heuristics.scip.share import Account, Share

#: How much more than at first may be saved up for a call.
_MOST_SAVED = 40.0
#: Most calls at nodes that are left out without a look at the clock.
_MOST_SLEEP = 1000
#: Largest exponent of the back-off: 150 calls at most.
_LARGEST_EXPONENT = 5.0
#: Share of the gap that a better incumbent closes at least, to count as a success.
_SUCCESS = 1e-3


class Pace:
    """Set the pace of the calls of one scheduler.

    Parameters
    ----------
    share
        What all calls may use of the solve.
    patience
        How much of it while they find nothing.
    least
        What is saved up for a call at least, in what the share counts; None for half
        of its head start.
    """

    def __init__(
        self, share: Share, patience: Patience = endless, least: float | None = None
    ) -> None:
        self.account = Account(share)
        self._patience = patience
        self._fruitless = 0
        self._to_skip = 0
        self._known = math.inf
        self._root_is_separated = False
        self._n_calls = 0
        self._sleeps_until = 0
        self._base = 0.5 * share.head_start if least is None else least
        self._least = self._base

    def begin(self) -> None:
        """Begin a tree search."""
        self._sleeps_until = 0
        self._known = math.inf

    def is_awake(self) -> bool:
        """Count a call of SCIP; tell whether it is time to look at the clock."""
        self._n_calls += 1
        return self._n_calls >= self._sleeps_until

    def look_for_news(self, model: Any, *, root_is_separated: bool) -> None:
        """Begin anew after news.

        Parameters
        ----------
        model
            The solve.
        root_is_separated
            Whether this is the root, and its cut loop is over.
        """
        upper = model.getUpperbound()
        ends_root = root_is_separated and not self._root_is_separated
        if ends_root or _counts(self._known, upper, model.getLowerbound()):
            self._fruitless = self._to_skip = 0
            self.account.fruitless *= 0.5
        self._known = min(upper, self._known)
        self._root_is_separated = root_is_separated

    def allowance(self, model: Any, *, in_cut_loop: bool) -> float:
        """Return what a call may use now, 0 if it is too early for one."""
        fraction, patience = self._patience(
            model, self._fruitless, in_cut_loop=in_cut_loop
        )
        saved = self.account.allowance(model, fraction, patience)
        if saved > 0.0 and saved >= self._least:
            return saved
        if model.getDepth() > 0:
            self._sleep(model, self._least - saved, fraction * patience)
        return 0.0

    def leaves_out(self) -> bool:
        """Tell whether to leave out this call, and count it."""
        if self._to_skip == 0:
            return False
        self._to_skip -= 1
        return True

    def record(self, outcome: Outcome, allowance: float) -> None:
        """Learn from a call that had something to do."""
        self._known = min(self._known, outcome.best_after)
        succeeded = _counts(outcome.best_before, outcome.best_after, outcome.bound)
        if succeeded:
            self.account.succeed()
        self._fruitless = 0 if succeeded else self._fruitless + 1
        exponent = min(_LARGEST_EXPONENT, 0.1 * self._fruitless)
        self._to_skip = math.floor(math.exp(exponent)) - 1
        cut_short = outcome.ending is Ending.LIMIT and outcome.effort > 0.8 * allowance
        factor = 1.5 if cut_short and not succeeded else 0.9
        self._least = min(
            _MOST_SAVED * self._base, max(self._base, factor * self._least)
        )

    def _sleep(self, model: Any, missing: float, fraction: float) -> None:
        """Leave out as many calls as it takes to earn half of what is missing."""
        share = self.account.share
        each = share.share * fraction * share.total(model) / self._n_calls
        calls = _MOST_SLEEP if each <= 0.0 else min(_MOST_SLEEP, 0.5 * missing / each)
        self._sleeps_until = self._n_calls + max(1, int(calls))


def _counts(before: float, after: float, bound: float) -> bool:
    return after < before and closed_gap(before, after, bound) > _SUCCESS
