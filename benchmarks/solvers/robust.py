"""The package's own robust methods; ``settings`` go to `solve_robust`."""

import importlib.metadata
from collections.abc import Mapping
from typing import Any, ClassVar

from boundwise.benchmarks.solvers.base import (
    Answer,
    Recorder,
    SettingError,
    Task,
    refuse_settings,
)
from boundwise.core.errors import InputError

_KNOWN = ("method", "network", "policies", "rounds")


class Adapter:
    """Solve with `boundwise.solvers.robust.solve_robust`."""

    def version(self) -> str:
        """Return the version of the package."""
        import boundwise.solvers.robust  # noqa: F401

        return importlib.metadata.version("boundwise")

    def validate(self, settings: Mapping[str, Any]) -> None:
        """Refuse what `solve_robust` would not take."""
        from boundwise.solvers.robust.methods import METHODS, Options

        refuse_settings(settings, _KNOWN, "robust")
        given = dict(settings)
        method = given.pop("method", "auto")
        if method not in METHODS:
            raise SettingError(
                f"method must be one of {', '.join(METHODS)}, got {method!r}."
            )
        try:
            Options(**given)
        except InputError as error:
            raise SettingError(str(error)) from error

    def solve(self, task: Task, recorder: Recorder) -> Answer:
        """Solve, and tell what was found as it is found."""
        from boundwise.benchmarks.robust.runs import run_method

        return run_method(task, recorder, **task.settings)


class Yardstick(Adapter):
    """Solve with one method of the package, which takes no settings."""

    method: ClassVar[str]

    def validate(self, settings: Mapping[str, Any]) -> None:
        """Refuse every setting: there are none."""
        refuse_settings(settings, (), f"robust-{self.method}")

    def solve(self, task: Task, recorder: Recorder) -> Answer:
        """Solve with the method."""
        from boundwise.benchmarks.robust.runs import run_method

        return run_method(task, recorder, method=self.method)
