"""Minimise a convex function over integer points: the entry point of the convex solver.

The set is read once; the objective is tightened where its structure allows; then
either the Frank-Wolfe tree or SCIP's own nonlinear solver searches, and ``stats`` says
which and why.
"""

import contextlib
from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from boundwise.core.errors import InputError
from boundwise.core.interrupt import Interrupter
from boundwise.core.limits import Limits
from boundwise.core.logtable import verbose_logging
from boundwise.core.rng import make_rng
from boundwise.core.status import Status, Termination
from boundwise.core.trace import EventSink, Trace, TraceEvent, asking_to_stop
from boundwise.heuristics.frank_wolfe.functions import as_objective
from boundwise.heuristics.frank_wolfe.line_searches.line import LineSearch
from boundwise.heuristics.frank_wolfe.protocols import (
    FeasibleSet,
    Floats,
    InexactSet,
    Objective,
)
from boundwise.instances.checker import check
from boundwise.solvers.convex.bounds import Sharpness
from boundwise.solvers.convex.branching import BranchingRule
from boundwise.solvers.convex.by_frank_wolfe import (
    ORACLES,
    solve_by_frank_wolfe,
)
from boundwise.solvers.convex.by_scip import solve_by_scip
from boundwise.solvers.convex.choice import choose
from boundwise.solvers.convex.log import TreeLog
from boundwise.solvers.convex.nodes import Traversal
from boundwise.solvers.convex.result import ConvexResult
from boundwise.solvers.convex.run import Outcome, Run
from boundwise.solvers.convex.sets import read_set
from boundwise.solvers.convex.settings import TreeSettings

if TYPE_CHECKING:
    import os

    import pyscipopt

    from boundwise.instances.instance import Instance


#: Why the tree goes on after SCIP.
_STUCK = "SCIP's tolerances left a gap that it holds to be closed"


