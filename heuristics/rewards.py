"""Rewards: what a pull of an arm was worth, per unit of what it cost.

In `EffortNormalisedReward`, the gain of a pull is 0 for a no-op, and otherwise

    gain = incumbent_weight * [new incumbent]
         + (1 - incumbent_weight) * (old - new) / (old - bound),

the second part being 1 when there was no incumbent before. It is set against the
effort relative to the mean effort of all pulls so far that were no no-ops:

    reward = gain * min(1, 2 / (1 + effort / mean effort)),

so that an arm that finds the same in half the time earns more. `SchedulerReward` is the
reward of SCIP's scheduler of primal heuristics.
"""

import math

from boundwise.core.arguments import as_number
from boundwise.core.tolerances import OBJ_TOL
from boundwise.heuristics.protocols import Outcome


class EffortNormalisedReward:
    """Gain of the incumbent and of the gap, divided by relative effort.

    Parameters
    ----------
    incumbent_weight
        Share of the reward that any new incumbent earns, in [0, 1].
    """

    def __init__(self, incumbent_weight: float = 0.5) -> None:
        self._weight = as_number(
            "incumbent_weight", incumbent_weight, at_least=0, at_most=1
        )
        self._efforts = 0.0
        self._pulls = 0

    def __call__(self, outcome: Outcome) -> float:
        """Return the reward of one pull and count its effort."""
        if outcome.is_noop:
            return 0.0
        self._efforts += outcome.effort
        self._pulls += 1
        if not outcome.improved:
            return 0.0
        gain = self._weight + (1.0 - self._weight) * closed_gap(
            outcome.best_before, outcome.best_after, outcome.bound
        )
        mean = self._efforts / self._pulls
        relative = outcome.effort / mean if mean > 0 else 1.0
        return gain * min(1.0, 2.0 / (1.0 + relative))


class SchedulerReward:
    """Reward of SCIP's scheduler of diving and LNS heuristics.

        0.3 [new incumbent] + 0.3 (old - new) / (old - bound)
        + 0.2 (1 - budget used) + 0.2 conflicts / (most conflicts so far),

    the last term for dives only, the second being 1 for a first solution. SCIP never
    records the depth of a dive, so that every dive earns the whole third term, and a
    call that did nothing earns it as well. The corrected form counts what dives use,
    and gives nothing for a no-op.

    Parameters
    ----------
    corrected
        Whether to leave out these two defects.

    References
    ----------
    Chmiela, Gleixner, Lichocki and Pokutta (2023), "Online learning for scheduling MIP
    heuristics", arXiv:2304.03755.
    """

    def __init__(self, *, corrected: bool = True) -> None:
        self._corrected = corrected
        self._most_conflicts = 0

    def __call__(self, outcome: Outcome) -> float:
        """Return the reward of one pull and remember its conflicts."""
        if outcome.is_noop and self._corrected:
            return 0.0
        reward = 0.0
        if outcome.improved:
            closed = closed_gap(outcome.best_before, outcome.best_after, outcome.bound)
            reward += 0.3 + 0.3 * closed
        used = min(1.0, max(0.0, outcome.budget_used))
        if outcome.is_dive:
            if not self._corrected:
                used = 0.0
            self._most_conflicts = max(self._most_conflicts, outcome.conflicts)
            if self._most_conflicts:
                reward += 0.2 * outcome.conflicts / self._most_conflicts
        return min(1.0, reward + 0.2 * (1.0 - used))


def closed_gap(before: float, after: float, bound: float) -> float:
    """Return the fraction of the primal-dual gap that an improvement closed.

    Parameters
    ----------
    before, after
        Objective of the incumbent, minimised; ``before`` may be inf.
    bound
        Lower bound; -inf if there is none, then the scale is ``|before|``.

    Returns
    -------
    float
        In [0, 1].

    Examples
    --------
    >>> closed_gap(10.0, 7.0, 4.0)
    0.5
    """
    if not math.isfinite(before):
        return 1.0
    gap = before - bound if math.isfinite(bound) else abs(before)
    if gap <= OBJ_TOL * max(1.0, abs(before)):
        return 1.0
    return min(1.0, max(0.0, (before - after) / gap))
