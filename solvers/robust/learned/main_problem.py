"""The main problem of Neur2RO: the best decision against the stored scenarios.

"argmax": the network selects the worst stored scenario, costs are exact.

    min  c x + z
    s.t. a >= p_s,   a <= p_s + M_s (1 - w_s),   sum_s w_s = 1,   p_s = NN(x, xi_s)
         z >= cost(x, y; xi_s) - M'_s (1 - w_s),   rows(x, y; xi_s) <= M''_s (1 - w_s)

"max": the network's values themselves, min c x + a with a >= p_s.

Every M comes from the bounds of what it relaxes. Scenarios that once made a decision
infeasible bring a copy of the second stage each.
"""

from collections.abc import Sequence
from typing import Any, Literal, NamedTuple

import numpy as np

from boundwise.core.errors import SolverError
from boundwise.heuristics.networks import embed_network, switch_separation_off
from boundwise.heuristics.networks.embedding import Formulation
from boundwise.heuristics.scip.transfer import read_values
from boundwise.instances.robust.arrays import Floats
from boundwise.solvers.robust.clock import Clock
from boundwise.solvers.robust.learned.view import NetworkView
from boundwise.solvers.robust.problem import TwoStageProblem
from boundwise.solvers.robust.scip_models import (
    add_first_stage,
    add_recourse,
    add_scenario,
    first_cost,
    new_model,
    scenario_cost,
    scenario_rows,
)

Form = Literal["argmax", "max"]


class MainSolution(NamedTuple):
    """A solution of the main problem.

    Parameters
    ----------
    x
        The decision.
    y
        The reaction to the selected scenario; None for the form "max".
    objective
        Its objective in the model.
    is_optimal
        Whether SCIP proved it optimal for the model.
    """

    x: Floats
    y: Floats | None
    objective: float
    is_optimal: bool


def solve_main(
    view: NetworkView,
    scenarios: Sequence[Floats],
    must_serve: Sequence[Floats] = (),
    *,
    form: Form = "argmax",
    formulation: Formulation = "auto",
    clock: Clock | None = None,
    gap: float = 1e-3,
) -> MainSolution | None:
    """Return the best decision that is known against stored scenarios.

    Parameters
    ----------
    view
        Problem and network.
    scenarios
        The stored scenarios; with none, the nominal problem is solved.
    must_serve
        Scenarios in which the decision must leave a feasible reaction.
    form
        ``"argmax"`` or ``"max"``.
    formulation
        How ReLUs are modelled; with ``"big-m"``, separation is off.
    clock
        When to stop.
    gap
        Relative gap at which SCIP may stop.

    Returns
    -------
    MainSolution or None
        None if no decision was found in time.

    Raises
    ------
    SolverError
        If SCIP fails, or proves that there is no decision.
    """
    problem = view.problem
    model = new_model()
    try:
        x = add_first_stage(model, problem)
        for scenario in must_serve:
            add_scenario(model, problem, x, scenario)
        y: list[Any] = []
        stored = list(scenarios) or [problem.uncertainty.nominal]
        if form == "max" and len(scenarios):
            cost = _worst_prediction(model, view, stored, x, formulation).worst
        else:
            y = add_recourse(model, problem, x)
            cost = _selected_cost(model, view, stored, x, y, formulation)
        model.setObjective(first_cost(problem, x) + cost, "minimize")
        model.setParam("limits/gap", gap)
        if formulation == "big-m":
            switch_separation_off(model)
        status = (clock or Clock()).optimize(model)
        if status == "infeasible":
            raise SolverError(
                "no decision leaves a feasible reaction to all scenarios."
            )
        if not model.getNSols():
            return None
        best = model.getBestSol()
        values = read_values(model, best, x)
        reaction = read_values(model, best, y) if y else None
        is_optimal = status in ("optimal", "gaplimit")
        objective = float(model.getSolObjVal(best))
    finally:
        model.free()
    stage = problem.first_stage
    values = np.where(stage.is_integer, np.rint(values), values)
    return MainSolution(values, reaction, objective, is_optimal)


