"""The search for capital budgeting: its screen, its attacks and what it claims."""

import itertools

import numpy as np
import pytest

from boundwise.core.limits import Deadline
from boundwise.instances.generators.robust import generate_robust
from boundwise.solvers.robust import RobustCapitalBudgeting, solve_robust
from boundwise.solvers.robust.budgeting.attack import attack
from boundwise.solvers.robust.budgeting.screen import BudgetingScreen
from boundwise.solvers.robust.budgeting.worst_case import ask
from boundwise.solvers.robust.clock import Clock
from boundwise.solvers.robust.screen import Rows

# The first use compiles for half a minute.
pytestmark = pytest.mark.slow


def budgeting(n, seed=0, factors=4):
    spec = f"robust_budgeting:n={n},seed={seed},factors={factors}"
    return RobustCapitalBudgeting.from_instance(generate_robust(spec))


def screen_of(problem, scenarios, most=250):
    stage = problem.first_stage
    rows = Rows(stage.matrix.toarray(), stage.row_upper)
    screen = BudgetingScreen(problem.kernel_data(np.zeros(stage.n)), rows, most)
    for scenario in scenarios:
        screen.add(scenario)
    return screen


def cost_in(problem, x, scenarios):
    return problem.first_stage.cost @ x + problem.recourse_costs(x, scenarios)


def test_the_screen_bounds_what_its_scenarios_cost():
    problem = budgeting(9, seed=1)
    rng = np.random.default_rng(0)
    scenarios = problem.uncertainty.sample(rng, 12)
    screen = screen_of(problem, scenarios)
    for _ in range(10):
        x = problem.sample_decision(rng)
        costs = cost_in(problem, x, scenarios)
        bound, _ = screen.bound(x)
        assert bound <= costs.max() + 1e-9
        # Without whole projects the relaxation is near, but not above.
        assert bound >= costs.max() * (1.0 + 0.5)
        cost, at = screen.cost(x, np.inf)
        assert cost == pytest.approx(costs.max(), rel=1e-6)
        assert costs[at] == pytest.approx(costs.max(), rel=1e-6)
        early, at = screen.cost(x, costs.min() - 1.0, first=3)
        assert at == 3
        assert early == pytest.approx(costs[3], rel=1e-6)


def test_no_better_neighbour_is_screened_out():
    problem = budgeting(8, seed=2)
    rng = np.random.default_rng(1)
    scenarios = problem.uncertainty.sample(rng, 6)
    screen = screen_of(problem, scenarios)
    x = problem.sample_decision(rng)
    goal = cost_in(problem, x, scenarios).max()
    bounds, pairs = screen.neighbours(x, goal)
    assert (np.diff(bounds) >= 0.0).all()
    found = {tuple(sorted(pair)) for pair in pairs.tolist()}
    better = 0
    for i, j in itertools.combinations_with_replacement(range(8), 2):
        y = x.copy()
        y[[i, j]] = 1.0 - y[[i, j]]
        allowed = problem.first_stage.accepts(y, 1e-9)
        if (i, j) in found:
            assert allowed
        elif allowed:
            assert cost_in(problem, y, scenarios).max() >= goal - 1e-9
            continue
        better += allowed
    assert better > 0


def test_a_full_screen_drops_what_has_killed_least():
    problem = budgeting(5)
    scenarios = problem.uncertainty.sample(np.random.default_rng(0), 5)
    screen = screen_of(problem, scenarios, most=3)
    assert screen.count == 3
    assert screen.scenarios[-1].tolist() in screen.scenarios.tolist()
    assert any((row == scenarios[4]).all() for row in screen.scenarios)


def test_an_attack_finds_more_than_its_starts_and_no_more_than_there_is():
    problem = budgeting(6, seed=3, factors=2)
    data = problem.kernel_data(np.zeros(6))
    rng = np.random.default_rng(0)
    x = problem.sample_decision(rng)
    starts = problem.uncertainty.sample(rng, 3)
    cost, scenario = attack(data, x, starts, 60, np.inf, rng, Clock())
    known = cost_in(problem, x, starts).max()
    assert cost > known
    assert cost == pytest.approx(cost_in(problem, x, scenario[None])[0], rel=1e-6)
    assert problem.uncertainty.contains(scenario)
    bound = problem.worst_case(x, clock=Clock(Deadline(1.0))).bound
    assert cost <= bound + 1e-9
    # It stops as soon as it may.
    first, _ = attack(data, x, starts, 60, known, rng, Clock())
    assert known <= first <= cost + 1e-9


def test_the_dearest_scenarios_are_those_of_highest_costs():
    problem = budgeting(10, seed=6)
    rng = np.random.default_rng(0)
    x = problem.sample_decision(rng)
    scenarios = problem.uncertainty.sample(rng, 40)
    true = cost_in(problem, x, scenarios)
    screen = screen_of(problem, scenarios)
    costs, where = screen.dearest(x, 7)
    assert costs == pytest.approx(np.sort(true)[::-1][:7], rel=1e-6)
    assert costs == pytest.approx(true[where], rel=1e-6)
    assert len(screen_of(problem, scenarios[:3]).dearest(x, 7)[0]) == 3
    assert (screen.bounds(x) <= true + 1e-9).all()


def test_scenarios_that_cost_no_more_than_what_is_known_are_not_told():
    problem = budgeting(10, seed=7)
    data = problem.kernel_data(np.zeros(10))
    rng = np.random.default_rng(0)
    x = problem.sample_decision(rng)
    scenarios = problem.uncertainty.sample(rng, 20)
    true = cost_in(problem, x, scenarios)
    order, known = rng.permutation(20), float(np.median(true))
    costs, where = ask(data, x, scenarios, order, 20, known=known)
    told = where[where >= 0]
    assert sorted(told) == np.flatnonzero(true > known).tolist()
    assert costs[: len(told)] == pytest.approx(true[told], rel=1e-6)
    assert (np.diff(costs) <= 0.0).all()
    # The first scenario that reaches the cutoff ends it.
    _, [first] = ask(data, x, scenarios, order, 1, cutoff=known)
    assert first == next(k for k in order if true[k] >= known)


@pytest.mark.parametrize("n", [7, 15])
def test_the_claim_stands_in_every_scenario_that_the_search_has_found(n):
    problem = budgeting(n, seed=4)
    result = solve_robust(problem, method="search", rounds=3, time_limit=4.0)
    costs = cost_in(problem, result.x, result.scenarios)
    assert result.objective == pytest.approx(-costs.max(), rel=1e-6)
    assert result.guarantee <= result.objective + 1e-9
    assert problem.first_stage.accepts(result.x)
    # It is no worse than what it began with: exact worst cases of both. (In the
    # scenarios of one run another decision may look better than it is.)
    for method in ("static", "nominal"):
        other = solve_robust(problem, method=method, time_limit=4.0)
        if other.is_exact:
            assert result.objective >= other.objective - 1e-6


def test_a_scenario_that_hurts_the_incumbent_is_told():
    problem = budgeting(10, seed=5)
    result = solve_robust(problem, method="search", rounds=20, time_limit=6.0)
    uniform = problem.uncertainty.sample(np.random.default_rng(9), 3000)
    sampled = -cost_in(problem, result.x, uniform).max()
    # The attack is at least as strong as sampling.
    assert result.objective <= sampled * (1.0 + 1e-3)
