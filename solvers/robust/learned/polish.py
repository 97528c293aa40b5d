"""Local search over x in which the network ranks the neighbours.

    neighbours: change one entry, or swap two of different value
    rank by     c x + max over pooled scenarios of NN(x, xi_s)
    evaluate exactly from the top; go on from the first that is better

Thousands of neighbours are ranked by a few matrix products; only the most promising are
evaluated. Each evaluation brings the scenario that stopped it into the pool.
"""

import math
from collections.abc import Sequence
from typing import Literal

import numpy as np

from boundwise.core.tolerances import FEAS_TOL
from boundwise.heuristics.networks.mlp import Mlp
from boundwise.instances.robust.arrays import Floats
from boundwise.solvers.robust.learned.view import NetworkView
from boundwise.solvers.robust.run import Run
from boundwise.solvers.robust.stages import FirstStage

#: Who orders the neighbours.
Ranking = Literal["network", "random"]
#: Scenarios in the pool; the latest are kept.
_POOL = 12
#: Most neighbours that are ranked at once; more are drawn at random.
_NEIGHBOURS = 4000


def polish(
    run: Run,
    view: NetworkView,
    scenarios: Sequence[Floats],
    *,
    patience: int,
    ranking: Ranking = "network",
) -> None:
    """Improve the incumbent of a run.

    Parameters
    ----------
    run
        The run; it must have an incumbent.
    view
        Its problem with a network.
    scenarios
        Scenarios to start the pool with.
    patience
        Exact evaluations of neighbours without a better one after which to stop.
    ranking
        ``"random"`` evaluates the neighbours in random order.
    """
    pool = list(scenarios)
    improved = True
    while improved and not run.clock.expired():
        assert run.x is not None
        assert run.worst is not None
        pool = [*pool, run.worst.scenario][-_POOL:]
        before = run.cost
        if ranking == "network":
            neighbours = ranked_neighbours(run, view, np.vstack(pool))
        else:
            stage = run.problem.first_stage
            neighbours = run.rng.permutation(feasible_neighbours(stage, run.x, run.rng))
        for x in neighbours[:patience]:
            worst = run.evaluate(x, "polish")
            if math.isfinite(worst.cost) and run.store(worst.scenario):
                pool.append(worst.scenario)
            if run.cost < before or run.clock.expired():
                break
        improved = run.cost < before


def ranked_neighbours(run: Run, view: NetworkView, scenarios: Floats) -> Floats:
    """Return the neighbours of the incumbent, the most promising first.

    Parameters
    ----------
    run
        The run; it must have an incumbent.
    view
        Its problem with a network.
    scenarios
        Scenarios that count, one a row.
    """
    assert run.x is not None
    neighbours = feasible_neighbours(run.problem.first_stage, run.x, run.rng)
    if not len(neighbours):
        return neighbours
    network = view.network.at_scenarios(view.inputs, scenarios)
    return neighbours[np.argsort(_predicted(view, network, neighbours), kind="stable")]


def feasible_neighbours(
    stage: FirstStage, x: Floats, rng: np.random.Generator
) -> Floats:
    """Return the first-stage decisions that differ in one entry or by one swap.

    Parameters
    ----------
    stage
        The first stage; its variables are binary.
    x
        A decision.
    rng
        Draws, where there are too many.
    """
    inside, outside = np.flatnonzero(x > 0.5), np.flatnonzero(x <= 0.5)
    first = np.concatenate([np.arange(len(x)), np.repeat(inside, len(outside))])
    second = np.concatenate([np.arange(len(x)), np.tile(outside, len(inside))])
    if len(first) > _NEIGHBOURS:
        chosen = rng.choice(len(first), _NEIGHBOURS, replace=False)
        first, second = first[chosen], second[chosen]
    rows = np.arange(len(first))
    neighbours = np.repeat(x[None], len(rows), axis=0)
    neighbours[rows, first] = 1.0 - x[first]
    neighbours[rows, second] = 1.0 - x[second]
    within = (neighbours >= stage.lower) & (neighbours <= stage.upper)
    is_feasible = within.all(axis=1)
    if stage.matrix is not None:
        activity = (stage.matrix @ neighbours.T).T
        slack = FEAS_TOL * np.maximum(1.0, np.abs(activity))
        is_feasible &= (activity >= stage.row_lower - slack).all(axis=1)
        is_feasible &= (activity <= stage.row_upper + slack).all(axis=1)
    return np.asarray(neighbours[is_feasible])


def _predicted(view: NetworkView, network: Mlp, decisions: Floats) -> Floats:
    certain = decisions @ view.problem.first_stage.cost
    return np.asarray(certain + network.forward(decisions).max(axis=1))
