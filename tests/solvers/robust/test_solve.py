"""All methods against enumeration, and what every method promises."""

import itertools
import math

import numpy as np
import pytest

from boundwise.core.errors import InputError
from boundwise.core.status import Status, Termination
from boundwise.instances.generators.robust import generate_robust
from boundwise.solvers.robust import (
    RobustCapitalBudgeting,
    RobustFacilityLocation,
    RobustKnapsack,
    solve_robust,
)

KINDS = ("UN", "WC", "ASC", "SC")


def knapsack(n=6, seed=0, kind="UN", deviation=0.4):
    spec = f"robust_knapsack:n={n},correlation={kind},deviation={deviation},seed={seed}"
    return RobustKnapsack.from_instance(generate_robust(spec))


def best_by_enumeration(problem):
    best = math.inf
    for bits in itertools.product((0.0, 1.0), repeat=problem.first_stage.n):
        x = np.array(bits)
        if problem.first_stage.accepts(x):
            best = min(best, problem.worst_case(x).cost)
    return best


def agrees(problem, method):
    expected = -best_by_enumeration(problem)
    result = solve_robust(problem, method=method)
    assert result.objective == pytest.approx(expected, rel=1e-6)
    assert result.bound == pytest.approx(expected, rel=1e-5)
    assert result.status is Status.OPTIMAL
    assert result.is_exact


@pytest.mark.parametrize("seed", range(4))
@pytest.mark.parametrize("method", ["ccg", "columns"])
def test_exact_methods_find_the_best_of_all_decisions(method, seed):
    agrees(knapsack(5, seed, KINDS[seed % 4]), method)


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(200))
def test_exact_methods_find_the_best_of_all_decisions_on_many_knapsacks(seed):
    problem = knapsack(4 + seed % 5, seed, KINDS[seed % 4], (0.1, 0.25, 0.5)[seed % 3])
    agrees(problem, "ccg" if seed % 2 else "columns")


@pytest.mark.parametrize("seed", range(4))
def test_the_search_is_never_worse_than_static_and_nominal(seed):
    problem = knapsack(14, seed, KINDS[seed], 0.2)
    single = [
        solve_robust(problem, method=name).objective for name in ("nominal", "static")
    ]
    for method in ("search", "auto"):
        result = solve_robust(problem, method=method, rounds=3)
        assert result.objective >= max(single) - 1e-6
        assert result.is_exact
        # The claim is what the decision is worth.
        fresh = problem.worst_case(result.x)
        assert -fresh.cost == pytest.approx(result.objective, rel=1e-8)


def test_the_static_decision_is_evaluated_with_recourse():
    from boundwise.solvers.robust.knapsack.static import static_decisions

    gains = []
    for seed in range(4):
        problem = knapsack(8, seed, KINDS[seed], 0.3)
        result = solve_robust(problem, method="static")
        costs, _ = static_decisions(problem.instance)
        assert result.objective == pytest.approx(-problem.worst_case(result.x).cost)
        gains.append(result.objective + costs[0])
    # Trap 18: what it guarantees by itself is less than it is worth.
    assert min(gains) >= -1e-6
    assert max(gains) > 1.0


def test_one_policy_is_the_static_problem_and_more_are_never_worse():
    from boundwise.solvers.robust.knapsack.static import static_decisions

    problem = knapsack(5, 3, "SC")
    cost, _ = static_decisions(problem.instance)
    values = [
        solve_robust(problem, method="k-adaptability", policies=k).stats["k_objective"]
        for k in (1, 2, 3)
    ]
    assert values[0] == pytest.approx(-cost[0], rel=1e-4)
    assert values[0] <= values[1] + 1e-6 * abs(values[1])
    assert values[1] <= values[2] + 1e-4 * abs(values[2])
    assert values[2] <= -best_by_enumeration(problem) * (1 + 1e-4)


@pytest.mark.parametrize("seed", range(2))
def test_facility_location_is_solved_exactly(seed):
    spec = f"robust_location:facilities=4,customers=6,deviation=0.25,seed={seed}"
    problem = RobustFacilityLocation.from_instance(generate_robust(spec))
    expected = best_by_enumeration(problem)
    result = solve_robust(problem, method="ccg")
    assert result.objective == pytest.approx(expected, rel=1e-6)
    assert result.status is Status.OPTIMAL
    static = solve_robust(problem, method="static")
    # Trap 18: its own value is a guarantee, which recourse only improves.
    assert static.objective <= static.stats["static"] + 1e-6


