"""A yardstick: the static robust decision, evaluated with recourse."""

from collections.abc import Mapping
from typing import Any

from boundwise.benchmarks.solvers.base import Answer, Recorder, Task, refuse_settings
from boundwise.benchmarks.solvers.robust import Adapter as RobustAdapter


class Adapter(RobustAdapter):
    """Solve by one reaction for all scenarios."""

    def validate(self, settings: Mapping[str, Any]) -> None:
        """Refuse every setting: there are none."""
        refuse_settings(settings, (), "robust-static")

    def solve(self, task: Task, recorder: Recorder) -> Answer:
        """Solve the static problem and evaluate its decision."""
        from boundwise.benchmarks.robust.runs import run_method

        return run_method(task, recorder, method="static")
