"""Let SCIP solve a convex mixed-integer problem, and judge what it returns.

SCIP's optimum is that of its own model, within its tolerances: every solution is
evaluated by the objective itself after its integers are rounded, and is taken if the
rows hold within 1e-6, if need be after a repair of its continuous variables. The bound
is SCIP's dual bound.
"""

import math
from collections.abc import Mapping
from typing import Any

import numpy as np

from boundwise.core.errors import InputError
from boundwise.core.interrupt import Interrupter
from boundwise.core.limits import Deadline, Limits
from boundwise.core.result import relative_gap
from boundwise.core.status import Status, Termination
from boundwise.core.trace import EventSink, Trace
from boundwise.heuristics.completion import complete_continuous
from boundwise.heuristics.frank_wolfe.protocols import Floats, Objective
from boundwise.heuristics.scip.drive import Driver
from boundwise.heuristics.scip.effort import WorkMeter
from boundwise.heuristics.scip.settings import apply_options, set_seed
from boundwise.heuristics.scip.statuses import proof_of, termination_of
from boundwise.heuristics.scip.submip import SolutionTap
from boundwise.heuristics.scip.transfer import read_values
from boundwise.instances.checker import check
from boundwise.solvers.convex.native.attach import FrankWolfeCuts, attach_frank_wolfe
from boundwise.solvers.convex.native.formulate import Form, NativeModel, formulate
from boundwise.solvers.convex.result import ConvexResult

#: A value this close to an integer is rounded.
_NEARLY_INTEGER = 1e-3
#: Relative slack by which SCIP's bound is lowered, for its feasibility tolerance.
_SAFETY = 1e-9
#: Wall-clock seconds for the LP that repairs a solution.
_COMPLETION_SECONDS = 2.0


def solve_native(
    objective: Objective,
    feasible_set: Any,
    *,
    form: Form | None = None,
    time_limit: float | None = None,
    memory_limit: float | None = None,
    gap: float = 1e-2,
    abs_gap: float = 1e-6,
    node_limit: int | None = None,
    seed: int = 0,
    start: Floats | None = None,
    interrupter: Interrupter | None = None,
    deadline: Deadline | None = None,
    sinks: tuple[EventSink, ...] = (),
    solver_options: Mapping[str, Any] | None = None,
) -> ConvexResult:
    """Solve a problem by SCIP's own branch-and-cut.

    Parameters
    ----------
    objective
        The convex function.
    feasible_set
        As in `formulate`.
    form
        As in `formulate`; ``"cone"`` by default, ``"cuts"`` for what SCIP cannot
        express.
    time_limit, memory_limit, gap, abs_gap, node_limit
        Limits of the run.
    seed
        Seed of SCIP's random choices.
    start
        A feasible point to begin with, or None.
    interrupter, deadline
        Those of a run of which this is a part; otherwise own ones.
    sinks
        Receivers of the events of the trace.
    solver_options
        Further SCIP parameters.

    Returns
    -------
    ConvexResult
        Objective evaluated by ``objective``; ``stats`` tell the form.

    Raises
    ------
    InputError
        If SCIP cannot express the problem, or an argument is out of range.
    SolverError
        If SCIP fails.
    """
    limits = Limits(time_limit=time_limit, memory_limit=memory_limit, gap=gap)
    clock = deadline or limits.start()
    native = formulate(objective, feasible_set, form=form or "cone")
    if native is None and form is None:
        native = formulate(objective, feasible_set, form="cuts")
    if native is None:
        raise InputError(
            f"{type(objective).__name__} over {type(feasible_set).__name__} cannot be "
            "written as a SCIP model: only quadratics, least squares, logistic and "
            "Poisson losses over rows can, others by form='cuts' over rows."
        )
    try:
        run = _Run(native, limits, clock, sinks)
        run.prepare(abs_gap, node_limit, seed, start, solver_options or {})
        if interrupter is not None:
            return run.solve(interrupter)
        with Interrupter(clock) as own:
            return run.solve(own)
    finally:
        native.model.free()


