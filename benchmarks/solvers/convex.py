"""The package's own solver of convex problems; ``settings`` go to `minimize`."""

import importlib.metadata
from collections.abc import Mapping
from typing import Any

from boundwise.benchmarks.solvers.base import (
    Answer,
    Recorder,
    SettingError,
    Task,
    refuse_settings,
)
from boundwise.core.errors import InputError

#: ``points`` says whether a combinatorial oracle is used where there is one.
_KNOWN = (
    "branching",
    "lazy",
    "line_search",
    "method",
    "oracle",
    "points",
    "reformulate",
    "traversal",
    "variant",
)


class Adapter:
    """Solve with `boundwise.solvers.convex.minimize`."""

    def version(self) -> str:
        """Return the version of the package."""
        import boundwise.solvers.convex.minimize  # noqa: F401

        return importlib.metadata.version("boundwise")

    def validate(self, settings: Mapping[str, Any]) -> None:
        """Refuse what `minimize` would not take."""
        from scipy.optimize import Bounds

        from boundwise.solvers.convex.minimize import minimize
        from boundwise.solvers.convex.objectives import Quadratic

        refuse_settings(settings, _KNOWN, "convex")
        given = dict(settings)
        if given.pop("points", "oracle") not in ("oracle", "rows"):
            raise SettingError(
                f"points must be oracle or rows, got {settings['points']!r}."
            )
        try:
            minimize(Quadratic([2.0]), None, Bounds([0], [1]), integers=[0], **given)
        except (InputError, TypeError) as error:
            raise SettingError(str(error)) from error

    def solve(self, task: Task, recorder: Recorder) -> Answer:
        """Solve, and tell what was found as it is found."""
        from boundwise.benchmarks.convex.answers import answer_of_result, problem_of
        from boundwise.benchmarks.convex.feasible import set_of
        from boundwise.solvers.convex.minimize import minimize
        from boundwise.solvers.convex.objectives.build import objective_of

        problem = problem_of(task)
        settings = dict(task.settings)
        as_rows = settings.pop("points", "oracle") == "rows"

        def follow(event: Any) -> None:
            recorder.improved(
                objective=event.objective, bound=event.bound, who=event.who
            )

        result = minimize(
            objective_of(problem.objective),
            None,
            problem.feasible if as_rows else set_of(problem),
            time_limit=max(0.01, recorder.clock.remaining()),
            memory_limit=task.memory_limit,
            gap=task.gap,
            abs_gap=1e-6 if task.gap else 0.0,
            seed=task.seed,
            callback=follow,
            **settings,
        )
        return answer_of_result(problem, result)
