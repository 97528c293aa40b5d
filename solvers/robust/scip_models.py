"""Write the two stages of a problem into a SCIP model.

The first stage gives variables x and their certain rows. Each copy of the second stage
gives variables y and, for one scenario, its rows and the expression of its cost. Costs
of a scenario and rows of a scenario can also be had for variables that are there
already, so that several scenarios may share one y.
"""

from collections.abc import Sequence
from typing import Any

import numpy as np

from boundwise.heuristics.scip.transfer import make_quiet
from boundwise.instances.robust.arrays import Floats
from boundwise.solvers.robust.problem import TwoStageProblem
from boundwise.solvers.robust.uncertainty import UncertaintySet


def new_model() -> Any:
    """Return an empty, silent ``pyscipopt.Model`` that minimises."""
    from pyscipopt import Model

    model = Model()
    make_quiet(model)
    return model


def add_first_stage(model: Any, problem: TwoStageProblem) -> list[Any]:
    """Add the variables x and the rows of the first stage; no objective.

    Returns
    -------
    list
        The n variables.
    """
    stage = problem.first_stage
    x = _add_variables(model, "x", stage.lower, stage.upper, stage.is_integer)
    if stage.matrix is not None:
        for i in range(stage.matrix.shape[0]):
            columns, values = _row(stage.matrix, i)
            activity = linear(values, [x[j] for j in columns])
            low, high = float(stage.row_lower[i]), float(stage.row_upper[i])
            if np.isfinite(low):
                model.addCons(activity >= low)
            if np.isfinite(high):
                model.addCons(activity <= high)
    return x


def first_cost(problem: TwoStageProblem, x: Sequence[Any]) -> Any:
    """Return the certain cost of x as an expression."""
    return linear(problem.first_stage.cost, x)


def add_recourse(
    model: Any, problem: TwoStageProblem, x: Sequence[Any] | Floats
) -> list[Any]:
    """Add one copy of y with its certain rows T x + W y <= h.

    Parameters
    ----------
    model
        A SCIP model.
    problem
        The problem.
    x
        Variables of the first stage, or numbers.

    Returns
    -------
    list
        The p variables.
    """
    stage = problem.second_stage
    y = _add_variables(model, "y", stage.lower, stage.upper, stage.is_integer)
    for i in range(len(stage.rhs)):
        x_columns, x_values = _row(stage.x_matrix, i)
        y_columns, y_values = _row(stage.y_matrix, i)
        activity = linear(x_values, [x[j] for j in x_columns]) + linear(
            y_values, [y[j] for j in y_columns]
        )
        _add_row(model, activity, float(stage.rhs[i]))
    return y


def scenario_cost(
    problem: TwoStageProblem, x: Sequence[Any] | Floats, y: Sequence[Any], xi: Floats
) -> Any:
    """Return the cost of (x, y) in a scenario, without the certain cost of x."""
    stage = problem.second_stage
    cost = linear(stage.cost_at(xi), y)
    return cost + linear(stage.x_cost_at(xi), x) if stage.x_slope is not None else cost


def scenario_rows(
    problem: TwoStageProblem, x: Sequence[Any] | Floats, y: Sequence[Any], xi: Floats
) -> list[Any]:
    """Return the uncertain rows in a scenario as expressions that must be <= 0."""
    stage = problem.second_stage
    if not stage.has_uncertain_rows:
        return []
    x_part, y_part, rhs = stage.rows_at(xi)
    return [
        linear(x_part[i], x) + linear(y_part[i], y) - float(rhs[i])
        for i in range(len(rhs))
    ]


def add_scenario(
    model: Any, problem: TwoStageProblem, x: Sequence[Any] | Floats, xi: Floats
) -> tuple[list[Any], Any]:
    """Add a copy of y that is feasible in a scenario.

    Returns
    -------
    tuple
        The p variables, and their cost (with the uncertain cost of x).
    """
    y = add_recourse(model, problem, x)
    for row in scenario_rows(problem, x, y, xi):
        _add_row(model, row, 0.0)
    return y, scenario_cost(problem, x, y, xi)


def add_scenario_variables(model: Any, uncertainty: UncertaintySet) -> list[Any]:
    """Add the entries of a scenario as variables, with the rows of their set."""
    xi = [
        model.addVar(lb=low, ub=high)
        for low, high in zip(
            uncertainty.lower.tolist(), uncertainty.upper.tolist(), strict=True
        )
    ]
    for row, side in zip(uncertainty.matrix, uncertainty.rhs.tolist(), strict=True):
        _add_row(model, linear(row, xi), side)
    return xi


def least_over_box(uncertainty: UncertaintySet, slope: Floats) -> float:
    """Return a lower bound on ``slope xi``, over the bounds of the scenarios."""
    return float(np.minimum(slope * uncertainty.lower, slope * uncertainty.upper).sum())


def linear(coefficients: Floats, variables: Sequence[Any] | Floats) -> Any:
    """Return the sum of coefficient times variable; a float if all are numbers."""
    from pyscipopt import quicksum

    terms = [
        float(a) * v for a, v in zip(coefficients, variables, strict=True) if a != 0.0
    ]
    if all(isinstance(term, float) for term in terms):
        return float(sum(terms))
    return quicksum(terms)


def _add_row(model: Any, activity: Any, rhs: float) -> None:
    """Add activity <= rhs; a row of numbers alone is decided here."""
    if isinstance(activity, float):
        if activity > rhs + 1e-6 * max(1.0, abs(rhs)):
            model.addCons(_nothing(model) >= 1.0)
        return
    model.addCons(activity <= rhs)


def _nothing(model: Any) -> Any:
    """Return a variable that is zero."""
    return model.addVar(lb=0.0, ub=0.0)


def _add_variables(
    model: Any, prefix: str, lower: Floats, upper: Floats, is_integer: Any
) -> list[Any]:
    variables = []
    for i, (low, high, whole) in enumerate(
        zip(lower.tolist(), upper.tolist(), is_integer.tolist(), strict=True)
    ):
        binary = whole and low == 0.0 and high == 1.0
        kind = "B" if binary else "I" if whole else "C"
        name = f"{prefix}{model.getNVars(False)}_{i}"
        variables.append(model.addVar(name, vtype=kind, lb=low, ub=high))
    return variables


def _row(matrix: Any, i: int) -> tuple[list[int], Floats]:
    part = slice(matrix.indptr[i], matrix.indptr[i + 1])
    return matrix.indices[part].tolist(), matrix.data[part]
