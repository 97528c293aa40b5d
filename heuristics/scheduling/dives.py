"""Dives alone, as a scheduler for a tree search."""

from collections.abc import Sequence

import numpy as np

from boundwise.heuristics.bandits.factory import make_policy
from boundwise.heuristics.dives.factory import make_dives
from boundwise.heuristics.dives.rule import DiveRule
from boundwise.heuristics.protocols import Policy
from boundwise.heuristics.scheduling.dive_arm import DiveArm
from boundwise.heuristics.scheduling.scheduler import Scheduler
from boundwise.heuristics.scip.effort import WorkMeter
from boundwise.heuristics.scip.rows import linear_mip
from boundwise.heuristics.scip.share import Share, TimeShare, WorkShare


def dive_scheduler(
    rng: np.random.Generator,
    meter: WorkMeter,
    *,
    dives: Sequence[str | DiveRule] | None = None,
    policy: str | Policy = "exp3ix",
    share: float = 0.15,
) -> Scheduler:
    """Return a scheduler of dives for `TreeSearch`.

    Parameters
    ----------
    rng
        Source of all random choices.
    meter
        Meter of the run: if it is limited, the scheduler does not look at the clock.
    dives
        Names or rules, see `boundwise.heuristics.dives.factory`; None for all.
    policy
        Chooses among them.
    share
        Fraction of the tree search that dives may use.
    """
    rules = make_dives(dives)
    bounds: Share = WorkShare(share) if meter.is_limited else TimeShare(share)
    return Scheduler(
        [DiveArm(rule) for rule in rules],
        make_policy(policy, len(rules)),
        rng,
        share=bounds,
        make_rows=linear_mip,
    )
