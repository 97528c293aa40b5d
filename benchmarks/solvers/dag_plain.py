"""The yardstick: the published search over orders, one regression at a time."""

from collections.abc import Mapping
from typing import Any

from boundwise.benchmarks.solvers.base import (
    Answer,
    Recorder,
    Task,
    refuse_settings,
)


class Adapter:
    """Search by swaps of screened pairs from a random order."""

    def version(self) -> str:
        """Return the version of numpy, which does the work."""
        import numpy as np

        return f"numpy-{np.__version__}"

    def validate(self, settings: Mapping[str, Any]) -> None:
        """Refuse every setting: there are none."""
        refuse_settings(settings, (), "dag-plain")

    def solve(self, task: Task, recorder: Recorder) -> Answer:
        """Search until nothing improves or time is up."""
        from boundwise.benchmarks.dag.baselines import baseline_order
        from boundwise.benchmarks.dag.plain import plain_search
        from boundwise.benchmarks.dag.runs import run_method

        return run_method(
            task,
            recorder,
            lambda data: (
                plain_search(
                    data.X,
                    baseline_order("random", data, task.seed),
                    0.9 * task.time_limit,
                ).W
            ),
            warm=False,
        )
