"""The start hands over feasible solutions and can be continued."""

import math

import numpy as np
import pytest
from pyscipopt import Model, quicksum

from boundwise.core.interrupt import Interrupter
from boundwise.core.limits import Deadline
from boundwise.heuristics.protocols import Start, StartContext
from boundwise.heuristics.scip.effort import WorkMeter
from boundwise.heuristics.starts.feasibility_emphasis import FeasibilityEmphasis

WEIGHTS = np.random.default_rng(0).integers(10, 60, (6, 30)).astype(float)


@pytest.fixture
def source():
    """Return a presolved covering problem."""
    model = Model()
    model.hideOutput()
    model.setParam("heuristics/trivial/freq", -1)
    columns = [model.addVar(vtype="B", name=f"x{j}") for j in range(30)]
    for row in WEIGHTS:
        terms = (float(w) * x for w, x in zip(row, columns, strict=True))
        model.addCons(quicksum(terms) >= 400.5)
    model.setObjective(quicksum(columns))
    model.presolve()
    assert model.getStage() == 7
    return model


def context(source, interrupter, found, **changes):
    fields = {
        "source": source,
        "problem": None,
        "seconds": 10.0,
        "work": math.inf,
        "memory": None,
        "seed": 3,
        "interrupter": interrupter,
        "meter": WorkMeter(),
        "on_solution": found.append,
        "until": lambda: False,
    }
    return StartContext(**(fields | changes))


def test_every_solution_handed_over_is_feasible_and_the_last_is_the_optimum(source):
    start = FeasibilityEmphasis()
    assert isinstance(start, Start)
    found: list[np.ndarray] = []
    with Interrupter(Deadline()) as interrupter:
        start.run(context(source, interrupter, found))
    assert found
    for x in found:
        assert (WEIGHTS @ x >= 400.5 - 1e-6).all()
    assert start.tree is not None
    assert start.tree.is_finished
    source.optimize()
    assert found[-1].sum() == pytest.approx(source.getObjVal())
    start.tree.free()


def test_a_second_run_continues_the_same_tree():
    # A market split problem: nobody finishes it with so little work.
    model = Model()
    model.hideOutput()
    columns = [model.addVar(vtype="B", name=f"x{j}") for j in range(40)]
    weights = np.random.default_rng(1).integers(0, 100, (4, 40)).astype(float)
    for row in weights:
        more, less = model.addVar(obj=1.0), model.addVar(obj=1.0)
        terms = quicksum(float(w) * x for w, x in zip(row, columns, strict=True))
        model.addCons(terms + more - less == row.sum() // 2)
    model.presolve()
    start = FeasibilityEmphasis()
    meter = WorkMeter(1e6)
    with Interrupter(Deadline()) as interrupter:
        used, bounds, trees = [], [], []
        for _ in range(4):
            start.run(context(model, interrupter, [], meter=meter, work=0.5))
            assert start.tree is not None
            assert not start.tree.is_finished
            used.append(meter.used)
            bounds.append(start.tree.bound)
            trees.append(start.tree)
    assert all(tree is trees[0] for tree in trees)
    assert np.diff(used).min() >= 0.5
    # A new tree would have to pay for its root again.
    assert used[-1] < 4 * used[0] + 4.0
    assert bounds == sorted(bounds)
    trees[0].free()
