"""The recourse of a knapsack against enumeration and SCIP."""

import itertools

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from boundwise.instances.generators.robust import generate_robust
from boundwise.solvers.robust import LinearTwoStage, RobustKnapsack
from boundwise.solvers.robust.knapsack.recourse import (
    OUT,
    PLAIN,
    REPAIRED,
    solve_recourse,
)


def best_by_enumeration(weight, repair, outsource, loss, accepted, capacity):
    options = [range(3) if a else range(1) for a in accepted]
    choices = np.array(list(itertools.product(*options)))
    used = (choices >= PLAIN) @ weight + (choices == REPAIRED) @ repair
    gain = (choices == PLAIN) @ (outsource - loss) + (choices == REPAIRED) @ outsource
    return gain[used <= capacity].max()


@settings(max_examples=60, deadline=None)
@given(seed=st.integers(0, 2**32 - 1), n=st.integers(1, 7), whole=st.booleans())
def test_the_recourse_is_the_best_of_all_choices(seed, n, whole):
    rng = np.random.default_rng(seed)
    weight, repair = rng.uniform(0, 20, n), rng.uniform(0, 10, n)
    if whole:
        weight, repair = np.floor(weight), np.floor(repair)
    outsource = rng.uniform(-2, 20, n)
    loss = rng.uniform(0, 25, n) * (rng.random(n) < 0.7)
    accepted = (rng.random(n) < 0.8).astype(float)
    capacity = float(rng.uniform(0, weight.sum() + 5))
    gain, error, choice = solve_recourse(
        weight,
        repair,
        outsource,
        loss,
        accepted,
        capacity,
    )
    expected = best_by_enumeration(weight, repair, outsource, loss, accepted, capacity)
    used = weight @ (choice >= PLAIN) + repair @ (choice == REPAIRED)
    value = (outsource - loss) @ (choice == PLAIN) + outsource @ (choice == REPAIRED)
    assert gain == pytest.approx(expected, abs=1e-9)
    assert error <= 1e-9
    assert value == pytest.approx(gain, abs=1e-9)
    assert used <= capacity + 1e-9
    assert not choice[accepted == 0].any()


@pytest.mark.parametrize("seed", range(3))
def test_the_recourse_agrees_with_scip(seed):
    rng = np.random.default_rng(seed)
    n = 25
    weight = rng.integers(1, 1000, n)
    problem = RobustKnapsack(
        profit=weight + 100,
        degradation=0.5 * weight,
        repair=weight // 4,
        weight=weight,
        outsource=1.3 * weight,
        capacity=0.4 * weight.sum(),
        gamma=3,
    )
    x = (rng.random(n) < 0.8).astype(float)
    scenario = problem.uncertainty.sample(rng, 1)[0]
    fast = problem.recourse(x, scenario)
    slow = LinearTwoStage.recourse(problem, x, scenario)
    assert fast.cost == pytest.approx(slow.cost, rel=1e-7)
    mine = problem.policy(x, fast.y)
    general = LinearTwoStage.policy(problem, x, fast.y)
    assert mine.cost_at(scenario) == pytest.approx(general.cost_at(scenario))
    certain = problem.first_stage.cost @ x
    assert mine.cost_at(scenario) == pytest.approx(certain + fast.cost)


def test_many_scenarios_cost_what_each_of_them_costs():
    rng = np.random.default_rng(5)
    n = 12
    problem = RobustKnapsack(
        profit=rng.uniform(1, 9, n),
        degradation=rng.uniform(1, 5, n),
        repair=rng.uniform(1, 5, n),
        weight=rng.uniform(1, 9, n),
        outsource=rng.uniform(1, 12, n),
        capacity=20.5,
        gamma=2.5,
    )
    x = np.ones(n)
    scenarios = problem.uncertainty.sample(rng, 20)
    together = problem.recourse_costs(x, scenarios)
    singly = [problem.recourse(x, scenario).cost for scenario in scenarios]
    assert together == pytest.approx(singly)
    assert len(set(together.tolist())) > 1


def test_no_scenarios_have_no_costs():
    problem = RobustKnapsack.from_instance(generate_robust("robust_knapsack:n=5"))
    assert problem.recourse_costs(np.ones(5), np.zeros((0, 5))).shape == (0,)


