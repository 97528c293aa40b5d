"""Parameters read back after all emphasis calls are the intended ones."""

import pyscipopt
import pytest

from boundwise.core.errors import InputError
from boundwise.heuristics.scip import settings
from boundwise.heuristics.scip.transfer import make_quiet


@pytest.fixture
def model():
    made = pyscipopt.Model()
    made.addVar()
    make_quiet(made)
    return made


def test_lns_settings_read_back(model):
    settings.use_lns_settings(model)
    expected = {
        "branching/inference/priority": 1_000_000,
        "nodeselection/estimate/stdpriority": 1_000_000,
        "conflict/enable": True,
        "conflict/useboundlp": "o",
        "conflict/maxstoresize": 100,
        "lp/checkdualfeas": False,
        "misc/usesymmetry": 0,
        "misc/catchctrlc": False,
    }
    assert {name: model.getParam(name) for name in expected} == expected


def test_a_sub_mip_separates_nothing(model):
    settings.use_lns_settings(model)
    names = [
        name
        for name in model.getParams()
        if (name.startswith("separating/") and name.endswith("/freq"))
        or name in {"constraints/knapsack/sepafreq", "constraints/linear/sepafreq"}
    ]
    assert len(names) > 10
    assert [name for name in names if model.getParam(name) != -1] == []


def test_a_sub_mip_runs_no_heuristic_that_solves_sub_mips(model):
    settings.use_lns_settings(model)
    names = [
        name.split("/")[1]
        for name in model.getParams()
        if name.startswith("heuristics/") and name.endswith("/nodesquot")
    ]
    assert "rins" in names
    on = [n for n in names if model.getParam(f"heuristics/{n}/freq") >= 0]
    assert on == []


def test_feasibility_emphasis_reads_back_and_spares_what_was_set(model):
    settings.set_seed(model, 7)
    model.setParam("limits/time", 33.0)
    settings.use_feasibility_emphasis(model)
    expected = {
        "heuristics/feaspump/freq": 1,
        "misc/catchctrlc": False,
        "limits/time": 33.0,
        "randomization/randomseedshift": 7,
    }
    assert {name: model.getParam(name) for name in expected} == expected


@pytest.mark.parametrize(
    ("seed", "shift"),
    [
        (0, 0),
        (5, 5),
        (2**31 - 2, 2**31 - 2),
        (2**31 - 1, 0),
        (2**63, 2),
        (-1, 2**31 - 2),
    ],
)
def test_every_seed_is_a_seed_of_scip(model, seed, shift):
    settings.set_seed(model, seed)
    assert model.getParam("randomization/randomseedshift") == shift


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("limits/nodes", 7),
        ("limits/time", 3),
        ("limits/gap", 0.125),
        ("branching/scorefunc", "s"),
        ("misc/usesymmetry", 0),
        ("conflict/enable", False),
    ],
)
def test_options_are_set(model, name, value):
    settings.apply_options(model, {name: value})
    assert model.getParam(name) == value


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("no/such/parameter", 1),
        ("limits/nodes", 1.7),
        ("limits/nodes", "many"),
        ("limits/nodes", "7"),
        ("limits/nodes", None),
        ("limits/gap", -1.0),
        ("limits/time", float("nan")),
        ("conflict/enable", 2),
        ("branching/scorefunc", "x"),
        (5, 5),
    ],
)
def test_options_that_scip_refuses_or_would_change_are_named(model, name, value):
    with pytest.raises(InputError, match="solver_options"):
        settings.apply_options(model, {name: value})
