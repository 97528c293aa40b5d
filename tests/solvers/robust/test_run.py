"""The incumbent of a run: what is kept, and what is not believed."""

import numpy as np
import pytest

from boundwise.benchmarks.robust.instances import make, problem_of
from boundwise.core.limits import Deadline
from boundwise.core.trace import Trace
from boundwise.solvers.robust import RobustKnapsack, WorstCase, solve_robust
from boundwise.solvers.robust.clock import Clock
from boundwise.solvers.robust.run import Run


@pytest.fixture
def run():
    problem = RobustKnapsack(
        profit=[5, 4],
        degradation=[4, 1],
        repair=[1, 1],
        weight=[2, 2],
        outsource=[6, 5],
        capacity=4,
        gamma=1,
    )
    deadline = Deadline()
    return Run(
        problem=problem,
        clock=Clock(deadline),
        trace=Trace(deadline),
        rng=np.random.default_rng(0),
    )


def worst(cost, bound):
    return WorstCase(cost, bound, np.zeros(2))


def test_the_best_is_kept_whatever_comes_last(run):
    first, second = np.array([1.0, 0.0]), np.array([0.0, 1.0])
    assert run.note(first, worst(-5.0, -5.0), "a")
    assert not run.note(second, worst(-3.0, -3.0), "b")
    assert run.x.tolist() == first.tolist()
    assert run.cost == -5.0


def test_what_is_known_when_the_time_is_over_replaces_nothing(run):
    run.note(np.array([1.0, 0.0]), worst(-5.0, -5.0), "a")
    run.clock = Clock(Deadline(0.0))
    assert not run.note(np.array([0.0, 1.0]), worst(-9.0, 0.0), "b")
    assert run.cost == -5.0
    assert "b" not in run.notes


def test_a_scenario_that_is_known_is_not_stored_again(run):
    assert run.store(np.array([0.5, 0.0]))
    assert not run.store(np.array([0.5, 0.0005]))
    assert run.store(np.array([0.5, 0.1]))
    assert len(run.scenarios) == 2


def test_a_run_is_closed_when_incumbent_and_bound_meet(run):
    assert not run.is_closed()
    run.note(np.array([1.0, 0.0]), worst(-5.0, -5.0), "a")
    run.raise_bound(-6.0, "b")
    assert not run.is_closed()
    run.raise_bound(-5.0, "b")
    assert run.is_closed()
    # A bound never falls.
    run.raise_bound(-7.0, "b")
    assert run.bound == -5.0


def test_a_value_of_zero_closes_without_division(run):
    run.note(np.zeros(2), worst(0.0, 0.0), "a")
    run.raise_bound(0.0, "b")
    assert run.is_closed()


def test_an_incumbent_that_was_judged_too_kindly_costs_what_all_decisions_cost(run):
    first, second = np.array([1.0, 0.0]), np.array([0.0, 1.0])
    run.note(first, worst(-9.0, -4.0), "a")
    run.raise_bound(-5.0, "b")
    assert (run.cost, run.worst.bound) == (-5.0, -4.0)
    assert not run.is_closed()
    # As good, and proven: that is better.
    assert run.note(second, worst(-5.0, -5.0), "b")
    assert run.x.tolist() == second.tolist()
    assert run.is_closed()
    assert not run.note(first, worst(-5.0, -4.5), "c")
    # Nor does a later evaluation get below the bound.
    assert not run.note(first, worst(-9.0, -4.0), "c")
    assert run.cost == -5.0


def test_exact_methods_never_report_a_cost_below_their_bound():
    problem = problem_of(make("robust_location:facilities=8,customers=16,seed=1"))
    result = solve_robust(problem, method="ccg", time_limit=20.0)
    assert result.bound <= result.objective * (1.0 + 1e-9)
    assert result.objective <= result.guarantee * (1.0 + 1e-9)
    assert result.objective == pytest.approx(139.68050969, rel=1e-6)
