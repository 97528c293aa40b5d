"""Capital budgeting: recourse, loans and the worst case over boxes."""

import itertools
import time

import numpy as np
import pytest

from boundwise.core.errors import InputError
from boundwise.core.limits import Deadline
from boundwise.instances.generators.robust import generate_robust
from boundwise.solvers.robust import (
    LinearTwoStage,
    RobustCapitalBudgeting,
    solve_robust,
)
from boundwise.solvers.robust.clock import Clock


def budgeting(n=6, loans=0, seed=0, factors=4):
    spec = f"robust_budgeting:n={n},loans={loans},seed={seed},factors={factors}"
    return RobustCapitalBudgeting.from_instance(generate_robust(spec))


@pytest.mark.parametrize("loans", [0, 1])
@pytest.mark.parametrize("seed", range(3))
def test_the_recourse_is_that_of_scip(loans, seed):
    problem = budgeting(7, loans, seed)
    rng = np.random.default_rng(seed)
    x = problem.sample_decision(rng)
    scenario = problem.uncertainty.sample(rng, 1)[0]
    fast = problem.recourse(x, scenario)
    assert fast.cost == pytest.approx(
        LinearTwoStage.recourse(problem, x, scenario).cost, abs=1e-6
    )
    policy = problem.policy(x, fast.y)
    assert policy.violation_at(scenario) <= 1e-9
    assert policy.cost_at(scenario) == pytest.approx(
        problem.first_stage.cost @ x + fast.cost
    )
    assert problem.recourse_costs(x, scenario[None]) == pytest.approx([fast.cost])


def test_decisions_must_be_affordable_in_every_scenario():
    problem = budgeting(6, seed=1)
    data = problem.instance
    corners = np.array(list(itertools.product((-1.0, 1.0), repeat=4)))
    for bits in itertools.product((0.0, 1.0), repeat=6):
        x = np.array(bits)
        cost = data.cost * (1 + 0.5 * corners @ data.cost_risk.T)
        affordable = (cost @ x).max() <= data.budget
        assert problem.first_stage.accepts(x, 0.0) == affordable


@pytest.mark.slow
def test_the_worst_case_lies_between_scenario_and_bound():
    problem = budgeting(5, seed=3, factors=2)
    x = np.array([1.0, 0, 0, 0, 0])
    # The first call compiles, which is not what the clock is for.
    problem.worst_case(x, clock=Clock(Deadline(0.0)))
    worst = problem.worst_case(x, clock=Clock(Deadline(4.0)))
    grid = np.array(list(itertools.product(np.linspace(-1, 1, 201), repeat=2)))
    costs = problem.first_stage.cost @ x + problem.recourse_costs(x, grid)
    assert costs.max() <= worst.bound + 1e-9
    assert worst.cost >= costs.max() - 1e-3 * abs(costs.max())
    here = problem.first_stage.cost @ x + problem.recourse(x, worst.scenario).cost
    assert worst.cost == pytest.approx(here)


def test_an_evaluation_that_is_cut_short_is_not_called_exact():
    problem = budgeting(20, seed=1)
    x = problem.sample_decision(np.random.default_rng(0))
    worst = problem.worst_case(x, clock=Clock(Deadline(0.0)))
    assert not worst.is_exact
    assert worst.bound >= worst.cost


def test_loans_never_hurt():
    rng = np.random.default_rng(2)
    with_loans, without = budgeting(7, 1, 4), budgeting(7, 0, 4)
    for scenario in with_loans.uncertainty.sample(rng, 20):
        x = without.sample_decision(rng)
        free = with_loans.recourse(np.append(x, 0.0), scenario).cost
        assert free <= without.recourse(x, scenario).cost + 1e-9


def test_wrong_data_are_refused():
    with pytest.raises(InputError, match="cost_risk must have shape"):
        RobustCapitalBudgeting(
            cost=[1.0, 2.0],
            revenue=[1.0, 1.0],
            cost_risk=[[1.0]],
            revenue_risk=[[1.0]],
            budget=1.0,
        )


