import numpy as np
import pytest

from boundwise.core.errors import InputError, SolverError, StageError
from boundwise.instances.checker import check
from boundwise.instances.generators import FAMILIES, generate
from boundwise.instances.instance import Instance

pyscipopt = pytest.importorskip("pyscipopt")

SMALL = {
    "capacitated_facility_location": "customers=6,facilities=4",
    "combinatorial_auction": "items=12,bids=25",
    "generalized_independent_set": "nodes=12",
    "lot_sizing": "products=3,periods=5",
    "maximum_independent_set": "nodes=25,affinity=3",
    "minimum_vertex_cover": "nodes=20,affinity=3,max_weight=9",
    "multiple_knapsack": "items=9,knapsacks=3",
    "set_cover": "rows=12,cols=30,density=0.2",
}


def quiet_model():
    model = pyscipopt.Model("m")
    model.hideOutput()
    return model


@pytest.mark.parametrize("family", FAMILIES)
def test_building_and_extracting_are_inverse(family):
    problem = generate(f"{family}:{SMALL[family]},seed=5")
    back = Instance.from_model(problem.to_model())
    assert back.names == problem.names
    assert back.row_names == problem.row_names
    assert back.sense == problem.sense
    assert (back.matrix != problem.matrix).nnz == 0
    for part in ("objective", "row_lower", "row_upper", "lower", "upper", "is_integer"):
        np.testing.assert_array_equal(getattr(back, part), getattr(problem, part))


@pytest.mark.parametrize("family", FAMILIES)
def test_scip_and_the_checker_agree_on_optimal_solutions(family):
    problem = generate(f"{family}:{SMALL[family]},seed=6")
    model = problem.to_model()
    model.optimize()
    assert model.getStatus() == "optimal"
    x = np.array([model.getVal(v) for v in model.getVars()])
    report = check(problem, x, objective=model.getObjVal())
    assert report.strict, report.failures


def test_logical_constraints_become_rows_and_negations_are_resolved():
    model = quiet_model()
    x, y = (model.addVar(n, vtype="B") for n in "xy")
    model.addConsLogicor([x, y], name="lo")
    model.addConsKnapsack([x, y], [2, 3], 4, name="kn")
    model.addConsIndicator(x + y <= 1, binvar=y, activeone=False, name="ind")
    model.addCons(x * y <= 3, name="q")
    model.addObjoffset(2.5)
    before = model.getNVars(), model.getNConss()
    problem = Instance.from_model(model)
    assert (model.getNVars(), model.getNConss()) == before
    rows = dict(zip(problem.row_names, problem.matrix.toarray(), strict=True))
    names = problem.names
    assert rows["lo"][[names.index("x"), names.index("y")]].tolist() == [1, 1]
    assert rows["kn"][[names.index("x"), names.index("y")]].tolist() == [2, 3]
    assert problem.row_upper[problem.row_names.index("kn")] == 4
    (indicator,) = problem.indicators
    assert (indicator.binary, indicator.value) == (names.index("y"), 0)
    assert problem.unchecked == ("q (nonlinear)",)
    assert problem.offset == 2.5
    with pytest.raises(SolverError, match="nonlinear"):
        problem.to_model()


def test_user_cuts_need_not_hold():
    model = quiet_model()
    x = model.addVar("x", ub=5)
    model.addCons(x <= 1, name="cut", check=False, enforce=False)
    model.addCons(x <= 4, name="row")
    assert Instance.from_model(model).row_names == ("row",)


def test_wrong_stages_and_things_are_refused():
    with pytest.raises(InputError, match=r"pyscipopt\.Model"):
        Instance.from_model("model")
    with pytest.raises(InputError, match="no variables"):
        Instance.from_model(quiet_model())
    model = quiet_model()
    model.addVar("x", obj=1)
    model.optimize()
    with pytest.raises(StageError, match="problem stage"):
        Instance.from_model(model)


def test_a_changed_file_does_not_change_the_model(tmp_path):
    problem = generate("set_cover:rows=12,cols=30,density=0.2,seed=1")
    path = tmp_path / "a.mps"
    problem.write_mps(path)
    from boundwise.instances.reader import read

    again = read(path)
    path.write_text(path.read_text().replace(" x3 ", " other "))
    model = again.to_model()
    assert tuple(v.name for v in model.getVars()) == again.names


@pytest.mark.parametrize("value", [0, 1])
def test_special_constraints_hold_in_the_built_model(tmp_path, value):
    from boundwise.instances.mps.reader import parse_mps

    text = f"""NAME t
OBJSENSE
 MAX
ROWS
 N c
 L i
 L w
COLUMNS
 M 'MARKER' 'INTORG'
 b c {5 if value else -5}
 k c 1 w 1
 M 'MARKER' 'INTEND'
 x c 1 i 1
 y c 2
 s c -1
RHS
 t i 4 w 3
BOUNDS
 UP q k 9
 UP q x 9
 UP q y 9
 LO q s 3
 SC q s 8
SOS
 S1 one
    x 1
    y 2
INDICATORS
 IF i b {value}
 IF w b {value}
ENDATA
"""
    problem = parse_mps(text, "t.mps")
    model = problem.to_model()
    n = problem.n_variables
    assert tuple(v.name for v in model.getVars()[:n]) == problem.names
    model.optimize()
    x = np.array([model.getVal(v) for v in model.getVars()[:n]])
    report = check(problem, x, objective=model.getObjVal())
    assert report.strict, report.failures
    assert model.getObjVal() == pytest.approx(27 if value else 22)
