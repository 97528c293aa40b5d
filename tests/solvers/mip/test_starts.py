"""The starts of a run, on models of a real run."""

import math

import numpy as np
import pytest
from pyscipopt import SCIP_PARAMSETTING, Model, quicksum

import boundwise
from boundwise.core.interrupt import Interrupter
from boundwise.core.limits import Deadline
from boundwise.core.status import Termination
from boundwise.heuristics.protocols import StartContext
from boundwise.heuristics.scip.effort import WorkMeter
from boundwise.heuristics.scip.tree import TreeSearch
from boundwise.heuristics.starts.objective_free import ObjectiveFree
from boundwise.solvers.mip.presolved import PresolvedProblem


@pytest.mark.parametrize("demand", [40, 200])
def test_the_objective_free_start_finds_a_solution_or_proves_there_is_none(demand):
    rng = np.random.default_rng(0)
    weights = rng.integers(1, 30, size=(3, 12))
    model = Model()
    model.hideOutput()
    x = [model.addVar(f"x{j}", vtype="I", ub=3) for j in range(12)]
    for row in weights:
        model.addCons(quicksum(int(w) * v for w, v in zip(row, x, strict=True)) <= 150)
    model.addCons(
        quicksum(int(w) * v for w, v in zip(weights.sum(axis=0), x, strict=True))
        >= 3 * demand
    )
    model.setObjective(quicksum((j % 3 + 1) * v for j, v in enumerate(x)))
    # Presolving would solve so small a problem.
    model.setPresolve(SCIP_PARAMSETTING.OFF)
    found = []
    with Interrupter(Deadline(60.0)) as interrupter:
        problem = PresolvedProblem(model, model.getVars(), interrupter, WorkMeter())
        assert problem.presolve(10.0)
        context = StartContext(
            source=problem.model,
            problem=problem.view(),
            seconds=20.0,
            work=math.inf,
            memory=None,
            seed=1,
            interrupter=interrupter,
            meter=WorkMeter(),
            on_solution=lambda values: found.append(problem.to_original(values)),
            until=lambda: False,
        )
        start = ObjectiveFree()
        start.run(context)
        assert start.proves_infeasible is (demand == 200)
        start.free()
    assert len(found) == (demand == 40)
    for values in found:
        assert np.all(weights @ values <= 150)
        assert weights.sum(axis=0) @ values >= 3 * demand


def test_the_first_attempt_at_a_root_in_this_process_has_half_the_time(
    monkeypatch, knapsacks
):
    given = []

    def run(self, seconds, work, *, memory, incumbent, until):
        given.append(seconds)
        self._driver._interrupter.request()

    monkeypatch.setattr(TreeSearch, "run", run)
    result = boundwise.solve(knapsacks(60, 5, 3), time_limit=80.0)
    assert result.termination is Termination.INTERRUPTED
    assert given == [pytest.approx(40.0)]