def test_the_static_value_of_budgeting_is_improved_by_recourse():
    problem = RobustCapitalBudgeting.from_instance(
        generate_robust("robust_budgeting:n=6,seed=2")
    )
    result = solve_robust(problem, method="static", time_limit=5.0)
    assert result.guarantee >= result.stats["static"] - 1e-6


def test_the_first_main_problem_is_the_nominal_one():
    problem = knapsack(6, 1)
    result = solve_robust(problem, method="nominal")
    nominal = problem.uncertainty.nominal
    best = min(
        problem.first_stage.cost @ x + problem.recourse(x, nominal).cost
        for x in map(np.array, itertools.product((0.0, 1.0), repeat=6))
    )
    mine = (
        problem.first_stage.cost @ result.x + problem.recourse(result.x, nominal).cost
    )
    assert mine == pytest.approx(best)
    assert result.bound == pytest.approx(-best, rel=1e-5)


def test_repair_is_used_where_it_pays():
    problem = RobustKnapsack(
        profit=[10.0],
        degradation=[8.0],
        repair=[1.0],
        weight=[1.0],
        outsource=[15.0],
        capacity=2.0,
        gamma=1.0,
    )
    result = solve_robust(problem, method="ccg")
    reaction = problem.recourse(result.x, np.array([1.0]))
    assert reaction.y.tolist() == [1.0, 1.0]
    assert result.objective == pytest.approx(10.0)


@pytest.mark.slow
def test_the_best_decision_is_returned_whatever_came_last():
    problem = knapsack(10, 5, "WC", 0.3)
    result = solve_robust(problem, method="ccg", time_limit=20.0)
    assert result.objective == pytest.approx(
        max(result.stats["proposals"].values()), rel=1e-9
    )


def test_the_learned_method_tells_of_its_rounds_even_if_there_were_none():
    problem = RobustCapitalBudgeting.from_instance(
        generate_robust("robust_budgeting:n=5,seed=3")
    )
    result = solve_robust(problem, method="neur2ro", time_limit=1e-3)
    assert result.stats["rounds"] == []
    assert result.iterations == 0


def test_the_learned_method_solves_capital_budgeting():
    problem = RobustCapitalBudgeting.from_instance(
        generate_robust("robust_budgeting:n=5,seed=3,factors=4")
    )
    result = solve_robust(problem, method="neur2ro", time_limit=4.0)
    assert result.stats["rounds"]
    scenarios = np.vstack([result.scenarios, result.worst_scenario])
    costs = problem.first_stage.cost @ result.x + problem.recourse_costs(
        result.x, scenarios
    )
    assert result.objective <= -costs.max() + 1e-6
    assert result.guarantee <= result.objective + 1e-9


def test_the_same_seed_gives_the_same_run():
    problem = knapsack(16, 2, "ASC", 0.2)
    runs = [solve_robust(problem, method="search", rounds=3, seed=4) for _ in range(2)]
    assert runs[0].x.tolist() == runs[1].x.tolist()
    assert runs[0].objective == runs[1].objective
    assert runs[0].stats["evaluations"] == runs[1].stats["evaluations"]


def test_a_callback_ends_the_run_with_what_it_has():
    result = solve_robust(knapsack(30, 1, "WC", 0.2), callback=lambda _: True)
    assert result.termination is Termination.INTERRUPTED
    assert result.x is not None


def test_a_time_limit_is_kept():
    problem = knapsack(60, 1, "WC", 0.2)
    solve_robust(knapsack(8), rounds=1)
    result = solve_robust(problem, time_limit=1.0)
    assert result.termination is Termination.TIME_LIMIT
    assert result.x is not None
    assert result.wall_time < 10.0


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"method": "magic"}, "method must be one of"),
        ({"policies": 0}, "policies must be a positive integer"),
        ({"rounds": -1}, "rounds must be a non-negative integer"),
        ({"callback": 3}, "callback must be callable"),
        ({"time_limit": -1.0}, "time_limit must be a positive number"),
    ],
)
def test_wrong_arguments_are_refused(arguments, message):
    with pytest.raises(InputError, match=message):
        solve_robust(knapsack(3), **arguments)
