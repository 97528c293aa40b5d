"""SHOT through SHOTpy: multi-tree outer approximation on the lifted form.

References
----------
Lundell, Kronqvist, Westerlund (2022), The supporting hyperplane optimization toolkit,
doi:10.1007/s10898-022-01128-0.
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

_INFINITE = 1e50


class Adapter:
    """Solve with SHOT; no settings."""

    def version(self) -> str:
        """Return the version of SHOTpy."""
        require("SHOTpy", extra="peers")
        return importlib.metadata.version("SHOTpy")

    def validate(self, settings: Mapping[str, Any]) -> None:
        """Refuse every setting: there are none."""
        refuse_settings(settings, (), "shot")

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
        SHOTpy = require("SHOTpy", extra="peers")
        solver = SHOTpy.Solver()
        solver.updateSetting("Output.Console.LogLevel", 6)
        solver.updateSetting("Termination.ObjectiveGap.Relative", task.gap)
        solver.updateSetting("Dual.MIP.NumberOfThreads", task.threads)
        model = _build(SHOTpy, solver, form)
        left = max(0.1, recorder.clock.remaining())
        solver.updateSetting("Termination.TimeLimit", left)
        solver.setProblem(model)
        solver.solveProblem()
        x = objective = None
        if solver.hasPrimalSolution():
            solution = solver.getPrimalSolution()
            x = np.array(list(solution.point), dtype=np.float64)[: form.n_original]
            objective = float(solver.getPrimalBound())
        bound = float(solver.getGlobalDualBound())
        reason = str(solver.getTerminationReason()).rpartition(".")[2]
        is_proven = reason in {"RelativeGap", "AbsoluteGap"}
        recorder.improved(objective=objective, who="shot")
        return answer_of_peer(
            problem,
            x,
            objective,
            bound if abs(bound) < _INFINITE else None,
            reason,
            is_proven=is_proven,
            termination=Termination.TIME_LIMIT
            if reason == "TimeLimit"
            else Termination.ERROR,
            gap=task.gap,
        )


def _build(SHOTpy: Any, solver: Any, form: "Separable") -> Any:
    import numpy as np

    problem = SHOTpy.Problem(solver)
    kinds = SHOTpy.VariableType
    variables = []
    for j, (low, high, whole) in enumerate(
        zip(form.lower, form.upper, form.is_integer, strict=True)
    ):
        kind = kinds.Real
        if whole:
            kind = kinds.Binary if (low, high) == (0.0, 1.0) else kinds.Integer
        variables.append(problem.addVariable(f"x{j}", kind, float(low), float(high)))
    rows = form.matrix
    for i in range(rows.shape[0]):
        begin, end = rows.indptr[i], rows.indptr[i + 1]
        row = sum(
            float(a) * variables[j]
            for j, a in zip(rows.indices[begin:end], rows.data[begin:end], strict=True)
        )
        low, high = float(form.row_lower[i]), float(form.row_upper[i])
        if low == high:
            problem.addConstraint(row == low)
            continue
        if np.isfinite(high):
            problem.addConstraint(row <= high)
        if np.isfinite(low):
            problem.addConstraint(row >= low)
    objective: Any = form.constant
    for j in np.flatnonzero(form.linear).tolist():
        objective = objective + float(form.linear[j]) * variables[j]
    for term in form.terms:
        x = variables[term.index]
        value = {
            "square": lambda x=x: x * x,
            "exp": lambda x=x: SHOTpy.exp(x),
            "softplus": lambda x=x: SHOTpy.log(1.0 + SHOTpy.exp(x)),
        }[term.function]()
        objective = objective + term.weight * value
    problem.setObjective(objective)
    problem.finalize()
    return problem
