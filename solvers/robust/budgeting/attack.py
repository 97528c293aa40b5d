"""Attack a decision of capital budgeting: a random local search over scenarios.

    from each of some scenarios: try scenarios at distances that shrink, move to those
    in which the best reaction costs more

The worst case has jumps, where a reaction just ceases to be affordable: no gradient
leads there, but scenarios near those that were bad for similar decisions do.
"""

import numpy as np

from boundwise.heuristics.compiled import compiled
from boundwise.instances.robust.arrays import Floats
from boundwise.solvers.robust.budgeting.worst_case import (
    Data,
    cost_at,
    costs_at,
)
from boundwise.solvers.robust.clock import Clock

#: Distances of the trials, the largest first.
_FARTHEST, _NEAREST = 0.5, 1e-3
#: Share of the coordinates that a trial changes.
_CHANGED = 0.5
#: Relative rise that counts, and error of a reaction on the way.
_STEP = 1e-6


def attack(
    data: Data,
    x: Floats,
    starts: Floats,
    trials: int,
    cutoff: float,
    rng: np.random.Generator,
    clock: Clock,
) -> tuple[float, Floats]:
    """Return the worst cost found and its scenario.

    Parameters
    ----------
    data
        The problem.
    x
        The projects.
    starts
        Scenarios to start from, a row each.
    trials
        Number of trials from each.
    cutoff
        Stop as soon as the cost reaches this.
    rng
        Source of randomness.
    clock
        When to stop; the first start is always climbed from.
    """
    shape = (len(starts), trials, starts.shape[1])
    steps = rng.normal(size=shape) * (rng.random(shape) < _CHANGED)
    steps *= np.geomspace(_FARTHEST, _NEAREST, trials)[:, None]
    x, best, worst = np.array(x), -np.inf, starts[0]
    for k in range(len(starts)):
        if k and clock.expired():
            break
        cost, point = _climb(data, x, np.array(starts[k]), steps[k], float(cutoff))
        if cost > best:
            best, worst = cost, point
        if best >= cutoff:
            break
    return float(costs_at(data, x, worst[None])[0]), worst


@compiled()
def _climb(
    data: Data, x: Floats, point: Floats, steps: Floats, cutoff: float
) -> tuple[float, Floats]:
    """Go from one scenario to worse ones; return the last cost and scenario."""
    cost = cost_at(data, x, point, -np.inf, _STEP)
    for step in steps:
        if cost >= cutoff:
            break
        trial = np.minimum(1.0, np.maximum(-1.0, point + step))
        if (trial == point).all():
            continue
        goal = cost + _STEP * abs(cost)
        value = cost_at(data, x, trial, goal, _STEP)
        if value > goal:
            point, cost = trial, value
    return cost, point