@pytest.mark.parametrize("n", [44, 100])
def test_items_of_equal_efficiency_do_not_fill_the_memory(n: int) -> None:
    # A subset-sum problem with real weights: each subset is a state of its own.
    rng = np.random.default_rng(0)
    weight, nothing = rng.uniform(1.0, 10.0, n), np.zeros(n)
    capacity = 0.5 * weight.sum()
    gain, error, choice = solve_recourse(
        weight,
        nothing,
        0.2 * weight,
        nothing,
        np.ones(n),
        capacity,
    )
    assert gain == pytest.approx(0.2 * weight[choice != OUT].sum())
    assert weight[choice != OUT].sum() <= capacity * (1.0 + 1e-9)
    # The relaxation fills the knapsack: no reaction can gain more.
    assert gain >= 0.2 * capacity * (1.0 - 1e-6)
    # And the error says so.
    assert gain + error >= 0.2 * capacity * (1.0 - 1e-9)
    assert error > 1e-9 * gain


def test_a_thinned_recourse_is_not_called_exact():
    # Any twenty items fit and no more: nothing tells their subsets apart but their
    # weights, and there are too many to keep.
    rng = np.random.default_rng(0)
    n = 40
    weight = 1.0 + 1e-4 * rng.random(n)
    problem = RobustKnapsack(
        profit=0.1 * weight,
        degradation=np.zeros(n),
        repair=np.ones(n),
        weight=weight,
        outsource=0.2 * weight,
        capacity=20.5,
        gamma=1.0,
    )
    x = np.ones(n)
    worst = problem.worst_case(x)
    truth = 0.1 * weight.sum() - 0.2 * np.sort(weight)[-20:].sum()
    assert worst.cost <= truth + 1e-9
    assert worst.bound >= truth - 1e-9
    assert not worst.is_exact


@pytest.mark.parametrize("side", [0.02, 0.98])
def test_few_of_many_equal_items_are_a_quick_and_exact_choice(side):
    # Nearly all of them fit, or nearly none: all subsets of the few are looked at.
    rng = np.random.default_rng(1)
    n = 40
    weight, nothing = rng.uniform(1.0, 10.0, n), np.zeros(n)
    capacity = side * weight.sum()
    gain, error, choice = solve_recourse(
        weight,
        nothing,
        0.2 * weight,
        nothing,
        np.ones(n),
        capacity,
    )
    few = capacity if side < 0.5 else weight.sum() - capacity
    sums = [
        sum(subset)
        for k in range(4)
        for subset in itertools.combinations(weight.tolist(), k)
    ]
    if side < 0.5:
        best = max(s for s in sums if s <= few)
    else:
        best = weight.sum() - min(s for s in sums if s >= few)
    assert gain >= 0.2 * best * (1.0 - 1e-9)
    assert error <= 1e-9
    assert weight[choice != OUT].sum() <= capacity * (1.0 + 1e-9)


@pytest.mark.parametrize("seed", range(4))
def test_a_recourse_that_gains_enough_ends_the_search(seed):
    rng = np.random.default_rng(seed)
    n = 9
    weight, repair = rng.uniform(1, 20, n), rng.uniform(0, 10, n)
    outsource, loss = rng.uniform(0, 20, n), rng.uniform(0, 15, n)
    capacity = float(0.4 * weight.sum())
    best = best_by_enumeration(weight, repair, outsource, loss, np.ones(n), capacity)
    for share in (0.0, 0.7, 0.95, 1.0 - 1e-9):
        gain, error, choice = solve_recourse(
            weight, repair, outsource, loss, np.ones(n), capacity, enough=share * best
        )
        plain, repaired = choice == PLAIN, choice == REPAIRED
        assert share * best <= gain <= best + 1e-9
        assert gain == pytest.approx((outsource - loss) @ plain + outsource @ repaired)
        assert weight @ (plain | repaired) + repair @ repaired <= capacity + 1e-9
        # What it leaves is told.
        assert gain + error >= best - 1e-9
    # More than there is takes the search to its end.
    gain, error, _ = solve_recourse(
        weight, repair, outsource, loss, np.ones(n), capacity, enough=best + 1.0
    )
    assert gain == pytest.approx(best)
    assert error <= 1e-9