class _Run:
    """One run of SCIP on a convex problem."""

    def __init__(
        self,
        native: NativeModel,
        limits: Limits,
        clock: Deadline,
        sinks: tuple[EventSink, ...],
    ) -> None:
        self._native = native
        self._limits = limits
        self._clock = clock
        self._trace = Trace(clock, sinks)
        self._x: Floats | None = None
        self._value = math.inf
        self._bound = -math.inf
        self._rejected = 0
        self._cuts: FrankWolfeCuts | None = None

    def prepare(
        self,
        abs_gap: float,
        node_limit: int | None,
        seed: int,
        start: Floats | None,
        options: Mapping[str, Any],
    ) -> None:
        """Set limits, cuts and the start."""
        native, model = self._native, self._native.model
        # First: the cuts need the symmetry handling off, whatever the options say.
        apply_options(model, options)
        if native.form == "cuts":
            self._cuts = attach_frank_wolfe(
                model, native.objective, variables=native.variables
            )
        set_seed(model, seed)
        model.setParam("limits/gap", self._limits.gap)
        model.setParam("limits/absgap", abs_gap)
        if node_limit is not None:
            model.setParam("limits/totalnodes", node_limit)
        if self._limits.memory_limit is not None:
            model.setParam("limits/memory", self._limits.memory_limit)
        if start is not None:
            self._take(np.asarray(start, dtype=np.float64))
            self._offer(start)

    def solve(self, interrupter: Interrupter) -> ConvexResult:
        """Run SCIP and return what it found and proved."""
        from pyscipopt import SCIP_EVENTTYPE

        model = self._native.model
        driver = Driver(model, interrupter, WorkMeter(math.inf))
        tap = SolutionTap(self._native.variables, self._take)
        tap.attach(driver)
        driver.on(SCIP_EVENTTYPE.DUALBOUNDIMPROVED, self._note_bound)
        status = driver.run(self._clock.remaining(), math.inf)
        if self._cuts is not None:
            self._cuts.raise_error()
        tap.flush(model)
        if model.getNSols():
            self._take_all(model)
        self._note_bound(model)
        return self._result(status, interrupter)

    def _take_all(self, model: Any) -> None:
        """Evaluate the best solutions once more: SCIP's order is that of its model."""
        for solution in model.getSols()[:5]:
            self._take(read_values(model, solution, self._native.variables))

    def _take(self, x: Floats) -> None:
        instance = self._native.instance
        x = np.clip(x, instance.lower, instance.upper)
        whole = instance.is_integer
        rounded = np.where(whole, np.rint(x), x)
        value = self._evaluate(rounded)
        if not value < self._value:
            return
        is_whole = np.abs(rounded - x).max() <= _NEARLY_INTEGER
        point = self._feasible(rounded) if is_whole else None
        if point is None:
            self._rejected += 1
            return
        if point is not rounded:
            value = self._evaluate(point)
            if not value < self._value:
                return
        self._x, self._value = point, value
        self._trace.record(value, self._bound, "scip")

    def _feasible(self, x: Floats) -> Floats | None:
        """Return a point with strictly feasible rows: x, or x with its rest repaired.

        Rounding the integers may break rows by more than the tolerance, and SCIP's own
        tolerance is that of its presolved problem. An LP then finds the nearest values
        of the continuous variables, which hardly changes the objective.
        """
        instance = self._native.instance
        if check(instance, x).strict:
            return x
        if instance.unchecked:
            return None
        seconds = min(_COMPLETION_SECONDS, self._clock.remaining())
        nearest = complete_continuous(instance, x, seconds, nearest=True)
        if nearest is None or not check(instance, nearest).strict:
            return None
        return nearest

    def _evaluate(self, x: Floats) -> float:
        in_domain = getattr(self._native.objective, "in_domain", None)
        if in_domain is not None and not in_domain(x):
            return math.inf
        value = float(self._native.objective.value(x))
        return value if math.isfinite(value) else math.inf

    def _offer(self, start: Floats) -> None:
        """Give SCIP the start; it completes the lifted variables."""
        model = self._native.model
        solution = model.createPartialSol()
        for variable, value in zip(self._native.variables, start, strict=True):
            model.setSolVal(solution, variable, float(value))
        model.addSol(solution)

    def _note_bound(self, model: Any) -> None:
        bound = model.getDualbound()
        if not math.isfinite(bound) or model.isInfinity(abs(bound)):
            return
        bound -= _SAFETY * max(1.0, abs(bound))
        if bound > self._bound:
            self._bound = bound
            self._trace.record(self._value, bound, "scip")

    def _result(self, scip_status: str, interrupter: Interrupter) -> ConvexResult:
        model = self._native.model
        termination = termination_of(scip_status)
        if termination is Termination.INTERRUPTED and not interrupter.requested:
            termination = Termination.TIME_LIMIT
        # A solution refutes what lies above it: within SCIP's tolerance that happens.
        bound = min(self._bound, self._value)
        if self._x is None:
            status = proof_of(scip_status, found=False) or Status.UNKNOWN
            if status is Status.INFEASIBLE:
                bound = math.inf
            elif status is Status.UNKNOWN and termination is Termination.CONVERGED:
                termination = Termination.ERROR
        elif relative_gap(self._value, bound) <= self._limits.gap or (
            scip_status in {"optimal", "gaplimit"} and self._is_close(bound)
        ):
            status, termination = Status.OPTIMAL, Termination.CONVERGED
        else:
            status = Status.FEASIBLE
        stats: dict[str, Any] = {
            "method": "scip",
            "form": self._native.form,
            "nodes": int(model.getNTotalNodes()),
            "root_bound": self._root_bound(),
            "lp_iterations": int(model.getNLPIterations()),
            "rejected": self._rejected,
            "scip_status": scip_status,
        }
        if self._cuts is not None:
            stats |= self._cuts.stats()
        return ConvexResult(
            status=status,
            termination=termination,
            objective=self._value,
            bound=bound,
            x=self._x,
            names=self._native.instance.names,
            trace=self._trace.events(),
            stats=stats,
            wall_time=self._clock.elapsed(),
        )

    def _root_bound(self) -> float | None:
        model = self._native.model
        bound = float(model.getDualboundRoot())
        return None if model.isInfinity(abs(bound)) else bound

    def _is_close(self, bound: float) -> bool:
        """Tell whether the absolute gap is within SCIP's tolerances."""
        scale = max(1.0, abs(self._value))
        return self._value - bound <= 1e-5 * scale + self._limits.gap * scale
