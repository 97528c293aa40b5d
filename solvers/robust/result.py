"""From a run to its result, in the user's sense."""

import math
from typing import Any

import numpy as np

from boundwise.core.status import Status, Termination
from boundwise.solvers.robust.problem import RobustResult
from boundwise.solvers.robust.run import Run


def make_result(run: Run, seed: int, method: str) -> RobustResult:
    """Return what a run has found.

    Parameters
    ----------
    run
        The run.
    seed
        Its seed.
    method
        Name of the method, for the figures.
    """
    problem = run.problem
    sign = -1.0 if problem.sense == "maximize" else 1.0
    found = run.worst is not None and math.isfinite(run.worst.cost)
    proven = found and run.is_closed()
    termination = run.clock.termination()
    if proven:
        termination = Termination.CONVERGED
    stats: dict[str, Any] = {
        "method": method,
        "iterations": run.iterations,
        "evaluations": run.evaluations,
        "proposals": {who: sign * cost for who, cost in run.notes.items()},
        **run.stats,
    }
    worst = run.worst if found else None
    known = np.array(run.scenarios)
    return RobustResult(
        status=_status(found, proven),
        termination=termination,
        objective=sign * (math.inf if worst is None else worst.cost),
        bound=sign * run.bound,
        x=run.x if found else None,
        sense=problem.sense,
        names=problem.names,
        trace=run.trace.events(),
        stats=stats,
        seed=seed,
        wall_time=run.clock.deadline.elapsed(),
        scenarios=known.reshape(-1, problem.uncertainty.dimension),
        worst_scenario=None if worst is None else worst.scenario,
        is_exact=worst is not None and worst.is_exact,
        guarantee=sign * (math.inf if worst is None else worst.bound),
    )


def _status(found: bool, proven: bool) -> Status:
    if proven:
        return Status.OPTIMAL
    return Status.FEASIBLE if found else Status.UNKNOWN
