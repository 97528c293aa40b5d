"""DirectLiNGAM of the package ``lingam``; it asks for noise that is not Gaussian."""

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
    """Run DirectLiNGAM; its matrix has [i, j] for j -> i and is transposed."""

    def version(self) -> str:
        """Return the version of the package."""
        from boundwise.benchmarks.dag.runs import peer

        peer("lingam", "lingam")
        return importlib.metadata.version("lingam")

    def validate(self, settings: Mapping[str, Any]) -> None:
        """Refuse every setting: there are none."""
        refuse_settings(settings, (), "direct-lingam")

    def solve(self, task: Task, recorder: Recorder) -> Answer:
        """Fit at the defaults."""
        from boundwise.benchmarks.dag.runs import peer, run_method

        lingam = peer("lingam", "lingam")

        return run_method(
            task,
            recorder,
            lambda data: lingam.DirectLiNGAM().fit(data.X).adjacency_matrix_.T,
            warm=False,
        )