def test_the_general_adversary_agrees_with_the_search_over_boxes():
    problem = budgeting(4, seed=5, factors=2)
    x = np.array([0.0, 1.0, 0.0, 0.0])
    general = LinearTwoStage.worst_case(problem, x)
    boxes = problem.worst_case(x, clock=Clock(Deadline(2.0)))
    scale = abs(boxes.bound)
    assert general.bound >= boxes.cost - 1e-6 * scale
    assert boxes.bound >= general.cost - 1e-6 * scale
    assert general.bound == pytest.approx(boxes.bound, rel=2e-3)


def test_revenues_proportional_to_costs_do_not_explode():
    # In the nominal scenario the recourse is a subset sum of real numbers.
    problem = budgeting(50, seed=1)
    x = np.zeros(50)
    before = time.process_time()
    cost = problem.recourse(x, np.zeros(4)).cost
    assert time.process_time() - before < 30.0
    data = problem.instance
    assert -cost <= data.late_share * data.budget / 5 + 1e-9
    assert -cost >= data.late_share * data.budget / 5 * (1 - 1e-6)


def test_what_a_reaction_may_lack_widens_the_worst_case():
    problem = budgeting(12, seed=2)
    x = problem.sample_decision(np.random.default_rng(0))
    reaction = problem.recourse(x, np.zeros(4))
    assert 0.0 < reaction.error <= 2e-7 * (1.0 + abs(reaction.cost))
    # The cost of a worst case is what no reaction goes below.
    [least] = problem.recourse_costs(x, np.zeros((1, 4)))
    assert least == pytest.approx(reaction.least, rel=1e-12)
    assert least < reaction.cost


def worst_by_breakpoints(problem, x):
    """Return the worst case with one factor: exact, by all points where it may be.

    Each reaction is affordable on an interval, and its cost is linear there: the least
    of them is worst, or approached, next to an end or where two of them cross.
    """
    data = problem.instance
    late = np.array(list(itertools.product((0.0, 1.0), repeat=data.n)))
    late = late[(late + x <= 1.0).all(axis=1)]
    spent = (x + late) @ data.cost
    spent_slope = 0.5 * (x + late) @ (data.cost * data.cost_risk[:, 0])
    share = x + data.late_share * late
    earned = share @ data.revenue
    earned_slope = 0.5 * share @ (data.revenue * data.revenue_risk[:, 0])
    with np.errstate(divide="ignore", invalid="ignore"):
        ends = (data.budget - spent) / spent_slope
        cross = (earned[:, None] - earned) / (earned_slope - earned_slope[:, None])
    points = np.concatenate([[-1.0, 1.0], ends, cross.ravel()])
    points = points[np.isfinite(points)]
    points = np.concatenate([points - 1e-9, points + 1e-9])
    points = np.clip(points, -1.0, 1.0)
    profit = earned + np.multiply.outer(points, earned_slope)
    affordable = spent + np.multiply.outer(points, spent_slope) <= data.budget
    return -np.where(affordable, profit, -np.inf).max(axis=1).min()


def agrees_with_enumeration(seed):
    problem = budgeting(3 + seed % 6, seed=seed, factors=1)
    decisions = map(np.array, itertools.product((0.0, 1.0), repeat=problem.instance.n))
    costs = [
        worst_by_breakpoints(problem, x)
        for x in decisions
        if problem.first_stage.accepts(x, 0.0)
    ]
    truth = -min(costs)
    for method in ("ccg", "auto"):
        result = solve_robust(problem, method=method, rounds=2)
        assert result.objective == pytest.approx(truth, rel=1e-5)
        assert result.guarantee <= truth * (1.0 + 1e-6)
        assert result.bound >= truth * (1.0 - 1e-6)


@pytest.mark.parametrize("seed", [0, 1])
def test_exact_methods_find_the_best_of_all_decisions(seed):
    agrees_with_enumeration(seed)


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(200))
def test_exact_methods_find_the_best_of_all_decisions_on_many_problems(seed):
    agrees_with_enumeration(seed)
