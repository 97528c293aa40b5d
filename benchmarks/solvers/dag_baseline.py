"""Orders that need no search, with least squares on them; setting ``order``."""

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
    """Fit each node on all before it, in an order made without a search."""

    def version(self) -> str:
        """Return the version of the package."""
        return importlib.metadata.version("boundwise")

    def validate(self, settings: Mapping[str, Any]) -> None:
        """Refuse orders that are not there."""
        from boundwise.benchmarks.dag.baselines import ORDERS

        refuse_settings(settings, ("order",), "dag-baseline")
        if settings.get("order", "var-sort") not in ORDERS:
            raise SettingError(
                f"order must be one of {', '.join(ORDERS)}, got {settings['order']!r}."
            )

    def solve(self, task: Task, recorder: Recorder) -> Answer:
        """Make the order and fit."""
        from boundwise.benchmarks.dag.baselines import baseline_order
        from boundwise.benchmarks.dag.evaluate import order_fit
        from boundwise.benchmarks.dag.runs import run_method

        name = task.settings.get("order", "var-sort")
        return run_method(
            task,
            recorder,
            lambda data: order_fit(data.X, baseline_order(name, data, task.seed)),
            warm=True,
        )
