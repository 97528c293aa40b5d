"""The tree in slices is the tree in one run; its bound is never above the optimum."""

import math

import numpy as np
import pytest
from scipy import optimize

from boundwise.core.errors import InputError, StageError
from boundwise.heuristics.scip.effort import WorkMeter
from boundwise.heuristics.scip.transfer import copy_model
from boundwise.heuristics.scip.tree import TreeSearch
from boundwise.solvers.mip.presolved import PresolvedProblem


@pytest.fixture
def plant(interrupter):
    """Return a maker of trees, all freed at the end, and what they find."""
    trees = []

    def make(source, *, meter=None, on_solution=None, **options):
        found = []
        tree = TreeSearch(
            *copy_model(source),
            seed=1,
            interrupter=interrupter,
            meter=meter or WorkMeter(),
            on_solution=on_solution or found.append,
            **options,
        )
        trees.append(tree)
        return tree, found

    yield make
    for tree in trees:
        tree.free()


def optimum_of_copy(source):
    """Return optimum and solution in the space of a copy, by plain SCIP."""
    model, variables = copy_model(source)
    model.optimize()
    assert model.getStatus() == "optimal"
    best = model.getBestSol()
    result = model.getObjVal(), np.array([model.getSolVal(best, v) for v in variables])
    model.free()
    return result


@pytest.mark.parametrize("seed", range(5))
@pytest.mark.parametrize("feasibility", [False, True])
def test_slices_give_the_optimum_and_every_bound_is_valid(
    make_mip, plant, to_original, seed, feasibility
):
    mip = make_mip(
        seed, sense=("minimize", "maximize")[seed % 2], offset=77.0, n=20, m=9
    )
    source = mip.presolved()
    optimum, _ = optimum_of_copy(source)
    tree, found = plant(source, meter=WorkMeter(1e6), feasibility=feasibility)
    bounds = [tree.bound]
    for _ in range(10_000):
        tree.run(10.0, 0.02)
        bounds.append(tree.bound)
        if tree.is_finished:
            break
    tolerance = 1e-6 * abs(optimum)
    assert tree.status == "optimal"
    assert bounds[0] == -math.inf
    assert max(bounds) <= optimum + tolerance
    assert bounds == sorted(bounds)
    assert tree.bound == pytest.approx(optimum)
    assert tree.objective == pytest.approx(optimum)
    assert not tree.proves_infeasible
    assert mip.value(to_original(source, found[-1])) == pytest.approx(mip.optimum())


def test_small_slices_are_many_slices(market_split, plant):
    # Or else the test above would not test resuming.
    tree, _ = plant(market_split().presolved(), meter=WorkMeter(1e6))
    for _ in range(5):
        tree.run(10.0, 0.5)
        assert tree.status == "userinterrupt"
        assert not tree.is_finished


@pytest.mark.parametrize("n_slices", [0, 1, 3])
def test_an_incumbent_handed_in_is_the_trees_own(market_split, plant, n_slices):
    mip = market_split()
    source = mip.presolved()
    other, better = plant(source, feasibility=True)
    other.run(0.7, math.inf)
    assert better
    costs = np.array([v.getObj() for v in source.getVars(transformed=True)])
    value = costs @ better[-1]
    tree, _ = plant(
        source,
        meter=WorkMeter(1e6),
        options={f"heuristics/{n}/freq": -1 for n in ("rounding", "feaspump", "locks")},
    )
    for _ in range(n_slices):
        tree.run(10.0, 0.2)
    tree.run(10.0, 0.2, incumbent=better[-1])
    assert tree.objective <= value + 1e-6


def test_an_infeasible_incumbent_is_left_outside(make_mip, plant):
    source = make_mip(3).presolved()
    wrong = np.full(source.getNVars(transformed=True), 1e6)
    optimum, _ = optimum_of_copy(source)
    for slices in (0, 1):
        tree, _ = plant(source, meter=WorkMeter(1e6))
        for _ in range(slices):
            tree.run(10.0, 0.01)
        tree.run(10.0, math.inf, incumbent=wrong)
        assert tree.objective == pytest.approx(optimum)


def test_the_optimum_handed_in_first_is_confirmed(make_mip, plant):
    source = make_mip(4).presolved()
    optimum, x = optimum_of_copy(source)
    tree, _ = plant(source)
    tree.run(10.0, math.inf, incumbent=x)
    assert tree.status == "optimal"
    assert tree.objective == pytest.approx(optimum)


def parity():
    """Return a source without solutions that presolving does not see through."""
    from pyscipopt import Model, quicksum

    model = Model()
    model.hideOutput()
    model.setParam("presolving/maxrounds", 0)
    variables = [model.addVar(vtype="B", name=f"x{j}") for j in range(9)]
    model.addCons(quicksum(2 * v for v in variables) == 9)
    model.setObjective(quicksum(variables))
    model.presolve()
    assert model.getStage() == 7
    return model


def test_an_infeasible_model_is_proven_so_and_has_no_bound(plant):
    tree, found = plant(parity())
    tree.run(10.0, math.inf)
    assert tree.status == "infeasible"
    assert tree.is_finished
    assert tree.proves_infeasible
    assert tree.bound == -math.inf
    assert found == []
    tree.run(10.0, math.inf)
    assert tree.status == "infeasible"


