"""What a user would pick instead: polynomial features and a linear classifier.

``settings``: ``degree`` (2), and ``kernel`` (false) for a kernel machine instead.
"""

from collections.abc import Mapping
from typing import Any

from boundwise.benchmarks.solvers.base import (
    Answer,
    ReadError,
    Recorder,
    SettingError,
    Task,
    refuse_settings,
)
from boundwise.core.errors import InputError
from boundwise.core.status import Status, Termination


class Adapter:
    """Classify; there are no generators and nothing to check."""

    def version(self) -> str:
        """Return the version of scikit-learn."""
        import sklearn

        return f"scikit-learn-{sklearn.__version__}"

    def validate(self, settings: Mapping[str, Any]) -> None:
        """Refuse a degree that is not a positive integer."""
        refuse_settings(settings, ("degree", "kernel"), "polynomial-svc")
        degree = settings.get("degree", 2)
        if isinstance(degree, bool) or not isinstance(degree, int) or degree < 1:
            raise SettingError(f"degree must be a positive integer, got {degree!r}.")

    def solve(self, task: Task, recorder: Recorder) -> Answer:
        """Fit a classifier and test it."""
        import time

        from boundwise.benchmarks.vanishing.accuracy import (
            held_out_error,
            kernel_classifier,
            polynomial_classifier,
        )
        from boundwise.benchmarks.vanishing.instances import read

        try:
            data = read(task.instance)
        except InputError as error:
            raise ReadError(str(error)) from error
        make = kernel_classifier if task.settings.get("kernel") else None
        degree = task.settings.get("degree", 3 if make else 2)
        classifier = (make or polynomial_classifier)(degree)
        start = time.process_time()
        missed = held_out_error(classifier, data.X, data.y)
        return Answer(
            status=Status.UNKNOWN,
            termination=Termination.CONVERGED,
            raw_status="classified",
            measures={"fit": time.process_time() - start, "test_error": missed},
        )
