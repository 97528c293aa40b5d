"""One test for each defect that was found and mended in MIP runs."""

import math
from dataclasses import replace

import numpy as np
import pytest
from pyscipopt import Model
from scipy import sparse

import boundwise
import boundwise.solvers.mip.search as search_module
import boundwise.solvers.mip.solve as solve_module
from boundwise.core.errors import InputError
from boundwise.core.interrupt import Interrupter
from boundwise.core.limits import Deadline, Limits
from boundwise.core.status import Status, Termination
from boundwise.core.trace import Trace
from boundwise.heuristics.scip.effort import WorkMeter
from boundwise.instances.checker import check
from boundwise.instances.generators import generate
from boundwise.instances.instance import Instance
from boundwise.solvers.mip.presolved import PresolvedProblem
from boundwise.solvers.mip.search import Search
from boundwise.solvers.mip.start import StartWarning


def knapsacks(n, m):
    """Return a multi-dimensional knapsack with random weights."""
    rng = np.random.default_rng(4)
    weights = rng.integers(10, 100, size=(m, n)).astype(float)
    return Instance(
        name=f"knapsacks-{n}-{m}",
        objective=weights.mean(axis=0).round() + rng.integers(0, 20, size=n),
        matrix=sparse.csr_array(weights),
        row_lower=np.full(m, -np.inf),
        row_upper=np.floor(0.5 * weights.sum(axis=1)),
        lower=np.zeros(n),
        upper=np.ones(n),
        is_integer=np.ones(n, dtype=bool),
        names=tuple(f"x{j}" for j in range(n)),
        row_names=tuple(f"r{i}" for i in range(m)),
        sense="maximize",
    )


@pytest.mark.parametrize("method", ["lns", "scip"])
def test_the_variables_of_an_instance_may_stand_in_any_order(method):
    # SCIP would put y, an integer, before the continuous x.
    instance = Instance(
        name="mixed-order",
        objective=np.array([1.0, 2.0]),
        matrix=sparse.csr_array(np.array([[2.0, 1.0]])),
        row_lower=np.array([-np.inf]),
        row_upper=np.array([8.5]),
        lower=np.zeros(2),
        upper=np.array([9.0, 3.0]),
        is_integer=np.array([False, True]),
        names=("x", "y"),
        row_names=("r",),
        sense="maximize",
    )
    result = boundwise.solve(instance, method=method, start=[1.0, 3.0])
    assert result.status is Status.OPTIMAL
    assert result.x == pytest.approx([2.75, 3.0])
    twins = replace(instance, names=("x", "x"))
    with pytest.raises(InputError, match="two variables of one name"):
        boundwise.solve(twins, method=method)


def test_objectives_keep_their_digits_beside_a_large_offset():
    base = knapsacks(30, 2)
    costs = 0.357 * np.random.default_rng(1).integers(10**6, 10**7, size=30)
    instance = replace(base, objective=costs, offset=1e12)
    model = instance.to_model()
    with Interrupter(Deadline(60.0)) as interrupter:
        problem = PresolvedProblem(model, model.getVars(), interrupter, WorkMeter())
        assert problem.presolve(30.0)
        view = problem.view()
        x = problem.to_original(view.upper)
        told = problem.to_user(float(view.objective @ view.upper))
    assert told == pytest.approx(costs @ x + 1e12, abs=0.1, rel=0.0)


@pytest.mark.parametrize("twins", [False, True])
def test_values_of_the_users_variables_are_those_that_scip_tells(twins):
    model = Model()
    model.hideOutput()
    x = [model.addVar("x" if twins else f"x{j}", "I", 0, 9) for j in range(12)]
    rng = np.random.default_rng(2)
    model.addCons(x[0] + x[1] == 9)  # one replaces the other
    model.addCons(x[2] == 4)
    model.addCons(x[3] == 2 * x[4] + 1)
    for _ in range(6):
        row = sum(int(a) * v for a, v in zip(rng.integers(1, 9, 12), x, strict=True))
        model.addCons(row <= 150)
    model.setObjective(-sum(x))
    with Interrupter(Deadline(60.0)) as interrupter:
        problem = PresolvedProblem(model, x, interrupter, WorkMeter())
        assert problem.presolve(30.0)
        active = model.getVars(transformed=True)
        assert 0 < len(active) < len(x)
        for _ in range(20):
            values = rng.integers(0, 10, len(active)).astype(float)
            solution = model.createSol()
            for variable, value in zip(active, values, strict=True):
                model.setSolVal(solution, variable, value)
            told = [model.getSolVal(solution, variable) for variable in x]
            assert problem.to_original(values).tolist() == told
            back = problem.from_original(np.array(told))
            assert (back is None) == twins
            if back is not None:
                assert back.tolist() == values.tolist()


@pytest.mark.parametrize("method", ["lns", "scip"])
def test_what_the_checker_refuses_of_a_presolved_problem_is_an_error(
    monkeypatch, method
):
    monkeypatch.setattr(Search, "_verify", lambda self, x: None)
    result = boundwise.solve(knapsacks(3, 1), method=method)
    assert result.status is Status.UNKNOWN
    assert result.termination is Termination.ERROR


def test_a_start_that_only_tolerances_allow_proves_nothing():
    # To SCIP, y = 1e-7 is an integer and opens x; the objective would be 1e-7.
    model = Model()
    model.hideOutput()
    y = model.addVar("y", vtype="B")
    x = model.addVar("x", lb=0.05, ub=1e6)
    model.addCons(x <= 1e6 * y)
    model.setObjective(1e3 * y)
    with pytest.warns(StartWarning):
        result = boundwise.solve(model, start={"y": 1e-7, "x": 0.1})
    assert result.status is Status.OPTIMAL
    assert result.objective == pytest.approx(1e3)