class _Worst(NamedTuple):
    """Variables of the predictions and of their maximum, and their bounds."""

    worst: Any
    predictions: tuple[Any, ...]
    lower: Floats
    upper: Floats


def _worst_prediction(
    model: Any,
    view: NetworkView,
    scenarios: Sequence[Floats],
    x: list[Any],
    formulation: Formulation,
) -> _Worst:
    network = view.network.at_scenarios(view.inputs, np.vstack(scenarios))
    embedding = embed_network(model, network, x, formulation=formulation)
    lower, upper = embedding.bounds[-1]
    worst = model.addVar("worst_prediction", lb=float(lower.max()), ub=None)
    for prediction in embedding.outputs:
        model.addCons(worst >= prediction)
    return _Worst(worst, embedding.outputs, lower, upper)


def _selected_cost(
    model: Any,
    view: NetworkView,
    scenarios: Sequence[Floats],
    x: list[Any],
    y: list[Any],
    formulation: Formulation,
) -> Any:
    """Return the exact cost of (x, y) in the scenario that the network selects."""
    problem = view.problem
    if len(scenarios) == 1:
        for row in scenario_rows(problem, x, y, scenarios[0]):
            model.addCons(row <= 0.0)
        return scenario_cost(problem, x, y, scenarios[0])
    from pyscipopt import quicksum

    found = _worst_prediction(model, view, scenarios, x, formulation)
    ranges = [_cost_range(problem, scenario) for scenario in scenarios]
    lowest = min(low for low, _ in ranges)
    cost = model.addVar("cost", lb=lowest, ub=None)
    selected = [model.addVar(f"selected_{s}", vtype="B") for s in range(len(scenarios))]
    model.addCons(quicksum(selected) == 1)
    for s, (scenario, choice) in enumerate(zip(scenarios, selected, strict=True)):
        # The choice decides everything else.
        model.chgVarBranchPriority(choice, 100)
        relax = float(found.upper.max() - found.lower[s])
        model.addCons(
            found.worst <= found.predictions[s] + relax * (1 - choice),
            name=f"select_{s}",
        )
        slack = max(0.0, ranges[s][1] - lowest) * (1 - choice)
        model.addCons(
            cost >= scenario_cost(problem, x, y, scenario) - slack, name=f"cost_{s}"
        )
        highest = _row_maxima(problem, scenario)
        for row, most in zip(
            scenario_rows(problem, x, y, scenario), highest, strict=True
        ):
            model.addCons(row <= max(0.0, float(most)) * (1 - choice))
    return cost


def _cost_range(problem: TwoStageProblem, scenario: Floats) -> tuple[float, float]:
    """Return the least and the largest second-stage cost over the boxes of x and y."""
    first, second = problem.first_stage, problem.second_stage
    low_y, high_y = _extremes(second.cost_at(scenario), second.lower, second.upper)
    low_x, high_x = _extremes(second.x_cost_at(scenario), first.lower, first.upper)
    return float(low_y + low_x), float(high_y + high_x)


def _row_maxima(problem: TwoStageProblem, scenario: Floats) -> Floats:
    """Return the largest value of each uncertain row over the boxes of x and y."""
    first, second = problem.first_stage, problem.second_stage
    if not second.has_uncertain_rows:
        return np.zeros(0)
    x_part, y_part, rhs = second.rows_at(scenario)
    _, high_x = _extremes(x_part, first.lower, first.upper)
    _, high_y = _extremes(y_part, second.lower, second.upper)
    return np.asarray(high_x + high_y - rhs)


def _extremes(rows: Floats, lower: Floats, upper: Floats) -> tuple[Any, Any]:
    """Return the least and largest values of linear forms over a box."""
    positive, negative = np.maximum(rows, 0.0), np.minimum(rows, 0.0)
    return (
        positive @ lower + negative @ upper,
        positive @ upper + negative @ lower,
    )
