"""Solve a mixed-integer program: the entry point of the MIP solvers.

The problem is read once, presolved once, and searched by the method; every solution
is checked exactly against the problem as given before it counts.
"""

import contextlib
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from boundwise.core.errors import InputError
from boundwise.core.interrupt import Interrupter
from boundwise.core.limits import Limits
from boundwise.core.logtable import verbose_logging
from boundwise.core.rng import make_rng
from boundwise.core.status import Status, Termination
from boundwise.core.trace import EventSink, Trace, TraceEvent, asking_to_stop
from boundwise.heuristics.bandits.factory import make_policy
from boundwise.heuristics.neighbourhoods.factory import make_neighbourhoods
from boundwise.heuristics.protocols import FloatVector, Neighbourhood, Policy
from boundwise.heuristics.scip.effort import WorkMeter
from boundwise.heuristics.scip.load import load
from boundwise.heuristics.scip.settings import apply_options, set_seed
from boundwise.heuristics.scip.share import WorkShare
from boundwise.solvers.mip.by_portfolio import run_portfolio
from boundwise.solvers.mip.exchange import Border, Exchange
from boundwise.solvers.mip.log import SearchLog
from boundwise.solvers.mip.plain import PlainScip
from boundwise.solvers.mip.result import MipResult
from boundwise.solvers.mip.search import Search
from boundwise.solvers.mip.start import add_start
from boundwise.solvers.mip.team import choose_engines

if TYPE_CHECKING:
    import os

    import pyscipopt

    from boundwise.instances.instance import Instance

METHODS = ("lns", "scip", "scip+bandit")
#: SCIP parameters that would be overwritten -> the argument that sets them.
_OWN_ARGUMENTS = {"limits/time": "time_limit", "limits/gap": "gap"}


def solve(
    problem: "str | os.PathLike[str] | Instance | pyscipopt.Model",
    *,
    time_limit: float | None = None,
    threads: int = 1,
    seed: int | None = 0,
    gap: float = 0.0,
    memory_limit: float | None = None,
    work_limit: float | None = None,
    method: str = "lns",
    policy: str | Policy = "exp3ix",
    arms: Sequence[str | Neighbourhood] | None = None,
    engines: str | Sequence[str] = "auto",
    start: "Mapping[str, float] | FloatVector | str | os.PathLike[str] | None" = None,
    callback: Callable[[TraceEvent], object] | None = None,
    verbose: bool = False,
    solver_options: Mapping[str, Any] | None = None,
    exchange: Exchange | None = None,
    cluster: Any = None,
) -> MipResult:
    """Solve a mixed-integer program.

    Parameters
    ----------
    problem
        Path of an MPS, LP or CIP file (also ``.gz``), name of a MIPLIB instance, an
        `Instance`, or a ``pyscipopt.Model``, which is left untouched: a copy is
        solved, without its limits, its objective limit and its Python plug-ins
        (constraint handlers and pricers are lost in any copy that SCIP makes).
    time_limit
        Wall-clock seconds, reading included; None for no limit.
    threads
        How many partners search at the same time.
    seed
        Seed of all random choices; None draws one.
    gap
        Relative gap at which the run ends, see `Result.gap`.
    memory_limit
        MiB of resident memory of this process; None for no limit.
    work_limit
        Deterministic work units (a thousand simplex iterations or a hundred nodes);
        with it and the same seed, the same result. None for no limit.
    method
        ``"lns"`` for adaptive large neighbourhood search (a heuristic with a dual
        bound; it ends with a proof if its tree search finishes), ``"scip"`` for plain
        SCIP, ``"scip+bandit"`` for SCIP with the heuristics of `boundwise.attach`.
    policy
        Bandit policy that chooses the arms: a name or an object, see
        `boundwise.heuristics.bandits`.
    arms
        Neighbourhoods: names or objects, see `boundwise.heuristics.neighbourhoods`;
        None for the default ones. With ``"scip+bandit"``, those of `boundwise.attach`.
    engines
        Which solvers take part: ``"auto"`` for all that are installed, or names among
        ``"scip"``, ``"cp-sat"``, ``"highs"``, of which ``"scip"`` must be one. With
        ``work_limit``, only SCIP. ``result.stats["absent"]`` tells who took no part.
    start
        A solution to start from: values by name (missing ones are 0), values in the
        order of the variables, or the path of a ``.sol`` file. A solution that is not
        feasible is refused with a warning.
    callback
        Called with each `TraceEvent`; if it returns True, the run ends.
    verbose
        Whether to print a table of the run.
    solver_options
        SCIP parameters, except the limits that have an argument of their own. With
        ``"lns"`` they act on presolving and the tree search, and on sub-MIPs where
        these have no setting of their own.
    exchange
        Connects the run with others on the same problem; only for ``"lns"``.
    cluster
        A Dask client, or the address of its scheduler (extra ``cluster``): every worker
        runs a portfolio of its own, and all share incumbents, bounds and what the
        policy has learned. Only for ``"lns"``, with policy and arms by name, without
        ``work_limit``, ``start`` and ``exchange``.

    Returns
    -------
    MipResult
        What was found; ``result.arms`` has the statistics of the arms.

    Raises
    ------
    InputError
        If an argument or the problem is not valid.
    SolverError
        If SCIP fails.

    Notes
    -----
    Ctrl-C, SIGTERM and every limit return what has been found so far.

    References
    ----------
    Cai, Kadioglu, Dilkina (2025), "Balans", arXiv:2412.14382.
    """
    limits = Limits(
        time_limit=time_limit,
        memory_limit=memory_limit,
        gap=gap,
        threads=threads,
        work_limit=work_limit,
    )
    _check_company(method, limits, exchange, cluster, start)
    chosen_engines = choose_engines(engines, reproducible=work_limit is not None)
    if cluster is not None:
        return _solve_on_cluster(
            problem,
            cluster,
            verbose=verbose,
            callback=callback,
            time_limit=time_limit,
            threads=threads,
            seed=seed,
            gap=gap,
            memory_limit=memory_limit,
            policy=policy,
            arms=arms,
            engines=engines,
            solver_options=solver_options,
        )
    for name, own in _OWN_ARGUMENTS.items():
        if name in (solver_options or {}):
            raise InputError(f"solver_options must not have {name!r}: use {own}=.")
    in_tree = method == "scip+bandit"
    neighbourhoods = make_neighbourhoods(None if in_tree else arms)
    chosen_policy = None if in_tree else make_policy(policy, len(neighbourhoods))
    rng, used_seed = make_rng(seed)
    deadline = limits.start()
    with (
        verbose_logging(verbose),
        Interrupter(deadline) as interrupter,
        contextlib.ExitStack() as stack,
    ):
        instance, model = load(problem)
        # Plugins and model refer to each other: without this, its memory would wait
        # for the garbage collector.
        stack.callback(model.free)
        log = SearchLog(instance.sense)
        sinks: tuple[EventSink, ...] = (log,)
        if callback is not None:
            sinks += (asking_to_stop(callback, interrupter.request),)
        trace = Trace(deadline, sinks)
        meter = WorkMeter(limits.work_limit or float("inf"))
        search = Search(instance, limits, deadline, interrupter, meter, trace)
        set_seed(model, used_seed)
        apply_options(model, solver_options or {})
        if start is not None:
            add_start(model, instance, start)
        if in_tree:
            outcome = _run_with_bandit(search, model, arms, policy, used_seed)
        elif chosen_policy is None or method == "scip":
            outcome = _run_plain(search, model)
        else:
            outcome = run_portfolio(
                search,
                model,
                neighbourhoods,
                chosen_policy,
                chosen_engines,
                rng,
                log,
                solver_options,
                Border(exchange, search) if exchange is not None else None,
            )
    status, termination, stats = outcome
    if not status.has_solution:
        # An unbounded problem may have solutions, but none to return.
        search.forget()
    if search.report is not None:
        stats["check"] = search.report.to_dict()
    stats["rejected_solutions"] = search.n_rejected
    stats["bounds_refuted"] = search.bounds_refuted
    stats["work"] = meter.used
    return MipResult(
        status=status,
        termination=termination,
        objective=search.objective,
        bound=search.bound,
        x=search.x,
        sense=instance.sense,
        names=instance.names,
        trace=trace.events(),
        stats=stats,
        seed=used_seed,
        wall_time=deadline.elapsed(),
    )


