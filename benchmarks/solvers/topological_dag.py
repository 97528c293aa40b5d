"""The package's own search; ``settings`` are parameters of `TopologicalDAG`."""

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

_KNOWN = ("score", "lam", "neighbourhood", "init", "restarts")


class Adapter:
    """Fit `TopologicalDAG`; its weights before the threshold are the answer."""

    def version(self) -> str:
        """Return the version of the package."""
        import boundwise.solvers.dag.estimator  # noqa: F401

        return importlib.metadata.version("boundwise")

    def validate(self, settings: Mapping[str, Any]) -> None:
        """Refuse what the estimator would not take."""
        import numpy as np

        from boundwise.solvers.dag.estimator import TopologicalDAG

        refuse_settings(settings, _KNOWN, "topological-dag")
        X = np.random.default_rng(0).normal(size=(20, 2)) > 0
        try:
            TopologicalDAG(**settings).fit(X.astype(float))
        except InputError as error:
            raise SettingError(str(error)) from error

    def solve(self, task: Task, recorder: Recorder) -> Answer:
        """Fit twice; the first time loads the compiled code."""
        from boundwise.benchmarks.dag.runs import run_method
        from boundwise.solvers.dag.estimator import TopologicalDAG

        model = TopologicalDAG(
            **task.settings,
            random_state=task.seed,
            n_jobs=task.threads,
            time_limit=0.45 * task.time_limit,
        )
        return run_method(
            task, recorder, lambda data: model.fit(data.X).weights_, warm=True
        )
