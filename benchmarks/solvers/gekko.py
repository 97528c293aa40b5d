"""APOPT through GEKKO: branch-and-bound on nonlinear relaxations, without a bound.

References
----------
Beal, Hill, Martin, Hedengren (2018), GEKKO optimization suite, doi:10.3390/pr6080106.
"""

import importlib.metadata
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from boundwise.benchmarks.solvers.base import (
    Answer,
    Recorder,
    Task,
    refuse_settings,
)
from boundwise.core.errors import InputError
from boundwise.core.optional import require
from boundwise.core.status import Termination

if TYPE_CHECKING:
    from boundwise.benchmarks.convex.separable import Separable

#: Largest number of nodes that is asked for: more than any time limit allows.
_MANY = 10_000_000


class Adapter:
    """Solve with APOPT on this machine; no settings."""

    def version(self) -> str:
        """Return the version of GEKKO."""
        require("gekko", extra="peers")
        return importlib.metadata.version("gekko")

    def validate(self, settings: Mapping[str, Any]) -> None:
        """Refuse every setting: there are none."""
        refuse_settings(settings, (), "gekko")

    def solve(self, task: Task, recorder: Recorder) -> Answer:
        """Build the problem, solve it, and tell the result."""
        import numpy as np

        from boundwise.benchmarks.convex.answers import (
            answer_of_peer,
            not_expressible,
            problem_of,
        )
        from boundwise.benchmarks.convex.separable import separable

        problem = problem_of(task)
        try:
            form = separable(problem)
        except InputError as error:
            return not_expressible(error)
        model = require("gekko", extra="peers").GEKKO(remote=False)
        variables = _build(model, form)
        model.options.SOLVER = 1
        model.options.MAX_TIME = max(0.1, recorder.clock.remaining())
        model.solver_options = [
            f"minlp_maximum_iterations {_MANY}",
            f"minlp_gap_tol {task.gap}",
            "minlp_integer_tol 1e-6",
            "minlp_as_nlp 0",
        ]
        raw, x, objective = "solved", None, None
        try:
            model.solve(disp=False, debug=0)
        except Exception as error:
            # GEKKO raises plain exceptions for every ending but success.
            raw = str(error).strip().splitlines()[0][:100]
        else:
            if model.options.APPSTATUS == 1:
                x = np.array([float(np.ravel(v.value)[0]) for v in variables])
                objective = form.value(x)
        finally:
            model.cleanup()
        recorder.improved(objective=objective, who="gekko")
        expired = recorder.clock.expired(margin=1.0)
        return answer_of_peer(
            problem,
            None if x is None else x[: form.n_original],
            objective,
            None,
            raw,
            is_proven=x is not None and not expired,
            termination=Termination.TIME_LIMIT if expired else Termination.ERROR,
            gap=task.gap,
        )


def _build(model: Any, form: "Separable") -> list[Any]:
    import numpy as np

    variables = []
    for low, high, whole in zip(form.lower, form.upper, form.is_integer, strict=True):
        variables.append(
            model.Var(
                value=float(np.clip(0.0, low, high)),
                lb=float(low) if np.isfinite(low) else None,
                ub=float(high) if np.isfinite(high) else None,
                integer=bool(whole),
            )
        )
    rows = form.matrix
    for i in range(rows.shape[0]):
        begin, end = rows.indptr[i], rows.indptr[i + 1]
        row = model.sum(
            [
                float(a) * variables[j]
                for j, a in zip(
                    rows.indices[begin:end], rows.data[begin:end], strict=True
                )
            ]
        )
        low, high = float(form.row_lower[i]), float(form.row_upper[i])
        if low == high:
            model.Equation(row == low)
            continue
        if np.isfinite(high):
            model.Equation(row <= high)
        if np.isfinite(low):
            model.Equation(row >= low)
    for j in np.flatnonzero(form.linear).tolist():
        model.Minimize(float(form.linear[j]) * variables[j])
    for term in form.terms:
        u = variables[term.index]
        match term.function:
            case "square":
                model.Minimize(term.weight * u**2)
            case "exp":
                model.Minimize(term.weight * model.exp(u))
            case _:
                model.Minimize(term.weight * model.log(1 + model.exp(u)))
    return variables
