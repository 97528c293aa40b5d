"""The package's own NOTEARS, GOLEM, DAGMA and CoLiDE; one by setting ``method``."""

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

METHODS = ("notears", "dagma", "golem-ev", "golem-nv", "colide-ev", "colide-nv")


class Adapter:
    """Minimise a continuous relaxation; settings ``method``, ``lam``."""

    def version(self) -> str:
        """Return the version of the package."""
        import boundwise.solvers.dag.continuous  # noqa: F401

        return importlib.metadata.version("boundwise")

    def validate(self, settings: Mapping[str, Any]) -> None:
        """Refuse unknown methods."""
        refuse_settings(settings, ("method", "lam"), "dag-continuous")
        if settings.get("method", "dagma") not in METHODS:
            raise SettingError(
                f"method must be one of {', '.join(METHODS)}, got "
                f"{settings['method']!r}."
            )

    def solve(self, task: Task, recorder: Recorder) -> Answer:
        """Run the method at its default penalty unless another is set."""
        from boundwise.benchmarks.dag.runs import run_method
        from boundwise.solvers.dag import continuous

        name, _, kind = task.settings.get("method", "dagma").partition("-")
        options: dict[str, Any] = {"time_limit": 0.95 * task.time_limit}
        if kind:
            options["variances"] = "equal" if kind == "ev" else "unequal"
        if "lam" in task.settings:
            options["lam"] = task.settings["lam"]
        method = getattr(continuous, name)
        return run_method(
            task, recorder, lambda data: method(data.X, **options), warm=False
        )