def test_an_unbounded_model_ends_without_a_bound(plant):
    from pyscipopt import Model

    model = Model()
    model.hideOutput()
    model.setParam("presolving/maxrounds", 0)
    x = model.addVar(vtype="I", name="x", ub=None)
    y = model.addVar(name="y", ub=None)
    model.addCons(x - y <= 1.5)
    model.setObjective(-x)
    model.presolve()
    assert model.getStage() == 7
    tree, _ = plant(model)
    tree.run(10.0, math.inf)
    assert tree.is_finished
    assert tree.status in {"unbounded", "inforunbd"}
    assert tree.bound == -math.inf


def test_before_its_first_slice_a_tree_knows_nothing(make_mip, plant):
    tree, _ = plant(make_mip(0).presolved())
    assert tree.bound == -math.inf
    assert tree.objective == math.inf
    assert tree.relaxation is None
    assert not tree.is_finished


def test_a_freed_tree_answers_and_refuses_to_run(make_mip, plant):
    tree, _ = plant(make_mip(0).presolved())
    tree.run(10.0, math.inf)
    tree.free()
    tree.free()
    assert tree.bound == -math.inf
    assert tree.objective == math.inf
    with pytest.raises(StageError, match="freed"):
        tree.run(1.0, 1.0)


def test_after_a_slice_that_could_not_start_a_tree_still_answers(make_mip, plant):
    tree, _ = plant(make_mip(0).presolved())
    with pytest.raises(InputError, match="nan"):
        tree.run(math.nan, math.inf)
    assert tree.bound == -math.inf
    assert tree.objective == math.inf


def test_options_come_last_and_wrong_ones_are_refused(make_mip, plant):
    source = make_mip(0).presolved()
    tree, _ = plant(source, feasibility=True, options={"heuristics/feaspump/freq": 33})
    assert tree._model.getParam("heuristics/feaspump/freq") == 33
    assert tree._model.getParam("misc/catchctrlc") is False
    with pytest.raises(InputError):
        plant(source, options={"no/such": 1})


def test_memory_is_what_the_tree_may_add(make_mip, plant):
    tree, _ = plant(make_mip(0).presolved())
    held = tree._model.getMemUsed() / 2**20
    tree.run(10.0, math.inf, memory=100.0)
    assert tree._model.getParam("limits/memory") == pytest.approx(100 + held, abs=1.0)


def test_a_tree_searches_after_the_presolving_of_a_run(make_mip, plant, interrupter):
    mip = make_mip(12)
    model = mip.model()
    problem = PresolvedProblem(model, model.getVars(), interrupter, WorkMeter())
    assert problem.presolve(10.0)
    tree, _ = plant(problem.model)
    tree.run(10.0, math.inf)
    assert tree.status == "optimal"
    assert problem.to_user(tree.objective) == pytest.approx(mip.optimum())


# -- the relaxation ------------------------------------------------------------------


@pytest.mark.parametrize("seed", range(4))
def test_the_first_relaxation_is_the_linear_program_that_scipy_solves(
    make_mip, plant, seed
):
    mip = make_mip(seed, n=16, m=8)
    source = mip.presolved(presolve=False)
    seen = []
    quiet = {"separating/maxrounds": 0, "separating/maxroundsroot": 0}
    tree, _ = plant(source, options=quiet)
    recorder = tree._recorder
    record = recorder._record

    def spy(model):
        record(model)
        if recorder.latest is not None:
            seen.append(recorder.latest)

    recorder._record = spy
    tree.run(10.0, math.inf)
    linear = optimize.linprog(
        mip.c,
        A_ub=mip.A,
        b_ub=mip.b,
        bounds=np.column_stack([np.zeros(len(mip.c)), mip.upper]),
    )
    names = [v.name for v in source.getVars(transformed=True)]
    order = [int(name.removeprefix("t_x")) for name in names]
    first = tree.relaxation if not seen else seen[0]
    assert first is not None
    x = np.zeros(len(mip.c))
    x[order] = first.values
    assert first.objective == pytest.approx(mip.c @ x)
    assert (mip.A @ x <= mip.b + 1e-6).all()
    # Propagation may tighten bounds, never beyond the integer optimum.
    assert linear.fun - 1e-6 <= first.objective <= mip.optimum() + 1e-6
    assert first.objective == pytest.approx(linear.fun, rel=0.02)


@pytest.mark.parametrize("seed", range(4))
def test_later_relaxations_with_cuts_lie_between_the_first_and_the_optimum(
    make_mip, plant, seed
):
    source = make_mip(seed, n=20, m=9).presolved()
    optimum, _ = optimum_of_copy(source)
    costs = np.array([v.getObj() for v in source.getVars(transformed=True)])
    tree, _ = plant(source)
    tree.run(10.0, math.inf)
    if tree.relaxation is not None:
        assert tree.relaxation.objective <= optimum + 1e-6 * abs(optimum)
        assert tree.relaxation.objective == pytest.approx(
            costs @ tree.relaxation.values
        )
