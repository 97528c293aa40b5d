"""Solve by SCIP's own nonlinear branch-and-cut, under the limits of a convex run."""

import numpy as np

from boundwise.core.errors import InputError
from boundwise.heuristics.frank_wolfe.protocols import Floats
from boundwise.solvers.convex.native.solve import solve_native
from boundwise.solvers.convex.run import Outcome, Run


def solve_by_scip(run: Run, x0: Floats | None, seed: int) -> Outcome:
    """Hand a problem to SCIP.

    Parameters
    ----------
    run
        The problem.
    x0
        A point to start from, or None.
    seed
        Seed of SCIP's random choices.

    Raises
    ------
    InputError
        If the rows of the feasible set are not known.
    """
    if run.points.source is None:
        raise InputError(
            "method='scip' needs the rows of the feasible set, which "
            f"{type(run.points.points).__name__} does not have; use method='fw'."
        )
    settings = run.settings
    result = solve_native(
        run.objective,
        run.points.source,
        memory_limit=run.limits.memory_limit,
        gap=settings.gap,
        abs_gap=settings.abs_gap,
        node_limit=settings.node_limit,
        seed=seed,
        start=x0,
        interrupter=run.interrupter,
        deadline=run.deadline,
        sinks=run.trace.sinks,
    )
    run.incumbent.take_over(
        None if result.x is None else np.array(result.x),
        result.objective,
        result.bound,
        result.trace,
    )
    return Outcome(result.status, result.termination, result.stats)
