"""SCIP restarts at the root where much is fixed, or when the user says so."""

import math

import pytest

from boundwise.core.errors import InputError
from boundwise.solvers.scheduler.attach import attach
from boundwise.solvers.scheduler.restarts import RootRestarts

PARAMETERS = ("presolving/restartfac", "presolving/immrestartfac")


@pytest.fixture(params=PARAMETERS)
def parameter(request):
    return request.param


def test_attached_heuristics_raise_the_threshold_until_they_are_detached(
    make_model, parameter
):
    model = make_model()
    before = model.getParam(parameter)
    heuristics = attach(model)
    assert model.getParam(parameter) == 0.5
    heuristics.detach()
    assert model.getParam(parameter) == before


def test_an_emphasis_call_afterwards_does_not_bring_the_restarts_back(
    make_model, parameter
):
    model = make_model()
    attach(model, arms=["rins"])
    model.resetParam(parameter)
    model.optimize()
    assert model.getParam(parameter) == 0.5


@pytest.mark.parametrize(
    ("when", "value"), [("before", 0.7), ("after", 0.7), ("before", 0.5)]
)
def test_a_threshold_of_the_user_stays(make_model, parameter, when, value):
    model = make_model()
    if when == "before":
        model.setParam(parameter, value)
    heuristics = attach(model, arms=["rins"])
    if when == "after":
        model.setParam(parameter, value)
    model.optimize()
    heuristics.detach()
    assert model.getParam(parameter) == value


def test_none_leaves_the_restarts_to_scip(make_model, parameter):
    model = make_model()
    before = model.getParam(parameter)
    attach(model, restart_fraction=None)
    assert model.getParam(parameter) == before


def test_what_is_restored_is_what_scip_does_by_itself(make_model, parameter):
    model = make_model()
    restarts = RootRestarts(model, 0.3)
    restarts.spare()
    restarts.restore()
    assert model.getParam(parameter) == make_model().getParam(parameter)


@pytest.mark.parametrize("value", [0.0, -0.1, 1.5, math.nan, math.inf, "0.2", True])
def test_a_fraction_that_makes_no_sense_is_refused(make_model, value):
    with pytest.raises(InputError, match="restart_fraction"):
        attach(make_model(), restart_fraction=value)
