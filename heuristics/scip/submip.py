"""Solve a sub-MIP: the presolved model as a neighbourhood changes it.

A fresh model is as fast as undoing changes on a persistent one and cannot carry state
from one neighbourhood to the next. Solutions are handed over while the sub-MIP is
still running.
"""

import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from boundwise.core.arguments import as_number
from boundwise.core.interrupt import Interrupter
from boundwise.heuristics.linear import LinearMip
from boundwise.heuristics.protocols import Ending, FloatVector, Subproblem
from boundwise.heuristics.scip.drive import Driver
from boundwise.heuristics.scip.effort import WorkMeter
from boundwise.heuristics.scip.reduced import pays_off, reduced_submodel
from boundwise.heuristics.scip.settings import set_seed, use_lns_settings
from boundwise.heuristics.scip.submodel import copied_submodel
from boundwise.heuristics.scip.transfer import read_values

#: Receives the values of a solution in the space of the source model.
OnSolution = Callable[[FloatVector], object]

#: SCIP statuses after which nothing better is left in the neighbourhood.
_EXHAUSTED = {"optimal", "infeasible", "inforunbd", "gaplimit"}


@dataclass(frozen=True, slots=True, kw_only=True)
class SubMipLimits:
    """State what one sub-MIP may use.

    Parameters
    ----------
    seconds
        Wall-clock seconds.
    work
        Work units, ``inf`` for no limit.
    nodes
        Nodes of the search tree.
    stall_nodes
        Nodes without a new incumbent.
    memory
        MiB, or None.
    """

    seconds: float
    work: float
    nodes: int = 2000
    stall_nodes: int = 500
    memory: float | None = None


@dataclass(frozen=True, slots=True)
class SubMipReport:
    """Report how a sub-MIP went.

    Parameters
    ----------
    ending
        How its search ended.
    n_solutions
        Number of solutions handed over.
    status
        SCIP's own status.
    nodes
        Nodes searched.
    """

    ending: Ending
    n_solutions: int
    status: str
    nodes: int


class SolutionTap:
    """Hand the improving solutions of a running model to somebody.

    Handing over costs time that the solver waits for; solutions that come within
    ``pace`` times that cost are skipped. `flush` hands over the last one.

    Parameters
    ----------
    variables
        The model's original variables, in the order of the values.
    on_solution
        Receives the values.
    pace
        0 skips nothing, and so does not depend on the clock.
    """

    def __init__(
        self, variables: list[Any], on_solution: OnSolution, pace: float = 10.0
    ) -> None:
        self._variables = variables
        self._pace = pace
        self._on_solution = on_solution
        self._pause_until = 0.0
        self._pending = False
        self.n_solutions = 0

    def __call__(self, model: Any) -> None:
        """Hand over the incumbent of the model, unless it comes too soon."""
        started = time.monotonic()
        if started < self._pause_until:
            self._pending = True
            return
        solution = model.getBestSol()
        if solution is None:
            return
        self._pending = False
        self.n_solutions += 1
        self._on_solution(read_values(model, solution, self._variables))
        now = time.monotonic()
        self._pause_until = now + self._pace * (now - started)

    def attach(self, driver: Driver) -> None:
        """Hand over the solutions of a driver's model, skipped ones at the next LP."""
        from pyscipopt import SCIP_EVENTTYPE

        driver.on(SCIP_EVENTTYPE.BESTSOLFOUND, self)
        if self._pace > 0.0:
            driver.on(SCIP_EVENTTYPE.LPSOLVED, self._catch_up)
            driver.on(SCIP_EVENTTYPE.NODESOLVED, self._catch_up)

    def flush(self, model: Any) -> None:
        """Hand over the incumbent if it was skipped."""
        if self._pending:
            self._pause_until = 0.0
            self(model)

    def _catch_up(self, model: Any) -> None:
        if self._pending:
            self(model)


def solve_submip(
    source: Any,
    subproblem: Subproblem,
    *,
    cutoff: float,
    limits: SubMipLimits,
    seed: int,
    interrupter: Interrupter,
    meter: WorkMeter,
    on_solution: OnSolution,
    linear: LinearMip | None = None,
) -> SubMipReport:
    """Search a neighbourhood of a presolved model.

    Parameters
    ----------
    source
        Presolved ``pyscipopt.Model``; it is not changed.
    subproblem
        How it differs from the whole.
    cutoff
        Only solutions of objective below this are looked for, in the space of the
        copy (minimise, no offset); ``inf`` for any.
    limits
        What the sub-MIP may use.
    seed
        Seed of SCIP's random choices.
    interrupter
        Can stop the sub-MIP.
    meter
        Charged with the work.
    on_solution
        Receives every improving solution as it is found.
    linear
        The arrays of ``source``, if it has linear rows only. Small neighbourhoods are
        then written from the arrays, which for large problems is many times faster
        than copying the whole.

    Returns
    -------
    SubMipReport
        How it went.

    Raises
    ------
    InputError
        If ``cutoff`` is nan or -inf, or the subproblem is not well-formed.
    SolverError
        If SCIP fails.
    """
    cutoff = as_number("cutoff", cutoff, above=-np.inf, finite=False)
    if linear is not None and pays_off(linear, subproblem):
        submodel = reduced_submodel(source, linear, subproblem, cutoff)
    else:
        submodel = copied_submodel(source, subproblem, cutoff)
    if submodel is None:
        return SubMipReport(Ending.EXHAUSTED, 0, "infeasible", 0)
    model = submodel.model
    try:
        use_lns_settings(model)
        set_seed(model, seed)
        model.setParam("limits/nodes", limits.nodes)
        model.setParam("limits/stallnodes", limits.stall_nodes)
        if limits.memory is not None:
            model.setParam("limits/memory", limits.memory)
        driver = Driver(model, interrupter, meter)
        pace = 0.0 if meter.is_limited else 10.0
        tap = SolutionTap(
            submodel.variables, lambda x: on_solution(submodel.expand(x)), pace
        )
        tap.attach(driver)
        status = driver.run(limits.seconds, limits.work)
        tap.flush(model)
        if interrupter.requested:
            ending = Ending.INTERRUPTED
        elif status in _EXHAUSTED:
            ending = Ending.EXHAUSTED
        else:
            ending = Ending.LIMIT
        return SubMipReport(ending, tap.n_solutions, status, model.getNTotalNodes())
    finally:
        # Plugins and model refer to each other: without this, the memory of a sub-MIP
        # would wait for the garbage collector.
        model.free()
