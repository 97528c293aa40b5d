"""Facility location: the recourse against SCIP, the worst case against vertices."""

import itertools

import numpy as np
import pytest

from boundwise.instances.generators.robust import generate_robust
from boundwise.solvers.robust import LinearTwoStage, RobustFacilityLocation


def location(seed, deviation=0.3):
    spec = f"robust_location:facilities=4,customers=6,deviation={deviation},seed={seed}"
    return RobustFacilityLocation.from_instance(generate_robust(spec))


@pytest.mark.parametrize("seed", range(2))
def test_the_recourse_is_that_of_scip(seed):
    problem = location(seed)
    rng = np.random.default_rng(seed)
    x = problem.sample_decision(rng)
    for scenario in problem.uncertainty.sample(rng, 2):
        fast = problem.recourse(x, scenario)
        slow = LinearTwoStage.recourse(problem, x, scenario)
        assert fast.cost == pytest.approx(slow.cost, rel=1e-6)
        assert problem.policy(x, fast.y).violation_at(scenario) <= 1e-6


@pytest.mark.parametrize(("seed", "deviation"), [(0, 0.3), (1, 0.3), (2, 0.5)])
def test_the_worst_case_is_that_of_the_worst_vertex(seed, deviation):
    problem = location(seed, deviation)
    x = np.array([1.0, 0.0, 1.0, 1.0])
    whole, part = divmod(problem.uncertainty.gamma, 1.0)
    worst = 0.0
    for ones in itertools.combinations(range(6), int(whole)):
        for last in set(range(6)) - set(ones):
            scenario = np.zeros(6)
            scenario[list(ones)], scenario[last] = 1.0, part
            worst = max(worst, problem.recourse(x, scenario).cost)
    found = problem.worst_case(x)
    assert found.is_exact
    assert found.cost - problem.first_stage.cost @ x == pytest.approx(worst, rel=1e-6)
