"""The yardstick: OAVI term by term, written plainly in numpy."""

from collections.abc import Mapping
from typing import Any

from boundwise.benchmarks.solvers.base import (
    Answer,
    ReadError,
    Recorder,
    Task,
    refuse_settings,
)
from boundwise.core.errors import InputError
from boundwise.core.status import Status, Termination

_REPEATS = 3


class Adapter:
    """Fit by one matrix-vector product per border term."""

    def version(self) -> str:
        """Return the version of numpy, which does the work."""
        import numpy as np

        return f"numpy-{np.__version__}"

    def validate(self, settings: Mapping[str, Any]) -> None:
        """Refuse every setting: there are none."""
        refuse_settings(settings, (), "plain-oavi")

    def solve(self, task: Task, recorder: Recorder) -> Answer:
        """Fit several times."""
        import numpy as np

        from boundwise.benchmarks.vanishing.instances import coefficient_names, read
        from boundwise.benchmarks.vanishing.measure import interleaved
        from boundwise.benchmarks.vanishing.plain import plain_oavi

        try:
            data = read(task.instance)
        except InputError as error:
            raise ReadError(str(error)) from error
        capacity = min(len(data.X), 4096) + 1
        ideal = plain_oavi(data.X, data.psi, capacity)
        capacity = len(ideal.terms) + 1
        worst = max(ideal.losses, default=0.0) / data.psi
        recorder.improved(objective=worst, who="plain")
        [(fit, _), (transform, _)] = interleaved(
            [
                lambda: plain_oavi(data.X, data.psi, capacity),
                lambda: ideal.values(data.X),
            ],
            _REPEATS,
        )
        C = np.zeros((len(ideal.terms), len(ideal.leading)))
        for j, y in enumerate(ideal.coefficients):
            C[: len(y), j] = y
        n = data.X.shape[1]
        leading = np.array(ideal.leading, dtype=np.int64).reshape(-1, n)
        return Answer(
            status=Status.FEASIBLE,
            termination=Termination.CONVERGED,
            raw_status=f"{len(ideal.leading)} generators",
            objective=worst,
            solution=coefficient_names(
                np.array(ideal.terms), leading, C, np.ones(len(leading))
            ),
            measures={
                "fit": fit,
                "transform": transform,
                "generators": len(ideal.leading),
                "terms": len(ideal.terms),
                "degree": int(leading.sum(axis=1).max(initial=0)),
                "sparsity": 1 - np.count_nonzero(C) / C.size if C.size else 0.0,
            },
        )
