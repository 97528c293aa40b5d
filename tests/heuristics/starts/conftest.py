"""A presolved assignment problem, and the context in which starts run."""

import math

import numpy as np
import pytest
from pyscipopt import Model, quicksum

from boundwise.core.interrupt import Interrupter
from boundwise.core.limits import Deadline
from boundwise.heuristics.local_search import ready
from boundwise.heuristics.protocols import StartContext
from boundwise.heuristics.scip.effort import WorkMeter


@pytest.fixture(scope="module")
def problem():
    """Return an assignment problem with knapsacks and one amount for each."""
    rng = np.random.default_rng(2)
    jobs, machines = 12, 4
    weights = rng.integers(5, 20, (machines, jobs)).tolist()
    model = Model()
    model.hideOutput()
    for name in ("trivial", "shiftandpropagate"):
        model.setParam(f"heuristics/{name}/freq", -1)
    x = [
        [model.addVar(f"x{i}_{j}", vtype="B", obj=weights[i][j]) for j in range(jobs)]
        for i in range(machines)
    ]
    y = [model.addVar(f"y{i}", ub=80.0, obj=2.0) for i in range(machines)]
    for j in range(jobs):
        model.addCons(quicksum(x[i][j] for i in range(machines)) == 1)
    for i in range(machines):
        used = quicksum(w * v for w, v in zip(weights[i], x[i], strict=True))
        model.addCons(used - y[i] <= 10.5)
    model.presolve()
    assert model.getStage() == 7
    return model


def make_context(source, interrupter, found, **changes):
    fields = {
        "source": source,
        "problem": None,
        "seconds": 30.0,
        "work": math.inf,
        "memory": None,
        "seed": 3,
        "interrupter": interrupter,
        "meter": WorkMeter(),
        "on_solution": found.append,
        "until": lambda: False,
    }
    return StartContext(**(fields | changes))


@pytest.fixture
def interrupter():
    """Return an entered interrupter without a deadline."""
    with Interrupter(Deadline()) as entered:
        yield entered


def accepted_by_scip(model, values):
    solution = model.createSol()
    for variable, value in zip(model.getVars(transformed=True), values, strict=True):
        model.setSolVal(solution, variable, float(value))
    return model.checkSol(solution, original=True)


@pytest.fixture(name="context")
def _context():
    # A start whose loops are still being compiled at its limit finds nothing.
    assert ready.loop.wait()
    assert ready.propagation.wait()
    return make_context


@pytest.fixture(name="accepts")
def _accepts():
    return accepted_by_scip
