"""What is remembered of a tree search is in its own space: minimised, by position."""

import numpy as np
import pytest

from boundwise.heuristics.bandits.factory import make_policy
from boundwise.heuristics.protocols import Ending
from boundwise.heuristics.scheduling.arm import ArmRun
from boundwise.heuristics.scheduling.scheduler import Scheduler
from boundwise.heuristics.scip.rows import linear_mip
from boundwise.heuristics.scip.share import WorkShare
from tests.heuristics.dives.conftest import random_mip, scip_model


class Look:
    """An arm that runs an action once, when there is an incumbent."""

    name = "look"

    def __init__(self, action):
        self.action = action
        self.seen = None

    def is_available(self, node):
        return self.seen is None and node.view.incumbent is not None

    def run(self, node):
        self.seen = self.action(node)
        return ArmRun(Ending.LIMIT)


@pytest.mark.parametrize("sense", ["minimize", "maximize"])
def test_root_and_state_are_those_of_the_minimised_problem(sense):
    def look(node):
        state, view = node.memory.state(), node.view
        return state, view.global_bounds(), node.model.getUpperbound(), view.values()

    arm = Look(look)
    model = scip_model(*random_mip(6, n=24, m=12), sense=sense)
    model.addObjoffset(500.0)
    scheduler = Scheduler(
        [arm],
        make_policy("uniform", 1),
        np.random.default_rng(0),
        share=WorkShare(0.5, 100.0),
        make_rows=linear_mip,
    )
    scheduler.attach(model)
    model.optimizeNogil()
    assert scheduler.statistics[0].error is None
    assert arm.seen is not None
    state, (lower, upper), upperbound, lp_values = arm.seen
    problem, root = state.problem, state.relaxation
    assert problem.objective @ state.current == pytest.approx(upperbound)
    assert state.best_objective == pytest.approx(upperbound)
    np.testing.assert_array_equal(state.pool[0], state.current)
    np.testing.assert_array_equal(state.node_relaxation.values, lp_values)
    assert root.objective <= state.best_objective + 1e-6
    # A variable that costs something stands at its lower bound, and the reverse.
    costs, values = root.reduced_costs, root.values
    assert np.abs(costs).max() > 1e-6
    assert (values[costs > 1e-6] <= lower[costs > 1e-6] + 1e-6).all()
    assert (values[costs < -1e-6] >= upper[costs < -1e-6] - 1e-6).all()