@pytest.mark.parametrize("name", ["limits/time", "limits/gap"])
def test_options_that_arguments_would_overwrite_are_refused(name):
    with pytest.raises(InputError, match="solver_options must not have"):
        boundwise.solve(knapsacks(5, 1), solver_options={name: 0.5})


@pytest.mark.parametrize("method", ["lns", "scip"])
def test_the_model_of_a_run_is_freed_also_after_an_error(monkeypatch, method):
    freed = []
    instance = knapsacks(12, 3)

    class Counted(Model):
        def free(self):
            freed.append(self)
            super().free()

    copied = Counted(sourceModel=instance.to_model(), origcopy=True)
    copied.hideOutput()
    monkeypatch.setattr(solve_module, "load", lambda problem: (instance, copied))

    def fail(event):
        raise RuntimeError("from the callback")

    with pytest.raises(RuntimeError, match="from the callback"):
        boundwise.solve(instance, method=method, callback=fail)
    assert any(model is copied for model in freed)


def test_a_nonlinear_problem_is_never_repaired_by_the_linear_rows(monkeypatch):
    def repair(*arguments):
        raise AssertionError("the LP does not know the nonlinear constraint")

    def refuse(instance, x):
        return replace(check(instance, x), strict=False)

    monkeypatch.setattr(search_module, "complete_continuous", repair)
    monkeypatch.setattr(search_module, "check", refuse)
    model = Model()
    model.hideOutput()
    x, y = model.addVar("x", vtype="I", ub=4), model.addVar("y", ub=3)
    model.addCons(x * x + y * y <= 10)
    model.setObjective(x + y, "maximize")
    result = boundwise.solve(model, time_limit=5.0, method="scip")
    assert result.x is None
    assert result.stats["rejected_solutions"] > 0


def make_search(sense="minimize"):
    instance = Instance(
        name="line",
        objective=np.ones(1),
        matrix=sparse.csr_array(np.ones((1, 1))),
        row_lower=np.array([-np.inf]),
        row_upper=np.array([np.inf]),
        lower=np.zeros(1),
        upper=np.full(1, np.inf),
        is_integer=np.ones(1, dtype=bool),
        names=("x",),
        row_names=("r",),
        sense=sense,
    )
    limits = Limits()
    deadline = limits.start()
    return Search(
        instance,
        limits,
        deadline,
        Interrupter(deadline),
        WorkMeter(),
        Trace(deadline),
    )


def test_a_verified_solution_voids_a_bound_that_it_contradicts():
    search = make_search()
    search.raise_user_bound(5.0, "wrong")
    assert search.offer_original(np.array([3.0]), "right")
    assert search.bounds_refuted
    assert search.bound == -math.inf
    search.raise_user_bound(2.0, "wrong")
    search.close_gap_at(3.0, "wrong")
    assert search.bound == -math.inf
    assert not search.is_converged


def test_a_bound_beyond_the_incumbent_by_rounding_is_cut_back():
    search = make_search()
    assert search.offer_original(np.array([3.0]), "right")
    search.raise_user_bound(3.0 + 1e-7, "rounded")
    assert search.bound == 3.0
    assert search.is_converged
    assert not search.bounds_refuted


def test_a_solution_that_runs_off_to_infinity_voids_all_bounds():
    search = make_search("maximize")
    search.raise_user_bound(1e9, "tree")
    assert search.offer_original(np.array([1e9]), "tree")
    search.close_gap_at(1e9, "tree")
    assert search.bounds_refuted
    assert search.bound == math.inf
    assert not search.is_converged


def test_no_optimum_is_claimed_where_the_root_lp_is_unbounded():
    # SCIP's emphasised search ends this unbounded problem with status optimal.
    unbounded = Instance(
        name="ray",
        objective=np.array([-9.0, -7.0, -3.0, -1.0, -5.0, 8.0]),
        matrix=sparse.csr_array(
            np.array(
                [
                    [5.38, 7.01, 0.0, 0.0, -1.62, -8.97],
                    [-3.88, -5.9, 0.0, 7.64, -1.33, -7.25],
                    [0.0, -7.61, 0.0, 6.06, -3.69, 0.0],
                    [-1.84, 3.79, 0.0, 0.0, -7.69, -7.63],
                    [5.11, 0.0, 2.53, 3.86, 2.71, -1.16],
                ]
            )
        ),
        row_lower=np.array([-6.0, -66.0, -47.0, -38.0, -3.44]),
        row_upper=np.array([np.inf, np.inf, np.inf, -29.0, -3.44]),
        lower=np.array([-np.inf, -np.inf, -np.inf, -7.0, 1.0, 0.0]),
        upper=np.array([9.0, 9.0, np.inf, np.inf, np.inf, 1.0]),
        is_integer=np.array([True, True, True, True, False, True]),
        names=tuple("abcdef"),
        row_names=tuple("vwxyz"),
        sense="maximize",
        offset=1e9,
    )
    result = boundwise.solve(unbounded, time_limit=20.0)
    assert result.status in {Status.FEASIBLE, Status.UNBOUNDED}
    assert result.bound == math.inf


@pytest.mark.parametrize("method", ["lns", "scip"])
def test_freeing_the_model_does_not_raise_the_bound(method):
    # When nodes are deleted, SCIP reports a dual bound that rises to the incumbent.
    cover = generate("minimum_vertex_cover:nodes=1000,seed=1")
    result = boundwise.solve(cover, method=method, time_limit=2.0)
    assert result.status is Status.FEASIBLE
    assert result.gap > 1e-6
    assert result.trace[-1].bound == result.bound
    assert result.trace[-1].seconds <= 2.5
