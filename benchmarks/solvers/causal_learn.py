"""BOSS and GRaSP of causal-learn: order searches for the BIC; setting ``method``.

They return an equivalence class. One graph of it is taken (a consistent extension), and
each node is fitted on its parents.
"""

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


class Adapter:
    """Run an order search on the data."""

    def version(self) -> str:
        """Return the version of the package."""
        from boundwise.benchmarks.dag.runs import peer

        peer("causallearn.search.PermutationBased.BOSS", "causal-learn")
        return importlib.metadata.version("causal-learn")

    def validate(self, settings: Mapping[str, Any]) -> None:
        """Take one of two methods."""
        refuse_settings(settings, ("method",), "causal-learn")
        if settings.get("method", "boss") not in {"boss", "grasp"}:
            raise SettingError(
                f"method must be boss or grasp, got {settings['method']!r}."
            )

    def solve(self, task: Task, recorder: Recorder) -> Answer:
        """Search, extend and fit."""
        import numpy as np

        from boundwise.benchmarks.dag.evaluate import parent_fit
        from boundwise.benchmarks.dag.runs import peer, run_method

        np.random.seed(task.seed)  # noqa: NPY002 - the package draws from it
        name = task.settings.get("method", "boss")
        home = "causallearn.search.PermutationBased"
        module = {"boss": f"{home}.BOSS", "grasp": f"{home}.GRaSP"}[name]
        search = getattr(peer(module, "causal-learn"), name)
        extension = peer("causallearn.utils.PDAG2DAG", "causal-learn").pdag2dag

        def method(data: Any) -> Any:
            graph = extension(search(data.X, verbose=False)).graph
            # graph[j, i] = 1 and graph[i, j] = -1 for i -> j.
            edges = (graph.T == 1) & (graph == -1)
            return parent_fit(data.X, edges)

        return run_method(task, recorder, method, warm=False)
