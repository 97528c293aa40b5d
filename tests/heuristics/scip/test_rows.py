"""The rows of a presolved model are those that SCIP itself writes to a file."""

import math
import os
import time
from pathlib import Path

import numpy as np
import pytest
from pyscipopt import Model, quicksum

from boundwise.core.errors import InputError, StageError
from boundwise.heuristics.linear import LinearMip
from boundwise.heuristics.scip.rows import linear_mip
from boundwise.instances.reader import read

INF = math.inf


def quiet(*, presolve=True):
    model = Model()
    model.hideOutput()
    for name in ("heuristics/trivial/freq", "heuristics/shiftandpropagate/freq"):
        model.setParam(name, -1)
    if not presolve:
        model.setParam("presolving/maxrounds", 0)
        model.setParam("propagating/maxroundsroot", 0)
    return model


def kinds(model):
    return {c.getConshdlrName() for c in model.getConss(transformed=True)}


def agree_with_the_written_file(model, folder, n_points=50):
    """Compare with what SCIP writes and our own reader reads, point by point."""
    mip = linear_mip(model)
    assert mip is not None
    path = folder / "written.mps"
    model.writeProblem(str(path), trans=True, verbose=False)
    instance = read(path)
    written = LinearMip.from_instance(instance)
    active = [v.name for v in model.getVars(transformed=True)]
    place = {name: j for j, name in enumerate(active)}
    # SCIP also writes rows that it does not check, since the others imply them.
    row_of = {name: i for i, name in enumerate(instance.row_names)}
    checked = [
        row_of[c.name] for c in model.getConss(transformed=True) if c.isChecked()
    ]
    rng = np.random.default_rng(0)
    for _ in range(n_points):
        span = np.minimum(mip.upper, mip.lower + 20.0)
        x = np.round(rng.uniform(np.maximum(mip.lower, -20.0), span))
        there = np.clip(1.0, written.lower, written.upper)
        for k, name in enumerate(instance.names):
            if name in place:
                there[k] = x[place[name]]
            elif name.endswith("_neg"):
                there[k] = 1.0 - x[place[name.removesuffix("_neg")]]
        assert mip.is_feasible(x) == written.is_feasible(there)
        theirs = written.violations(there)[checked]
        assert mip.violations(x) == pytest.approx(theirs)
    return mip


