"""The package ``notears-pytorch``, at its defaults.

It replaces the inner L-BFGS-B minimisations of NOTEARS by a hundred Adam steps, and
stops far from a minimum: see ``dag-continuous`` with ``method = "notears"``.
"""

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
    """Run ``notears_linear`` on a copy of the data."""

    def version(self) -> str:
        """Return the version of the package."""
        from boundwise.benchmarks.dag.runs import peer

        peer("notears_pytorch", "notears-pytorch")
        return importlib.metadata.version("notears-pytorch")

    def validate(self, settings: Mapping[str, Any]) -> None:
        """Take the penalty only."""
        refuse_settings(settings, ("lam",), "notears-pytorch")

    def solve(self, task: Task, recorder: Recorder) -> Answer:
        """Minimise at ``lam`` (0.1), on centred data."""
        import numpy as np

        from boundwise.benchmarks.dag.runs import peer, run_method

        notears = peer("notears_pytorch", "notears-pytorch")

        lam = task.settings.get("lam", 0.1)
        return run_method(
            task,
            recorder,
            lambda data: np.asarray(
                notears.notears_linear(data.X - data.X.mean(axis=0), lambda1=lam)
            ),
            warm=False,
        )
