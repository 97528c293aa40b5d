"""The start finds feasible points before any LP, within its limits."""

import time

import numpy as np
import pytest
from pyscipopt import Model
from scipy.sparse import csr_array

from boundwise.core.errors import InputError
from boundwise.heuristics.linear import LinearMip
from boundwise.heuristics.local_search import ready
from boundwise.heuristics.protocols import Start
from boundwise.heuristics.scip.effort import WorkMeter
from boundwise.heuristics.starts import feasibility_jump
from boundwise.heuristics.starts.feasibility_jump import FeasibilityJump


def test_the_solution_handed_over_is_one_for_scip_too(
    problem, interrupter, context, accepts
):
    start = FeasibilityJump()
    assert isinstance(start, Start)
    found: list[np.ndarray] = []
    start.run(context(problem, interrupter, found))
    assert len(found) == 1
    assert accepts(problem, found[0])
    start.run(context(problem, interrupter, found))
    assert len(found) == 1


def test_a_run_by_work_is_reproducible_and_charged(problem, interrupter, context):
    runs = []
    for _ in range(2):
        found: list[np.ndarray] = []
        meter = WorkMeter(100.0)
        FeasibilityJump().run(
            context(problem, interrupter, found, meter=meter, work=5.0, seconds=0.0)
        )
        runs.append((found[0].tolist(), meter.used))
    assert runs[0] == runs[1]
    assert 0.0 < runs[0][1] <= 5.1


def no_solution():
    rows = csr_array(np.array([[2.0, 2.0, 2.0]]))
    zeros, ones = np.zeros(3), np.ones(3)
    return LinearMip(zeros, ones, ones, ones > 0, rows, zeros[:1] + 3, zeros[:1] + 3)


def test_the_effort_of_all_runs_is_bounded(interrupter, context):
    start = FeasibilityJump(no_solution(), effort=2e6)
    meter = WorkMeter()
    for _ in range(4):
        start.run(context(None, interrupter, [], meter=meter))
    assert 0.2 <= meter.used <= 0.3


def test_the_start_ends_when_the_context_says_so(interrupter, context):
    start = FeasibilityJump(no_solution(), effort=1e15)
    asked = iter([False, True])
    start.run(context(None, interrupter, [], until=lambda: next(asked)))
    assert next(asked, None) is None
    began = time.monotonic()
    start.run(context(None, interrupter, [], seconds=0.3))
    assert 0.2 < time.monotonic() - began < 5.0


def test_limits_do_not_wait_for_the_compiler(monkeypatch, interrupter, context):
    slow = ready.Preparation(lambda: time.sleep(1.5))
    monkeypatch.setattr(feasibility_jump, "loop", slow)
    began = time.monotonic()
    start = FeasibilityJump(no_solution())
    start.run(context(None, interrupter, [], seconds=0.1))
    assert time.monotonic() - began < 1.0
    interrupter.request()
    start.run(context(None, interrupter, []))
    assert time.monotonic() - began < 1.0
    assert slow.wait()


def test_constraints_that_are_not_linear_are_left_alone(interrupter, context):
    model = Model()
    model.hideOutput()
    x = [model.addVar(f"x{j}", lb=-2, ub=2, obj=-1.0) for j in range(2)]
    model.addCons(x[0] * x[0] + x[1] * x[1] <= 3.3)
    model.presolve()
    found: list[np.ndarray] = []
    start = FeasibilityJump()
    for _ in range(2):
        start.run(context(model, interrupter, found))
    assert found == []


def test_an_effort_of_nothing_is_refused():
    with pytest.raises(InputError, match="effort must be a positive number, got 0"):
        FeasibilityJump(effort=0)