def _check_company(
    method: str, limits: Limits, exchange: object, cluster: object, start: object
) -> None:
    """Raise InputError if arguments do not go together."""
    if method not in METHODS:
        raise InputError(f"method must be one of {', '.join(METHODS)}, got {method!r}.")
    if limits.work_limit is not None and limits.threads != 1:
        raise InputError(
            "work_limit makes runs reproducible and needs threads=1, "
            f"got threads={limits.threads!r}."
        )
    if exchange is not None and (method != "lns" or not isinstance(exchange, Exchange)):
        raise InputError(
            "exchange must have publish and poll, and goes with method 'lns', "
            f"got {exchange!r} with {method!r}."
        )
    if cluster is None:
        return
    own = {"work_limit": limits.work_limit, "start": start, "exchange": exchange}
    for name, value in own.items():
        if value is not None:
            raise InputError(f"{name} does not go with cluster, got {value!r}.")
    if method != "lns":
        raise InputError(f"cluster goes with method 'lns', got {method!r}.")


def _run_with_bandit(
    search: Search,
    model: "pyscipopt.Model",
    arms: Sequence[Any] | None,
    policy: str | Policy,
    seed: int,
) -> tuple[Status, Termination, dict[str, Any]]:
    """Run SCIP with scheduled heuristics: the one place where rooms meet."""
    from boundwise.solvers.scheduler.attach import BUDGET, attach

    budget = WorkShare(BUDGET) if search.meter.is_limited else BUDGET
    heuristics = attach(
        model, arms=arms or "default", policy=policy, budget=budget, seed=seed
    )
    status, termination, stats = _run_plain(search, model)
    stats["arms"] = [
        {
            "name": arm["arm"],
            "pulls": arm["calls"],
            "improvements": arm["improvements"],
            "noops": arm["noops"],
            "mean_reward": arm["mean_reward"],
            "effort": arm["effort"],
            "fixing_rate": arm["setting"],
        }
        for arm in heuristics.statistics()
    ]
    stats["replaced"] = list(heuristics.replaced)
    return status, termination, stats


def _solve_on_cluster(
    problem: Any,
    cluster: Any,
    *,
    verbose: bool,
    callback: Callable[[TraceEvent], object] | None,
    **arguments: Any,
) -> MipResult:
    from boundwise.solvers.mip.cluster.solve import solve_on_cluster

    instance, model = load(problem)
    model.free()
    log = SearchLog(instance.sense)

    def follow(event: TraceEvent) -> object:
        log(event)
        return callback(event) if callback is not None else None

    with verbose_logging(verbose):
        return solve_on_cluster(instance, cluster, callback=follow, **arguments)


def _run_plain(
    search: Search, model: "pyscipopt.Model"
) -> tuple[Status, Termination, dict[str, Any]]:
    plain = PlainScip(search, model)
    status, termination = plain.run()
    return status, termination, {"nodes": plain.n_nodes}
