"""Work counts what SCIP did, seconds count the processor, never the clock."""

import math
import time

import pytest

from boundwise.heuristics.scip.effort import WorkMeter, work_of


def test_work_of_a_finished_solve_is_its_iterations_and_nodes(make_mip):
    model = make_mip(0).model()
    assert work_of(model) == pytest.approx(0.1)
    model.optimize()
    expected = 0.1 + model.getNLPIterations() / 1000 + model.getNTotalNodes() / 100
    assert work_of(model) == pytest.approx(expected)
    assert work_of(model) > 0.1


def test_a_meter_runs_down_and_never_below_zero():
    meter = WorkMeter(2.0)
    watch = meter.stopwatch()
    assert meter.is_limited
    meter.charge(1.5)
    assert meter.remaining() == 0.5
    assert watch.effort() == 1.5
    assert not meter.expired()
    meter.charge(1.0)
    assert meter.remaining() == 0.0
    assert meter.expired()


def test_without_a_limit_effort_is_time_of_the_processor():
    meter = WorkMeter()
    assert not meter.is_limited
    assert meter.remaining() == math.inf
    watch = meter.stopwatch()
    meter.charge(50.0)
    time.sleep(0.05)
    idle = watch.effort()
    end = time.thread_time() + 0.05
    while time.thread_time() < end:
        pass
    assert idle < 0.03
    assert watch.effort() - idle == pytest.approx(0.05, abs=0.02)
    assert not meter.expired()