def test_rows_of_every_linear_kind_agree_with_the_written_file(tmp_path):
    model = quiet()
    rng = np.random.default_rng(3)
    x = [model.addVar(f"x{j}", vtype="B", obj=float(j % 5) - 5.1) for j in range(24)]
    z = [model.addVar(f"z{j}", vtype="I", ub=9, obj=1.3 + j) for j in range(4)]
    y = [model.addVar(f"y{j}", vtype="C", ub=20, obj=-1.0) for j in range(4)]
    for k in range(4):
        model.addCons(quicksum(x[5 * k : 5 * k + 4]) <= 1)
        chosen = rng.choice(24, 7, replace=False)
        model.addCons(quicksum(x[j] for j in chosen) >= 1)
        weights = rng.integers(3, 30, 20).tolist()
        terms = (w * v for w, v in zip(weights, x[:20], strict=True))
        model.addCons(quicksum(terms) <= sum(weights) // 3)
        model.addCons(y[k] - 17.5 * x[k] <= 0)
        model.addCons(2.5 * z[k] + y[k] - y[(k + 1) % 4] - 3 * x[5 + k] >= 2)
    model.addCons(1.5 * z[0] - z[1] + 2 * y[1] - x[9] >= -3.5)
    ranged = model.addCons(z[2] + 3 * z[3] - y[3] + 2 * x[11] <= 19)
    model.chgLhs(ranged, -4.0)
    model.presolve()
    assert {"linear", "setppc", "logicor", "knapsack", "varbound"} <= kinds(model)
    mip = agree_with_the_written_file(model, tmp_path)
    assert mip.is_integer.tolist() == [
        v.vtype() in {"BINARY", "INTEGER"} for v in model.getVars(transformed=True)
    ]
    both = np.isfinite(mip.row_lower) & np.isfinite(mip.row_upper)
    assert both.any()


def with_negated_variables(name):
    """Presolve a model in which SCIP speaks of 1 - x."""
    model = quiet()
    x = [model.addVar(name(j), vtype="B", obj=(-1.0) ** j * (1 + j)) for j in range(12)]
    for k in range(12):
        row = [x[(k + step) % 12] for step in (0, 1, 3, 7, 8)]
        model.addCons(row[0] + row[1] + row[2] - row[3] - row[4] >= -1)
    weights = [17, 23, 5, 41, 19, 31, 7, 13, 29, 37, 11, 43]
    model.addCons(quicksum(w * v for w, v in zip(weights, x, strict=True)) <= 140)
    model.presolve()
    assert any(
        v.getStatus() == "NEGATED"
        for c in model.getConss(transformed=True)
        for v in model.getConsVars(c)
    )
    return model


def test_negated_variables_become_one_minus_x(tmp_path):
    model = with_negated_variables("x{}".format)
    mip = agree_with_the_written_file(model, tmp_path)
    assert (mip.matrix.data == -1.0).any()


def test_free_sides_bounds_equalities_and_the_objective_are_kept():
    model = quiet(presolve=False)
    x = model.addVar("x", vtype="I", lb=None, ub=7)
    y = model.addVar("y", vtype="C", lb=None, ub=None)
    model.addCons(2 * x + 3 * y == 5)
    model.addCons(x - y >= -4.5)
    model.setObjective(x - 2 * y, "maximize")
    model.presolve()
    mip = linear_mip(model)
    assert mip is not None
    assert mip.lower.tolist() == [-INF, -INF]
    assert mip.upper.tolist() == [7.0, INF]
    assert mip.objective.tolist() == [-1.0, 2.0]
    assert mip.is_integer.tolist() == [True, False]
    rows = {
        tuple(row): sides
        for row, sides in zip(
            mip.matrix.toarray().tolist(),
            zip(mip.row_lower.tolist(), mip.row_upper.tolist(), strict=True),
            strict=True,
        )
    }
    assert rows == {(2.0, 3.0): (5.0, 5.0), (1.0, -1.0): (-4.5, INF)}


def test_optima_of_the_model_are_feasible_for_the_rows(make_mip, to_original):
    mip = make_mip(5)
    model = mip.presolved()
    rows = linear_mip(model)
    assert rows is not None
    answer = best_of(rows)
    assert mip.value(to_original(model, answer)) == pytest.approx(mip.optimum())


def best_of(rows):
    from scipy import optimize

    answer = optimize.milp(
        rows.objective,
        constraints=optimize.LinearConstraint(
            rows.matrix, rows.row_lower, rows.row_upper
        ),
        bounds=optimize.Bounds(rows.lower, rows.upper),
        integrality=rows.is_integer,
        options={"mip_rel_gap": 0.0},
    )
    assert answer.success
    return np.where(rows.is_integer, np.round(answer.x), answer.x)


def test_constraints_that_are_not_linear_give_none():
    for add in (
        lambda m, x: m.addConsSOS1(x),
        lambda m, x: m.addCons(x[0] * x[0] + x[1] * x[1] <= 9.5),
        lambda m, x: m.addConsIndicator(
            x[0] + x[1] <= 3.5, m.addVar("b", vtype="B", obj=-9.0)
        ),
    ):
        model = quiet(presolve=False)
        x = [model.addVar(f"x{j}", lb=-5, ub=5, obj=-1.0) for j in range(3)]
        model.addCons(quicksum(x) <= 7.5)
        add(model, x)
        model.presolve()
        assert model.getStage() == 7
        assert linear_mip(model) is None


def test_repeated_names_do_not_mislead_negation():
    assert linear_mip(with_negated_variables(lambda j: "same")) is None


def test_a_model_that_is_not_presolved_is_refused():
    with pytest.raises(StageError, match="PRESOLVED"):
        linear_mip(quiet())
    with pytest.raises(InputError, match=r"pyscipopt\.Model, got str"):
        linear_mip("model")


@pytest.mark.slow
def test_half_a_million_nonzeros_take_less_than_two_seconds():
    n, m, length = 50_000, 1_000, 500
    rng = np.random.default_rng(0)
    model = quiet(presolve=False)
    x = [model.addVar(vtype="B", obj=1.0) for _ in range(n)]
    for _ in range(m):
        row = rng.choice(n, length, replace=False).tolist()
        model.addCons(quicksum(x[j] for j in row) >= 2)
    model.presolve()
    started = time.process_time()
    mip = linear_mip(model)
    assert time.process_time() - started < 2.0
    assert mip is not None
    assert mip.n_nonzeros >= m * length


@pytest.mark.parametrize("name", ["timtab1", "b1c1s1", "bg512142"])
def test_rows_of_library_instances_agree_with_the_written_file(name, tmp_path):
    folder = os.environ.get("BOUNDWISE_MIPLIB")
    if folder is None:
        pytest.skip("BOUNDWISE_MIPLIB is not set")
    model = quiet()
    model.readProblem(str(Path(folder) / "instances" / f"{name}.mps.gz"))
    model.presolve()
    agree_with_the_written_file(model, tmp_path, n_points=3)
