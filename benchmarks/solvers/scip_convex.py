"""SCIP on convex problems, in the lifted, cone, dense or cut form."""

from collections.abc import Mapping
from typing import Any, get_args

from boundwise.benchmarks.solvers.base import (
    Answer,
    Recorder,
    SettingError,
    Task,
    refuse_settings,
)
from boundwise.benchmarks.solvers.scip import Adapter as ScipAdapter
from boundwise.core.errors import InputError


class Adapter:
    """Solve with SCIP; the setting ``form`` says how the objective is written."""

    def version(self) -> str:
        """Return the versions of SCIP and PySCIPOpt."""
        return ScipAdapter().version()

    def validate(self, settings: Mapping[str, Any]) -> None:
        """Refuse an unknown form."""
        from boundwise.solvers.convex.native import Form

        refuse_settings(settings, ("form",), "scip-convex")
        if settings.get("form", "lifted") not in get_args(Form):
            raise SettingError(
                f"form must be one of {get_args(Form)}, got {settings['form']!r}."
            )

    def solve(self, task: Task, recorder: Recorder) -> Answer:
        """Solve, and tell the result."""
        from boundwise.benchmarks.convex.answers import (
            answer_of_result,
            not_expressible,
            problem_of,
        )
        from boundwise.solvers.convex.native import solve_native
        from boundwise.solvers.convex.objectives.build import objective_of

        problem = problem_of(task)
        try:
            result = solve_native(
                objective_of(problem.objective),
                problem.feasible,
                form=task.settings.get("form", "lifted"),
                time_limit=max(0.01, recorder.clock.remaining()),
                memory_limit=task.memory_limit,
                gap=task.gap,
                abs_gap=1e-6 if task.gap else 0.0,
                seed=task.seed,
            )
        except InputError as error:
            return not_expressible(error)
        for event in result.trace:
            recorder.improved(
                objective=event.objective, bound=event.bound, who=event.who
            )
        return answer_of_result(problem, result)
