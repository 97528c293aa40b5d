"""CP-SAT in a child: clause learning and local search on the integer form.

CP-SAT takes solutions only before it starts. When the run has found a much better one
than CP-SAT's own, the search starts again with it as a hint and below it.
"""

from typing import Any

import numpy as np
from ortools.sat.python import cp_model_helper

from boundwise.core.errors import SolverError
from boundwise.heuristics.engines.frames import Array, Frame
from boundwise.heuristics.engines.integer_form import (
    LARGEST,
    IntegerForm,
    integer_form,
)
from boundwise.heuristics.engines.line import Line
from boundwise.heuristics.engines.problem import ProblemArrays

_PROOFS = {
    cp_model_helper.CpSolverStatus.OPTIMAL: "optimal",
    cp_model_helper.CpSolverStatus.INFEASIBLE: "infeasible",
}


def serve(line: Line, problem: ProblemArrays, options: dict[str, Any]) -> None:
    """Search until there is a proof.

    Parameters
    ----------
    line
        To the run.
    problem
        The problem.
    options
        ``seed``, ``gap``, ``memory`` and ``parameters`` (CP-SAT's own, as text).
    """
    form = integer_form(problem)
    if form.is_empty:
        # CP-SAT calls such a model invalid.
        proof = "infeasible" if form.is_exact else None
        line.send(Frame("done", {"proof": proof, "bound": None}))
        return
    model = build_model(problem, form)
    solver: Any = cp_model_helper.SolveWrapper()
    text = f"{options['parameters']} random_seed: {int(options['seed']) % 2**31}"
    solver.set_parameters(parse_parameters(text))
    listener = _Listener(line, form)
    solver.add_solution_callback(listener)
    solver.add_best_bound_callback(listener.take_bound)
    response = solver.solve(model)
    proof = _PROOFS.get(response.status)
    if proof is None:
        raise SolverError(f"CP-SAT ends with {response.status}")
    listener.flush()
    bound = None
    if form.is_exact and proof == "optimal":
        bound = response.best_objective_bound
    if not form.is_exact:
        proof = None
    line.send(Frame("done", {"proof": proof, "bound": bound}))


class _Listener(cp_model_helper.SolutionCallback):
    """Send what CP-SAT finds."""

    def __init__(self, line: Line, form: IntegerForm) -> None:
        super().__init__()
        self._line = line
        self._form = form
        self._bound = -np.inf

    def OnSolutionCallback(self) -> None:  # noqa: N802 (CP-SAT calls it so)
        """Send the solution."""
        response: Any = self.Response  # without types
        y = np.array(response().solution, dtype=np.float64)
        self._line.send(Frame("solution", arrays={"x": self._form.to_values(y)}))

    def take_bound(self, bound: float) -> None:
        """Send a proven bound."""
        if self._form.is_exact and self._bound < bound < np.inf:
            self._bound = bound
            self._line.send(Frame("bound", {"value": float(bound)}))

    def flush(self) -> None:
        """Send what is left."""


def parse_parameters(text: str) -> Any:
    """Return CP-SAT's parameters from text.

    Raises
    ------
    SolverError
        If CP-SAT does not know one.
    """
    parameters = cp_model_helper.SatParameters()
    if not parameters.parse_text_format(text):
        raise SolverError(f"CP-SAT refuses the parameters {text!r}.")
    return parameters


def build_model(problem: ProblemArrays, form: IntegerForm) -> Any:
    """Return CP-SAT's message of a problem."""
    model = cp_model_helper.CpModelProto()
    lows = form.lower.astype(np.int64).tolist()
    highs = form.upper.astype(np.int64).tolist()
    for low, high in zip(lows, highs, strict=True):
        model.variables.add().domain.extend([low, high])
    _add_rows(model, problem, form)
    used = np.flatnonzero(form.objective)
    if len(used):
        objective = model.objective
        objective.vars.extend(used.tolist())
        objective.coeffs.extend(form.objective[used].astype(np.int64).tolist())
        objective.scaling_factor = 1.0 / form.objective_scale
        constant = float(problem.objective @ form.shifts)
        objective.offset = constant * form.objective_scale
    return model


def _add_rows(model: Any, problem: ProblemArrays, form: IntegerForm) -> None:
    starts, indices = problem.starts.tolist(), problem.indices.tolist()
    coefficients = form.coefficients.astype(np.int64).tolist()
    lows, highs = _sides(form.row_lower), _sides(form.row_upper)
    for row in range(problem.n_rows):
        if lows[row] <= -LARGEST and highs[row] >= LARGEST:
            continue
        part = slice(starts[row], starts[row + 1])
        linear = model.constraints.add().linear
        linear.vars.extend(indices[part])
        linear.coeffs.extend(coefficients[part])
        linear.domain.extend([lows[row], highs[row]])


def _sides(sides: Array) -> list[int]:
    return [int(side) for side in sides.tolist()]
