"""Other solvers as partners of a run."""

import numpy as np
import pytest
from scipy import sparse

import boundwise
from boundwise.core.errors import InputError
from boundwise.core.status import Status
from boundwise.heuristics.engines.cp_sat import CpSat
from boundwise.instances.checker import check
from boundwise.instances.instance import Instance
from boundwise.solvers.mip.team import ENGINES, choose_engines


@pytest.mark.parametrize("threads", [1, pytest.param(2, marks=pytest.mark.slow)])
def test_an_engine_takes_turns_and_its_solutions_are_checked(knapsacks, threads):
    instance = knapsacks(100, 12, 1)
    result = boundwise.solve(
        instance, time_limit=6.0, threads=threads, engines=("scip", "cp-sat")
    )
    assert result.partners["cp-sat"]["turns"] > 0
    assert result.stats["absent"] == {}
    assert check(instance, result.x, objective=result.objective).strict
    assert result.bound >= result.objective


def test_an_engine_that_proves_ends_the_run():
    # No way to place 11 pairs into 10 slots: the bound of the tree is useless.
    n, k = 9, 8
    rows = [
        np.kron(np.eye(n), np.ones(k)),
        -np.kron(np.ones(n), np.eye(k)),
    ]
    instance = Instance(
        name="pigeons",
        objective=np.zeros(n * k),
        matrix=sparse.csr_array(np.vstack(rows)),
        row_lower=np.concatenate([np.ones(n), -np.ones(k)]),
        row_upper=np.full(n + k, np.inf),
        lower=np.zeros(n * k),
        upper=np.ones(n * k),
        is_integer=np.ones(n * k, dtype=bool),
        names=tuple(f"x{j}" for j in range(n * k)),
        row_names=tuple(f"r{i}" for i in range(n + k)),
        sense="minimize",
    )
    result = boundwise.solve(instance, time_limit=30.0)
    assert result.status is Status.INFEASIBLE


@pytest.mark.slow
def test_an_engine_that_fails_does_not_end_the_run(knapsacks, monkeypatch):
    broken = CpSat(parameters="no such: 1", improvement="no such: 1")
    monkeypatch.setitem(ENGINES, "cp-sat", lambda: broken)
    result = boundwise.solve(
        knapsacks(100, 12, 1), time_limit=8.0, engines=("scip", "cp-sat")
    )
    assert result.x is not None
    assert "cp-sat" in result.stats["absent"]


def test_short_runs_start_no_processes(knapsacks):
    result = boundwise.solve(knapsacks(100, 12, 1), time_limit=1.5)
    assert set(result.partners) & set(ENGINES) == set()
    assert set(result.stats["absent"]) == set(ENGINES)


def test_an_engine_stays_away_from_what_it_cannot_read():
    from pyscipopt import Model

    model = Model()
    x = model.addVar(vtype="I", lb=0, ub=40)
    y = model.addVar(vtype="I", lb=0, ub=40)
    model.addCons(x * y >= 60)
    model.addCons(x * x + y * y <= 900)
    model.setObjective(x + 3 * y)
    result = boundwise.solve(model, engines=("scip", "cp-sat"))
    assert result.status is Status.OPTIMAL


@pytest.mark.parametrize(
    "engines", ["scip", ("scip", "magic"), ("cp-sat",), (), ("highs", "highs")]
)
def test_engines_that_make_no_sense_are_named(engines):
    with pytest.raises(InputError, match="engines"):
        choose_engines(engines, reproducible=False)


def test_reproducible_runs_have_scip_alone():
    assert choose_engines("auto", reproducible=True) == ()
    with pytest.raises(InputError, match="work_limit"):
        choose_engines(("scip", "cp-sat"), reproducible=True)
