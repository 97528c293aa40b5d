"""A problem over integers as CP-SAT's message."""

from typing import Any

import numpy as np
from ortools.sat.python import cp_model_helper

from boundwise.core.errors import SolverError
from boundwise.heuristics.engines.frames import Array
from boundwise.heuristics.engines.integer_form import LARGEST, IntegerForm
from boundwise.heuristics.engines.problem import ProblemArrays


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
    """Return CP-SAT's message of a problem.

    Parameters
    ----------
    problem
        The problem.
    form
        Its integer form.
    """
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


def add_hint(model: Any, form: IntegerForm, x: Array) -> None:
    """Let CP-SAT begin at a point."""
    model.clear_solution_hint()
    model.solution_hint.vars.extend(range(len(x)))
    model.solution_hint.values.extend(form.to_integers(x).tolist())


def limit_objective(
    model: Any, form: IntegerForm, problem: ProblemArrays, cutoff: float
) -> None:
    """Ask for solutions whose objective is below a cutoff; ``inf`` for any."""
    if not np.isfinite(cutoff) or not len(model.objective.vars):
        return
    constant = float(problem.objective @ form.shifts)
    most = (cutoff - constant) * form.objective_scale
    # Exact objectives are integers; of others, the rounding is given away.
    slack = 1e-6 if form.is_exact else -0.5
    limit = int(np.clip(np.ceil(most - slack) - 1.0, -LARGEST, LARGEST))
    model.objective.domain.extend([-int(LARGEST), limit])


def _add_rows(model: Any, problem: ProblemArrays, form: IntegerForm) -> None:
    starts, indices = problem.starts.tolist(), problem.indices.tolist()
    coefficients = form.coefficients.astype(np.int64).tolist()
    lows, highs = form.row_lower.tolist(), form.row_upper.tolist()
    for row in range(problem.n_rows):
        if lows[row] <= -LARGEST and highs[row] >= LARGEST:
            continue
        part = slice(starts[row], starts[row + 1])
        linear = model.constraints.add().linear
        linear.vars.extend(indices[part])
        linear.coeffs.extend(coefficients[part])
        linear.domain.extend([int(lows[row]), int(highs[row])])
