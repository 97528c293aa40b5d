"""Slices end when they should, and no exception is lost inside SCIP."""

import math
import time

import pyscipopt
import pytest

from boundwise.core.errors import InputError, SolverError
from boundwise.core.interrupt import Interrupter
from boundwise.core.limits import Deadline
from boundwise.heuristics.scip.drive import Driver
from boundwise.heuristics.scip.effort import WorkMeter

BESTSOLFOUND = pyscipopt.SCIP_EVENTTYPE.BESTSOLFOUND


@pytest.fixture
def hard(market_split):
    return market_split().model()


def raise_this(error):
    def action(_model=None):
        raise error

    return action


@pytest.mark.parametrize("error", [ZeroDivisionError, KeyboardInterrupt, SystemExit])
def test_an_exception_in_an_action_ends_the_slice_and_is_raised(
    hard, interrupter, error
):
    driver = Driver(hard, interrupter, WorkMeter())
    driver.on(BESTSOLFOUND, raise_this(error("boom")))
    began = time.monotonic()
    with pytest.raises(error, match="boom"):
        driver.run(20.0, math.inf)
    assert time.monotonic() - began < 3.0


def test_after_an_exception_the_model_can_go_on(hard, interrupter):
    driver = Driver(hard, interrupter, WorkMeter())
    n_calls = []

    def once(_model):
        n_calls.append(1)
        if len(n_calls) == 1:
            raise ValueError

    driver.on(BESTSOLFOUND, once)
    with pytest.raises(ValueError):  # noqa: PT011
        driver.run(20.0, math.inf)
    assert driver.run(0.3, math.inf) == "timelimit"


def test_until_ends_the_slice(hard, interrupter):
    driver = Driver(hard, interrupter, WorkMeter())
    began = time.monotonic()
    status = driver.run(20.0, math.inf, lambda: time.monotonic() - began > 0.3)
    assert status == "userinterrupt"
    assert 0.3 < time.monotonic() - began < 1.5


def test_an_exception_in_until_is_raised_too(hard, interrupter):
    driver = Driver(hard, interrupter, WorkMeter())
    with pytest.raises(ZeroDivisionError):
        driver.run(20.0, math.inf, lambda: 1 // 0 == 0)


def test_seconds_are_those_of_each_slice(hard, interrupter):
    driver = Driver(hard, interrupter, WorkMeter())
    for _ in range(3):
        began = time.monotonic()
        assert driver.run(0.2, math.inf) == "timelimit"
        assert time.monotonic() - began == pytest.approx(0.2, abs=0.15)


def test_a_slice_of_work_ends_soon_after_its_work_and_is_charged(hard, interrupter):
    meter = WorkMeter(1000.0)
    driver = Driver(hard, interrupter, meter)
    for _ in range(3):
        before = meter.used
        assert driver.run(20.0, 1.0, raise_this(AssertionError)) == "userinterrupt"
        assert 1.0 <= meter.used - before < 3.0


def test_the_deadline_of_the_run_stops_a_slice_that_has_longer(hard):
    with Interrupter(Deadline(0.3), grace=0.1) as interrupter:
        driver = Driver(hard, interrupter, WorkMeter())
        began = time.monotonic()
        assert driver.run(20.0, math.inf) == "userinterrupt"
        assert time.monotonic() - began < 1.0


class Failing(pyscipopt.Model):
    def optimizeNogil(self):  # noqa: N802
        raise Exception("SCIP: error in LP solver!")


def test_a_failure_of_scip_is_a_solver_error(interrupter):
    driver = Driver(Failing(), interrupter, WorkMeter())
    with pytest.raises(SolverError, match="error in LP solver"):
        driver.run(5.0, math.inf)


def test_the_error_of_an_action_comes_before_that_of_scip(interrupter):
    driver = Driver(Failing(), interrupter, WorkMeter())
    driver.fail(KeyError("first"))
    with pytest.raises(KeyError, match="first"):
        driver.run(5.0, math.inf)


@pytest.mark.parametrize("value", [math.nan, -1.0])
def test_a_slice_is_not_negative_and_not_nan(hard, interrupter, value):
    driver = Driver(hard, interrupter, WorkMeter())
    for name, arguments in (("seconds", (value, math.inf)), ("work", (1.0, value))):
        with pytest.raises(InputError, match=f"{name} must be a non-negative number"):
            driver.run(*arguments)
    assert hard.getStage() == 1
