"""Solve by the Frank-Wolfe tree: sets, starts and figures around `BranchAndBound`."""

import time
import warnings
from dataclasses import replace
from typing import Any

import numpy as np

from boundwise.core.errors import BoundwiseWarning
from boundwise.heuristics.frank_wolfe.protocols import (
    Floats,
    InexactSet,
    Objective,
)
from boundwise.heuristics.frank_wolfe.restricted import Restricted
from boundwise.solvers.convex.gradient_check import check_convexity, check_gradient
from boundwise.solvers.convex.relaxation import some_point
from boundwise.solvers.convex.run import Outcome, Run
from boundwise.solvers.convex.space import ConvexSpace
from boundwise.solvers.convex.tree import BranchAndBound

ORACLES = ("auto", "lp", "mip")
#: A linear problem over integer points that takes this many times as long as one over
#: the relaxation, and at least this many seconds, is left to leaves and heuristics.
_TOO_SLOW = 5.0
_WORTH_ASKING = 0.01
#: Points at which the objective is spot-checked.
_CHECKED_POINTS = 3


def solve_by_frank_wolfe(
    run: Run, relaxed: Objective, oracle: str, x0: Floats | None, check: bool
) -> Outcome:
    """Search the tree of a run.

    Parameters
    ----------
    run
        The problem.
    relaxed
        The function whose relaxations give the bounds.
    oracle
        ``"mip"``, ``"lp"`` or ``"auto"``.
    x0
        An integer point to start from, or None.
    check
        Whether to check the gradient before.
    """
    space = ConvexSpace(
        run.objective,
        run.points.points,
        run.points.integers,
        value=run.value,
        relaxed_objective=relaxed,
        domain=run.domain,
        deadline=run.deadline,
    )
    stats: dict[str, Any] = {"oracle": "own"}
    if run.points.relaxation is not None:
        name, why = _choose_oracle(run, space, oracle)
        stats = {"oracle": name, "oracle_reason": why}
        space.polishing = run.points.relaxation
        if name == "lp":
            space.relaxation = run.points.relaxation
    settings = run.settings
    if settings.strong_convexity == 0.0 and not isinstance(
        space.relaxation, InexactSet
    ):
        # The lift costs one oracle call a node, which must be a cheap one.
        known = getattr(relaxed, "strong_convexity", 0.0)
        settings = replace(settings, strong_convexity=float(known))
    tree = BranchAndBound(
        space,
        settings,
        run.limits,
        run.deadline,
        run.interrupter,
        run.incumbent,
        run.log,
        run.rng,
    )
    if check:
        _check_objective(run, space, x0)
    status, termination = tree.run(_integer_start(run, space, x0))
    return Outcome(status, termination, stats | tree.stats())


def _check_objective(run: Run, space: ConvexSpace, x0: Floats | None) -> None:
    """Spot-check gradient and convexity at points of the set."""
    points = [] if x0 is None else [x0]
    for _ in range(_CHECKED_POINTS):
        point = some_point(space, run.rng)
        if point is not None:
            points.append(point)
    inside = [point for point in points if run.domain is None or run.domain(point)]
    if inside:
        check_gradient(run.objective, inside[0], run.rng)
        check_convexity(run.value, inside)


def _choose_oracle(run: Run, space: ConvexSpace, oracle: str) -> tuple[str, str]:
    """Return which oracle gives the bounds of a program, and why."""
    if oracle != "auto":
        return oracle, "asked for"
    relaxation = run.points.relaxation
    assert relaxation is not None
    if not len(run.points.integers):
        return "lp", "there are no integer variables"
    if run.points.has_few_rows:
        return "lp", "there are few rows"
    direction = space.random_direction(run.rng)
    seconds = []
    for asked in (relaxation, run.points.points):
        started = time.perf_counter()
        Restricted(asked).minimize(direction)
        seconds.append(time.perf_counter() - started)
    lp, mip = seconds
    figures = f"a call takes {1e3 * lp:.2g} ms (lp) and {1e3 * mip:.2g} ms (mip)"
    if mip <= max(_TOO_SLOW * lp, _WORTH_ASKING):
        return "mip", figures
    return "lp", figures


def _integer_start(run: Run, space: ConvexSpace, x0: Floats | None) -> Floats | None:
    """Return the point of the set that has the integers of ``x0``."""
    if x0 is None:
        return None
    integers = space.integers
    values = np.rint(x0[integers])
    low, up = space.lower.copy(), space.upper.copy()
    low[integers] = up[integers] = values
    fits = np.abs(values - x0[integers]).max(initial=0.0) <= 1e-6
    fits = fits and bool((low >= space.lower).all() and (up <= space.upper).all())
    found = None
    if fits:
        gradient = run.objective.gradient(x0)
        found = space.oracle(low, up).minimize(gradient).vertex
    if found is None:
        warnings.warn(
            "x0 is not used: its integers are not those of a point of the set.",
            BoundwiseWarning,
            stacklevel=4,
        )
    return found
