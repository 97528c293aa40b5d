"""DAGMA of the package ``dagma`` (torch), at its defaults."""

import importlib.metadata
from collections.abc import Mapping
from typing import Any

from boundwise.benchmarks.solvers.base import (
    Answer,
    Recorder,
    Task,
    refuse_settings,
)


class Adapter:
    """Run ``DagmaLinear`` on a copy of the data, which it centres in place."""

    def version(self) -> str:
        """Return the version of the package."""
        from boundwise.benchmarks.dag.runs import peer

        peer("dagma.linear", "dagma")
        return importlib.metadata.version("dagma")

    def validate(self, settings: Mapping[str, Any]) -> None:
        """Take the penalty only."""
        refuse_settings(settings, ("lam",), "dagma")

    def solve(self, task: Task, recorder: Recorder) -> Answer:
        """Minimise at ``lam`` (0.03)."""
        from boundwise.benchmarks.dag.runs import peer, run_method

        linear = peer("dagma.linear", "dagma")

        lam = task.settings.get("lam", 0.03)
        return run_method(
            task,
            recorder,
            lambda data: linear.DagmaLinear(loss_type="l2").fit(data.X, lambda1=lam),
            warm=False,
        )
