"""Balans, adaptive LNS by multi-armed bandits; ``settings`` are its arguments.

Its improvements are read from SCIP while it searches a first solution, and then from
the best state that its stopping rule sees at every iteration; it proves no bounds.
Objectives are computed anew from the solutions, since Balans loses the constant term in
some of its own. The package requires gurobipy, which this adapter does not use:
sub-MIPs are solved by SCIP.

On the CPU clock, Balans' own deadline reads our clock, and SCIP counts CPU seconds,
also after Balans has reset all of SCIP's parameters.
"""

import importlib.metadata
from collections.abc import Mapping
from types import SimpleNamespace
from typing import Any

from boundwise.benchmarks.solvers.base import (
    Answer,
    ReadError,
    Recorder,
    Task,
    counts_cpu,
    refuse_settings,
)
from boundwise.core.clock import now
from boundwise.core.optional import require
from boundwise.core.status import Status, Termination

_KNOWN = (
    "config",
    "timelimit_first_solution",
    "timelimit_alns_iteration",
    "timelimit_local_branching_iteration",
    "timelimit_crossover_random_feasible",
)
#: What Balans' default configuration allows, in seconds.
_DEFAULT_LIMITS = {
    "timelimit_first_solution": 10.0,
    "timelimit_alns_iteration": 12.0,
    "timelimit_local_branching_iteration": 15.0,
    "timelimit_crossover_random_feasible": 6.0,
}


class Adapter:
    """Solve with Balans."""

    def version(self) -> str:
        """Return the version of Balans."""
        require("balans.solver", extra="peers")
        return importlib.metadata.version("balans")

    def validate(self, settings: Mapping[str, Any]) -> None:
        """Refuse arguments that Balans does not have."""
        refuse_settings(settings, _KNOWN, "balans")

    def solve(self, task: Task, recorder: Recorder) -> Answer:
        """Run Balans until the time limit."""
        from balans.solver import Balans

        base: Any = require("alns.stop", extra="peers").MaxRuntime
        problem = _Problem(task)
        start = _follow_start(recorder, problem)

        class Stop(base):  # type: ignore[misc]
            """Stop at the time limit, and record improvements on the way."""

            def __call__(self, rng: Any, best: Any, current: Any) -> bool:
                start.over = True
                problem.record(best, recorder)
                return recorder.clock.expired()

        solver = Balans(
            stop=Stop(max(0.01, recorder.clock.remaining())),
            # Balans takes positive seeds only.
            seed=task.seed + 1,
            n_mip_jobs=task.threads,
            mip_solver="scip",
            **_limits(task),
        )
        result = solver.solve(str(task.instance))
        values = {} if result is None else result.best_state.solution()
        if not values:
            reason = "no operator applies" if result is None else "no solution"
            return _nothing(problem, reason)
        return Answer(
            status=Status.FEASIBLE,
            termination=Termination.TIME_LIMIT,
            raw_status="time limit",
            sense=problem.sense,
            objective=problem.objective(values),
            solution={problem.names[index]: float(v) for index, v in values.items()},
            stats={"iterations": len(result.statistics.objectives)},
        )


class _Problem:
    """The problem as it was read: names, sense and objective with its constant."""

    def __init__(self, task: Task) -> None:
        from pyscipopt import Model

        model = Model()
        model.hideOutput()
        try:
            model.readProblem(str(task.instance))
        except Exception as error:
            raise ReadError(f"SCIP cannot read the instance: {error}") from error
        variables = model.getVars()
        self.sense = model.getObjectiveSense()
        self.offset = float(model.getObjoffset())
        self.names = {v.getIndex(): v.name for v in variables}
        self._costs = {v.getIndex(): v.getObj() for v in variables if v.getObj()}
        self._best: Any = None

    def objective(self, values: Mapping[int, float]) -> float:
        """Return the objective of a solution by the variables' indices."""
        return float(
            self.offset + sum(c * values[index] for index, c in self._costs.items())
        )

    def record(self, state: Any, recorder: Recorder) -> None:
        """Record a state if it is new and has a solution."""
        if state is self._best:
            return
        self._best = state
        values = state.solution()
        if values:
            # The state before the first solution has an objective, but no values.
            recorder.improved(objective=self.objective(values), who="balans")


def _follow_start(recorder: Recorder, problem: _Problem) -> SimpleNamespace:
    """Let Balans build SCIP models that show what the search for a start finds.

    Returns
    -------
    SimpleNamespace
        With ``over``: set it when the search for a start has ended.
    """
    import pyscipopt
    from balans import solver_scip, utils

    start = SimpleNamespace(over=False)
    sign = -1.0 if problem.sense == "maximize" else 1.0

    class Incumbents(pyscipopt.Eventhdlr):  # type: ignore[misc]
        """Record incumbents, except of the relaxation that comes first."""

        def eventinit(self) -> None:
            self.model.catchEvent(pyscipopt.SCIP_EVENTTYPE.BESTSOLFOUND, self)

        def eventexit(self) -> None:
            self.model.dropEvent(pyscipopt.SCIP_EVENTTYPE.BESTSOLFOUND, self)

        def eventexec(self, _event: Any) -> None:
            model = self.model
            if start.over or not model.getNBinVars() + model.getNIntVars():
                return
            best = model.getSolObjVal(model.getBestSol())
            # Balans turns a maximization around and drops its constant.
            value = best if sign > 0 else problem.offset - best
            recorder.improved(objective=value, who="start")

    class ScipModel(pyscipopt.Model):  # type: ignore[misc]
        """Keep the clock when all parameters are reset."""

        def __init__(self, *words: Any, **more: Any) -> None:
            super().__init__(*words, **more)
            self.includeEventhdlr(Incumbents(), "start", "incumbents of the start")
            self.set_clock()

        def set_clock(self) -> None:
            if counts_cpu():
                self.setParam("timing/clocktype", 1)

        def setEmphasis(self, *words: Any, **more: Any) -> None:  # noqa: N802
            super().setEmphasis(*words, **more)
            self.set_clock()

    solver_scip.scip = SimpleNamespace(
        Model=ScipModel, SCIP_PARAMSETTING=pyscipopt.SCIP_PARAMSETTING
    )
    utils.time = SimpleNamespace(time=now)
    return start


def _limits(task: Task) -> dict[str, Any]:
    """Return the settings, with Balans' own limits cut to half of a short run.

    It refuses to start if the search for a first solution may take all the time.
    """
    settings = dict(task.settings)
    most = 0.5 * task.time_limit
    if "config" not in settings:
        for name, seconds in _DEFAULT_LIMITS.items():
            settings.setdefault(name, min(seconds, most))
    return settings


def _nothing(problem: _Problem, reason: str) -> Answer:
    return Answer(
        status=Status.UNKNOWN,
        termination=Termination.TIME_LIMIT,
        raw_status=reason,
        sense=problem.sense,
    )