def minimize(
    f: Objective | Callable[[Floats], float],
    grad: Callable[[Floats], Any] | None,
    feasible_set: "FeasibleSet | InexactSet | Instance | pyscipopt.Model | str"
    " | os.PathLike[str] | Any",
    *,
    x0: Any = None,
    integers: Any = None,
    time_limit: float | None = None,
    memory_limit: float | None = None,
    gap: float = 1e-2,
    abs_gap: float = 1e-6,
    node_limit: int | None = None,
    method: str = "auto",
    oracle: str = "auto",
    variant: str = "bpcg",
    line_search: str | LineSearch = "secant",
    lazy: bool = True,
    branching: str | BranchingRule = "hierarchy",
    traversal: Traversal = "best-bound",
    strong_convexity: float = 0.0,
    sharpness: Sharpness | None = None,
    reformulate: bool = True,
    domain_oracle: Callable[[Floats], bool] | None = None,
    check_gradient: bool = True,
    callback: Callable[[TraceEvent], object] | None = None,
    seed: int | None = 0,
    verbose: bool = False,
) -> ConvexResult:
    """Minimise a convex differentiable function over mixed-integer points.

    Parameters
    ----------
    f, grad
        The function and its gradient, on vectors of shape (n,); or an objective with
        ``value`` and ``gradient``, and None. The classes of
        `boundwise.solvers.convex.objectives` carry structure that is used.
    feasible_set
        An oracle of `boundwise.solvers.convex.oracles` or one of your own with
        ``lower``, ``upper``, ``integers`` and ``extreme_point``; or a mixed-integer
        program: an `Instance`, a ``pyscipopt.Model`` (x in the order of its
        ``getVars()``), a path, ``(constraints, bounds)`` as `scipy.optimize.milp` takes
        them. Its own objective is ignored. It must be bounded.
    x0
        An integer point of the set to start from.
    integers
        Indices or mask of the integer variables, for the scipy forms.
    time_limit
        Wall-clock seconds; None for no limit.
    memory_limit
        MiB of resident memory of this process; None for no limit.
    gap, abs_gap
        The run ends when incumbent - bound is at most ``abs_gap``, or at most ``gap``
        of the smaller of their magnitudes.
    node_limit
        Largest number of nodes of the tree.
    method
        ``"fw"`` for the Frank-Wolfe tree, ``"scip"`` to hand an objective with
        structure to SCIP, ``"auto"`` for what is predicted to be faster.
    oracle
        For a mixed-integer program: bounds from its integer points (``"mip"``), from
        its linear relaxation (``"lp"``), or what is measured to be faster; a
        measurement, and with it the run, may come out otherwise the next time.
    variant, line_search, lazy
        Frank-Wolfe method, see `boundwise.heuristics.frank_wolfe.frank_wolfe`.
    branching
        ``"hierarchy"``, ``"most-infeasible"``, ``"pseudocost"``, ``"strong"``,
        ``"gradient"``, or an object with ``choose``.
    traversal
        ``"best-bound"`` or ``"depth-first"``.
    strong_convexity
        A mu > 0 with f - mu/2 ||x||^2 convex raises bounds; 0 for what an objective
        with structure knows of itself.
    sharpness
        Constants of a sharp objective, see `Sharpness`.
    reformulate
        Whether to use perspective and x^2 = x on objectives with structure.
    domain_oracle
        Tells whether f is defined at a point; None if everywhere, or if f says so
        itself by ``in_domain``.
    check_gradient
        Whether to compare the gradient with differences of f at the start.
    callback
        Called with each `TraceEvent`; if it returns True, the run ends.
    seed
        Seed of all random choices; None draws one.
    verbose
        Whether to print a table of the run.

    Returns
    -------
    ConvexResult
        What was found and proven; ``stats["check"]`` is the exact check against the
        rows, where the set has some. The bound is proven for convex f only.

    Raises
    ------
    InputError
        If an argument is not valid, the set is unbounded, f or its gradient is not
        finite on the set, the gradient is wrong, or f turns out not to be convex.
    SolverError
        If an oracle breaks its contract.

    Notes
    -----
    Ctrl-C, SIGTERM and every limit return what has been found so far. A box without any
    point in the domain of f, as far as combinations of its vertices show, is closed.

    References
    ----------
    Hendrych, Troppens, Besançon, Pokutta (2022), Convex mixed-integer optimization with
    Frank-Wolfe methods, arXiv:2208.11010.

    Examples
    --------
    >>> import numpy as np
    >>> from scipy.optimize import Bounds
    >>> centre = np.array([0.4, 2.7])
    >>> result = minimize(
    ...     lambda x: float(np.sum((x - centre) ** 2)), lambda x: 2 * (x - centre),
    ...     Bounds([0, 0], [3, 3]), integers=[0, 1],
    ... )
    >>> result.x, round(result.objective, 6)
    (array([0., 3.]), 0.25)
    """
    limits = Limits(time_limit=time_limit, memory_limit=memory_limit)
    settings = TreeSettings(
        gap=gap,
        abs_gap=abs_gap,
        node_limit=node_limit,
        variant=variant,
        line_search=line_search,
        lazy=lazy,
        branching=branching,
        traversal=traversal,
        strong_convexity=strong_convexity,
        sharpness=sharpness,
    )
    if oracle not in ORACLES:
        raise InputError(f"oracle must be one of {ORACLES}, got {oracle!r}.")
    for name, given in (("domain_oracle", domain_oracle), ("callback", callback)):
        if given is not None and not callable(given):
            raise InputError(f"{name} must be callable or None, got {given!r}.")
    objective = as_objective(f, grad)
    rng, used_seed = make_rng(seed)
    deadline = limits.start()
    with (
        verbose_logging(verbose),
        Interrupter(deadline) as interrupter,
        contextlib.ExitStack() as stack,
    ):
        points = read_set(feasible_set, integers)
        if points.points is not feasible_set and hasattr(points.points, "free"):
            stack.callback(points.points.free)
        bind = getattr(points.points, "bind", None)
        if bind is not None:
            bind(interrupter, deadline)
        log = TreeLog()
        sinks: tuple[EventSink, ...] = (log,)
        if callback is not None:
            sinks += (asking_to_stop(callback, interrupter.request),)
        run = Run(
            objective=objective,
            points=points,
            domain=domain_oracle or getattr(objective, "in_domain", None),
            settings=settings,
            limits=limits,
            deadline=deadline,
            interrupter=interrupter,
            trace=Trace(deadline, sinks),
            log=log,
            rng=rng,
        )
        start = run.checked_point(x0)
        choice = choose(objective, points, method, reformulate=reformulate)
        if choice.method == "scip":
            outcome = solve_by_scip(run, start, used_seed)
            if method == "auto" and _is_stuck(outcome):
                choice = replace(choice, method="fw", reason=_STUCK)
                run.incumbent.forget_bound()
                start = run.incumbent.x
        if choice.method == "fw":
            relaxed = choice.relaxed(objective)
            outcome = solve_by_frank_wolfe(run, relaxed, oracle, start, check_gradient)
    incumbent = run.incumbent
    stats = choice.to_dict() | dict(outcome.stats)
    if incumbent.x is not None and points.instance is not None:
        stats["check"] = check(points.instance, incumbent.x).to_dict()
    return ConvexResult(
        status=outcome.status,
        termination=outcome.termination,
        objective=incumbent.objective,
        bound=incumbent.bound,
        x=incumbent.x,
        names=() if points.instance is None else points.instance.names,
        trace=run.trace.events(),
        stats=stats,
        seed=used_seed,
        wall_time=deadline.elapsed(),
    )


def _is_stuck(outcome: Outcome) -> bool:
    """Tell whether SCIP has ended by itself without closing the gap.

    On badly scaled squares its relative tolerance is larger than the gap.
    """
    is_closed = outcome.status in (
        Status.OPTIMAL,
        Status.INFEASIBLE,
        Status.INFEASIBLE_OR_UNBOUNDED,
        Status.UNBOUNDED,
    )
    ended = outcome.termination in (Termination.CONVERGED, Termination.ERROR)
    return ended and not is_closed
