"""Static robust: one reaction y for all scenarios, by the dual of the adversary.

    max_{xi} a + b xi = min a + rhs u + upper v - lower w
                        s.t. A' u + v - w = b,   u, v, w >= 0

makes every uncertain row and the cost linear. The decision so found is evaluated with
recourse afterwards: its own value is a guarantee, which recourse can only improve.

Bertsimas, Sim (2004), The price of robustness, doi:10.1287/opre.1030.0065.
"""

from collections.abc import Sequence
from typing import Any

import numpy as np

from boundwise.heuristics.scip.transfer import read_values
from boundwise.instances.robust.arrays import Floats
from boundwise.solvers.robust.problem import TwoStageProblem
from boundwise.solvers.robust.run import Run
from boundwise.solvers.robust.scip_models import (
    add_first_stage,
    add_recourse,
    first_cost,
    linear,
    new_model,
)
from boundwise.solvers.robust.uncertainty import UncertaintySet


def solve_static(run: Run, gap: float = 0.0) -> None:
    """Evaluate a decision of the static robust problem, best up to a relative gap."""
    problem = run.problem
    model = new_model()
    try:
        x = add_first_stage(model, problem)
        y = add_recourse(model, problem, x)
        model.setObjective(first_cost(problem, x) + _robust_cost(model, problem, x, y))
        for constant, slopes in _rows(problem, x, y):
            worst = robust_counterpart(model, problem.uncertainty, constant, slopes)
            model.addCons(worst <= 0)
        model.setParam("limits/gap", gap)
        run.clock.optimize(model)
        if not model.getNSols():
            return
        stage = problem.first_stage
        values = read_values(model, model.getBestSol(), x)
        values = np.where(stage.is_integer, np.rint(values), values)
        guaranteed = float(model.getPrimalbound())
        run.stats["static"] = -guaranteed if problem.sense == "maximize" else guaranteed
    finally:
        model.free()
    run.evaluate(np.clip(values, stage.lower, stage.upper), "static")


def robust_counterpart(
    model: Any, uncertainty: UncertaintySet, constant: Any, slopes: Sequence[Any]
) -> Any:
    """Return an expression that is at least ``constant + slopes xi`` for all xi.

    Minimised or bounded from above it is the largest of them.

    Parameters
    ----------
    model
        A SCIP model; variables are added.
    uncertainty
        The scenarios.
    constant, slopes
        Expressions or numbers.
    """
    prices = [model.addVar() for _ in uncertainty.rhs]
    worst = constant + linear(uncertainty.rhs, prices)
    for j, slope in enumerate(slopes):
        low, high = float(uncertainty.lower[j]), float(uncertainty.upper[j])
        rest = slope - linear(uncertainty.matrix[:, j], prices)
        above, below = model.addVar(), model.addVar()
        model.addCons(above - below == rest)
        worst += high * above - low * below
    return worst


def _robust_cost(
    model: Any, problem: TwoStageProblem, x: list[Any], y: list[Any]
) -> Any:
    stage = problem.second_stage
    slopes = [
        linear(stage.cost_slope[:, j], y)
        + (linear(stage.x_slope[:, j], x) if stage.x_slope is not None else 0.0)
        for j in range(problem.uncertainty.dimension)
    ]
    return robust_counterpart(model, problem.uncertainty, linear(stage.cost, y), slopes)


def _rows(
    problem: TwoStageProblem, x: list[Any], y: list[Any]
) -> list[tuple[Any, list[Any]]]:
    """Return constant and slopes of the uncertain rows, which must be <= 0."""
    stage, q = problem.second_stage, problem.uncertainty.dimension
    rows = []
    for i, side in enumerate(stage.uncertain_rhs.tolist()):
        constant: Any = -side
        slopes: list[Any] = [0.0] * q
        if stage.uncertain_rhs_slope is not None:
            slopes = (-stage.uncertain_rhs_slope[i]).tolist()
        for part, change, variables in (
            (stage.uncertain_x, stage.uncertain_x_slope, x),
            (stage.uncertain_y, stage.uncertain_y_slope, y),
        ):
            if part is not None:
                constant = constant + linear(part[i], variables)
            if change is not None:
                slopes = [
                    slopes[j] + linear(_column(change[i], j), variables)
                    for j in range(q)
                ]
        rows.append((constant, slopes))
    return rows


def _column(matrix: Floats, j: int) -> Floats:
    return np.asarray(matrix[:, j])
