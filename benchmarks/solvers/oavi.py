"""The package's own OAVI; ``settings`` are parameters of the estimator."""

import importlib.metadata
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

_KNOWN = ("oracle", "factorization", "term_order", "tau", "max_degree")
_REPEATS = 5


class Adapter:
    """Fit `OAVI` to all points, and `ClasswiseOAVI` for the test error."""

    def version(self) -> str:
        """Return the version of the package."""
        import boundwise.solvers.vanishing  # noqa: F401

        return importlib.metadata.version("boundwise")

    def validate(self, settings: Mapping[str, Any]) -> None:
        """Refuse what the estimator would not take."""
        import numpy as np

        from boundwise.solvers.vanishing import OAVI

        refuse_settings(settings, _KNOWN, "oavi")
        try:
            OAVI(0.5, **settings).fit(np.eye(3))
        except (InputError, TypeError) as error:
            raise SettingError(str(error)) from error

    def solve(self, task: Task, recorder: Recorder) -> Answer:
        """Fit, several times after a first one that loads the compiled code."""
        import numpy as np

        from boundwise.benchmarks.vanishing.accuracy import (
            held_out_error,
            oavi_classifier,
        )
        from boundwise.benchmarks.vanishing.instances import coefficient_names, read
        from boundwise.benchmarks.vanishing.measure import interleaved
        from boundwise.solvers.vanishing import OAVI

        try:
            data = read(task.instance)
        except InputError as error:
            raise ReadError(str(error)) from error
        model = OAVI(data.psi, scale=False, n_jobs=task.threads, **task.settings)
        model.fit(data.X)
        worst = float(model.losses_.max(initial=0.0)) / data.psi
        recorder.improved(objective=worst, who="oavi")
        [(fit, _), (transform, _)] = interleaved(
            [lambda: model.fit(data.X), lambda: model.transform(data.X)], _REPEATS
        )
        stored = model.coef_.size
        missed = None
        if len(np.unique(data.y)) > 1:
            classifier = oavi_classifier(data.psi, **task.settings)
            missed = held_out_error(classifier, data.X, data.y)
        return Answer(
            status=Status.FEASIBLE,
            termination=Termination.CONVERGED,
            raw_status=f"{model.n_generators_} generators",
            objective=worst,
            solution=coefficient_names(
                model.terms_, model.leading_terms_, model.coef_, model.leading_coef_
            ),
            measures={
                "fit": fit,
                "transform": transform,
                "generators": model.n_generators_,
                "terms": len(model.terms_),
                "degree": model.degree_,
                "sparsity": 1 - np.count_nonzero(model.coef_) / stored if stored else 0,
                "test_error": missed,
            },
        )
