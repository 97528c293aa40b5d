"""Balans, adaptive LNS by multi-armed bandits; ``settings`` are its arguments.

Its improvements are read from the best state that its stopping rule sees at every
iteration; it proves no bounds. The package requires gurobipy, which this adapter
does not use: sub-MIPs are solved by SCIP.
"""

import importlib.metadata
from collections.abc import Mapping
from typing import Any

from boundwise.benchmarks.solvers.base import (
    Answer,
    ReadError,
    Recorder,
    Task,
    refuse_settings,
)
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
        from pyscipopt import Model

        base: Any = require("alns.stop", extra="peers").MaxRuntime
        original = Model()
        original.hideOutput()
        try:
            original.readProblem(str(task.instance))
        except Exception as error:
            raise ReadError(f"SCIP cannot read the instance: {error}") from error
        sign = -1.0 if original.getObjectiveSense() == "maximize" else 1.0
        names = {variable.getIndex(): variable.name for variable in original.getVars()}

        class Stop(base):  # type: ignore[misc]
            """Stop at the time limit, and record improvements on the way."""

            def __call__(self, rng: Any, best: Any, current: Any) -> bool:
                recorder.improved(objective=sign * best.objective(), who="balans")
                return recorder.clock.expired()

        stop = Stop(max(0.01, recorder.clock.remaining()))
        solver = Balans(
            stop=stop,
            # Balans takes positive seeds only.
            seed=task.seed + 1,
            n_mip_jobs=task.threads,
            mip_solver="scip",
            **_limits(task),
        )
        result = solver.solve(str(task.instance))
        if result is None:
            return _nothing(sign)
        values = result.best_state.solution()
        return Answer(
            status=Status.FEASIBLE,
            termination=Termination.TIME_LIMIT,
            raw_status="time limit",
            sense="maximize" if sign < 0 else "minimize",
            objective=float(result.best_state.objective()),
            solution={names[index]: float(value) for index, value in values.items()},
            stats={"iterations": len(result.statistics.objectives)},
        )


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


def _nothing(sign: float) -> Answer:
    return Answer(
        status=Status.UNKNOWN,
        termination=Termination.TIME_LIMIT,
        raw_status="no operator applies",
        sense="maximize" if sign < 0 else "minimize",
    )
