"""The main problem against brute force over all decisions."""

import itertools
from typing import Any

import numpy as np
import pytest

from boundwise.core.errors import SolverError
from boundwise.solvers.robust.knapsack import RobustKnapsack
from boundwise.solvers.robust.learned.main_problem import solve_main
from boundwise.solvers.robust.learned.view import NetworkView

DECISIONS = np.array(list(itertools.product([0.0, 1.0], repeat=6)))


def _scenarios(problem: Any, count: int = 3) -> list[Any]:
    return list(problem.uncertainty.sample_vertices(np.random.default_rng(5), count))


def _total(problem: Any, x: Any, scenario: Any) -> float:
    return float(problem.first_stage.cost @ x) + problem.recourse(x, scenario).cost


def _selected(view: NetworkView, scenarios: list[Any]) -> list[int]:
    """Return the scenario that the network selects for each decision: no ties."""
    stacked = np.vstack(scenarios)
    predicted = np.vstack([view.predict(x, stacked) for x in DECISIONS])
    ranked = np.sort(predicted, axis=1)
    assert (ranked[:, -1] - ranked[:, -2]).min() > 1e-3
    return [int(s) for s in predicted.argmax(axis=1)]


def test_without_scenarios_it_is_the_nominal_problem(
    make_knapsack: Any, make_network: Any
) -> None:
    problem = make_knapsack()
    solution = solve_main(NetworkView.of(problem, make_network(problem)), [], gap=1e-9)
    nominal = problem.uncertainty.nominal
    best = min(_total(problem, x, nominal) for x in DECISIONS)
    assert solution is not None
    assert solution.objective == pytest.approx(best)
    assert _total(problem, solution.x, nominal) == pytest.approx(best)


@pytest.mark.parametrize("formulation", ["auto", "big-m"])
@pytest.mark.parametrize(("joint", "seed"), [(True, 6), (True, 11), (False, 8)])
def test_argmax_form_pays_the_exact_cost_of_the_scenario_the_network_selects(
    make_knapsack: Any, make_network: Any, formulation: Any, joint: bool, seed: int
) -> None:
    problem = make_knapsack(seed)
    view = NetworkView.of(problem, make_network(problem, seed, joint=joint))
    scenarios = _scenarios(problem)
    solution = solve_main(view, scenarios, formulation=formulation, gap=1e-9)
    selected = _selected(view, scenarios)
    assert len(set(selected)) > 1  # the network does choose
    costs = [
        _total(problem, x, scenarios[s])
        for x, s in zip(DECISIONS, selected, strict=True)
    ]
    assert solution is not None
    assert solution.is_optimal
    assert solution.objective == pytest.approx(min(costs), rel=1e-6)


@pytest.mark.parametrize("formulation", ["auto", "big-m"])
def test_max_form_pays_the_largest_prediction(
    make_knapsack: Any, make_network: Any, formulation: Any
) -> None:
    problem = make_knapsack(4)
    view = NetworkView.of(problem, make_network(problem, 4))
    scenarios = _scenarios(problem)
    solution = solve_main(
        view, scenarios, form="max", formulation=formulation, gap=1e-9
    )
    stacked = np.vstack(scenarios)
    costs = [
        float(problem.first_stage.cost @ x) + float(view.predict(x, stacked).max())
        for x in DECISIONS
    ]
    assert solution is not None
    assert solution.objective == pytest.approx(min(costs), rel=1e-5)


def test_values_far_beyond_any_constant_are_not_cut_off(
    make_knapsack: Any, make_network: Any
) -> None:
    """A big M of 20 or 2000 would forbid every selection here."""
    data = make_knapsack(6).instance
    problem = RobustKnapsack(
        profit=1e4 * data.profit,
        degradation=1e4 * data.degradation,
        repair=data.repair,
        weight=data.weight,
        outsource=1e4 * data.outsource,
        capacity=data.capacity,
        gamma=data.gamma,
    )
    view = NetworkView.of(problem, make_network(problem, 6))
    scenarios = _scenarios(problem)
    solution = solve_main(view, scenarios, gap=1e-9)
    selected = _selected(view, scenarios)
    costs = [
        _total(problem, x, scenarios[s])
        for x, s in zip(DECISIONS, selected, strict=True)
    ]
    assert solution is not None
    assert solution.objective == pytest.approx(min(costs), rel=1e-6)


def test_repair_is_used_where_it_pays(make_network: Any) -> None:
    """With the wrong sign of the repair term nothing would ever be repaired."""
    problem = RobustKnapsack(
        profit=[50.0, 40.0],
        degradation=[30.0, 1.0],
        repair=[1.0, 1.0],
        weight=[4.0, 4.0],
        outsource=[60.0, 50.0],
        capacity=9.0,
        gamma=1.0,
    )
    view = NetworkView.of(problem, make_network(problem))
    scenario = np.array([1.0, 0.0])
    solution = solve_main(view, [scenario], gap=1e-9)
    assert solution is not None
    assert solution.y is not None
    assert solution.x.tolist() == [1.0, 1.0]
    assert solution.y.round().tolist() == [1.0, 1.0, 1.0, 0.0]
    # Both profits are earned in full: the loss of the first is repaired.
    assert solution.objective == pytest.approx(-90.0)
    assert _total(problem, solution.x, scenario) == pytest.approx(-90.0)


def test_scenarios_that_must_be_served_and_cannot_are_an_error(
    make_network: Any, make_knapsack: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    from boundwise.solvers.robust.learned import main_problem

    def refuse(model: Any, problem: Any, x: Any, scenario: Any) -> None:
        model.addCons(x[0] >= 2.0)

    monkeypatch.setattr(main_problem, "add_scenario", refuse)
    problem = make_knapsack()
    view = NetworkView.of(problem, make_network(problem))
    with pytest.raises(SolverError, match="no decision leaves a feasible reaction"):
        solve_main(view, [], [problem.uncertainty.nominal])
