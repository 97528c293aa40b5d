"""Sub-MIPs find what a second solver finds, keep their limits, and leave nothing."""

import gc
import math
import time

import numpy as np
import pyscipopt
import pytest
from scipy import sparse

from boundwise.core.errors import InputError
from boundwise.core.memory import resident_mebibytes
from boundwise.heuristics.protocols import (
    Ending,
    ExtraRows,
    OtherObjective,
    Subproblem,
    TighterBounds,
)
from boundwise.heuristics.scip.effort import WorkMeter
from boundwise.heuristics.scip.submip import (
    SolutionTap,
    SubMipLimits,
    solve_submip,
)
from boundwise.heuristics.scip.transfer import copy_model
from boundwise.solvers.mip.presolved import PresolvedProblem

NO_FIXINGS = (np.empty(0, dtype=np.int64), np.empty(0))
NOTHING = Subproblem(*NO_FIXINGS)
PLENTY = SubMipLimits(seconds=20.0, work=math.inf, nodes=10**6, stall_nodes=10**6)


@pytest.fixture
def solve(interrupter):
    """Return a function that solves a sub-MIP and gives report and solutions."""

    def call(source, subproblem=NOTHING, **changes):
        found = []
        arguments = {
            "cutoff": math.inf,
            "limits": PLENTY,
            "seed": 1,
            "interrupter": interrupter,
            "meter": WorkMeter(),
            "on_solution": found.append,
        } | changes
        return solve_submip(source, subproblem, **arguments), found

    return call


def costs_of(source):
    return np.array([v.getObj() for v in source.getVars(transformed=True)])


@pytest.mark.parametrize("seed", range(4))
@pytest.mark.parametrize("sense", ["minimize", "maximize"])
def test_without_fixings_the_optimum_with_its_offset_is_found(
    make_mip, solve, to_original, seed, sense
):
    mip = make_mip(seed, sense=sense, offset=1234.5)
    source = mip.presolved()
    report, found = solve(source)
    assert report.ending is Ending.EXHAUSTED
    assert report.n_solutions == len(found) >= 1
    values = [mip.value(to_original(source, x)) for x in found]
    assert values[-1] == pytest.approx(mip.optimum())
    assert values == sorted(values, reverse=sense == "minimize")


def test_fixed_variables_keep_their_values_in_every_solution(make_mip, solve):
    source = make_mip(5).presolved()
    integers = [
        j
        for j, v in enumerate(source.getVars(transformed=True))
        if v.vtype() in {"BINARY", "INTEGER"}
    ]
    fixed = np.array(integers[::2])
    values = np.resize([0.0, 1.0], len(fixed))
    _, found = solve(source, Subproblem(fixed, values))
    assert found
    for x in found:
        assert x[fixed] == pytest.approx(values, abs=1e-9)


def test_fixing_by_position_is_right_although_presolving_removed_a_variable(
    make_mip, solve, to_original
):
    mip = make_mip(6)
    source = mip.presolved()
    names = [v.name for v in source.getVars(transformed=True)]
    position = names.index("t_x5")
    assert position != 5
    _, found = solve(source, Subproblem(np.array([position]), np.array([2.0])))
    for x in found:
        assert to_original(source, x)[5] == pytest.approx(2.0)


def test_a_solution_at_the_cutoff_itself_is_not_looked_for(make_mip, solve):
    source = make_mip(7).presolved()
    _, found = solve(source)
    report, none = solve(source, cutoff=costs_of(source) @ found[-1])
    assert (report.ending, none) == (Ending.EXHAUSTED, [])


@pytest.mark.parametrize("cutoff", [math.nan, -math.inf])
def test_what_is_no_cutoff_is_refused_and_never_taken_for_none(make_mip, solve, cutoff):
    with pytest.raises(InputError, match="cutoff"):
        solve(make_mip(7).presolved(), cutoff=cutoff)


def test_only_solutions_within_the_cutoff_are_looked_for(make_mip, solve):
    source = make_mip(7).presolved()
    costs = costs_of(source)
    _, found = solve(source)
    optimum = costs @ found[-1]
    report, better = solve(source, cutoff=optimum + 0.5)
    assert report.ending is Ending.EXHAUSTED
    assert better
    assert all(costs @ x <= optimum + 0.5 for x in better)
    assert costs @ better[-1] == pytest.approx(optimum)
    report, none = solve(source, cutoff=optimum - 1e-3)
    assert (report.ending, report.n_solutions, none) == (Ending.EXHAUSTED, 0, [])


def test_the_cutoff_is_in_the_space_of_the_copy_also_with_an_offset(make_mip, solve):
    # 1e6 of offset, added or left out in the wrong place, prunes all or nothing.
    source = make_mip(8, sense="maximize", offset=1e6).presolved()
    costs = costs_of(source)
    _, found = solve(source)
    optimum = costs @ found[-1]
    _, again = solve(source, cutoff=optimum + 0.5)
    assert costs @ again[-1] == pytest.approx(optimum)
    assert solve(source, cutoff=optimum - 0.5)[1] == []


def test_contradictory_fixings_are_an_empty_neighbourhood(make_mip, solve):
    source = make_mip(9).presolved()
    everything = np.arange(source.getNVars(transformed=True))
    report, found = solve(source, Subproblem(everything, np.full(len(everything), 4.0)))
    assert (report.ending, found) == (Ending.EXHAUSTED, [])


def test_the_source_is_left_as_it_was(make_mip, solve):
    source = make_mip(10).presolved()
    variables = source.getVars(transformed=True)

    def state():
        bounds = [(v.getLbGlobal(), v.getUbGlobal()) for v in variables]
        return bounds, source.getParams(), source.getStage(), source.getNSols()

    before = state()
    solve(source, Subproblem(np.array([0, 1]), np.array([1.0, 1.0])), cutoff=0.0)
    assert state() == before


def test_a_node_limit_left_on_the_source_disables_no_copy(make_mip, solve):
    mip = make_mip(11)
    source = mip.presolved()
    source.setParam("limits/nodes", 0)
    report, found = solve(source)
    assert report.ending is Ending.EXHAUSTED
    assert costs_of(source) @ found[-1] == pytest.approx(
        costs_of(source) @ solve(mip.presolved())[1][-1]
    )


def test_after_the_presolving_of_a_run_copies_search(make_mip, solve, interrupter):
    mip = make_mip(12)
    model = mip.model()
    problem = PresolvedProblem(model, model.getVars(), interrupter, WorkMeter())
    assert problem.presolve(10.0)
    assert model.getParam("limits/nodes") == -1
    report, found = solve(problem.model)
    assert report.ending is Ending.EXHAUSTED
    x = problem.to_original(found[-1])
    order = [int(v.name[1:]) for v in model.getVars()]
    assert mip.value(x[np.argsort(order)]) == pytest.approx(mip.optimum())


# -- bounds, rows, objectives ---------------------------------------------------


def everything_feasible(source):
    """Enumerate the integral points of a small pure problem in presolved space."""
    variables = source.getVars(transformed=True)
    rows = []
    for constraint in source.getConss(transformed=True):
        values = source.getValsLinear(constraint)
        row = np.array([values.get(v.name, 0.0) for v in variables])
        rows.append((source.getLhs(constraint), row, source.getRhs(constraint)))
    spans = [
        np.arange(int(v.getLbGlobal()), int(v.getUbGlobal()) + 1) for v in variables
    ]
    points = np.stack(np.meshgrid(*spans, indexing="ij"), -1).reshape(-1, len(spans))
    keep = np.ones(len(points), dtype=bool)
    for low, row, up in rows:
        activity = points @ row
        keep &= (activity >= low - 1e-9) & (activity <= up + 1e-9)
    return points[keep].astype(float)


@pytest.fixture
def pure(make_mip):
    """Return a source of few integer variables, its points and its costs."""
    source = make_mip(3, n=6, m=3, n_continuous=0).presolved(presolve=False)
    return source, everything_feasible(source), costs_of(source)


def test_tighter_bounds_hold_and_the_best_point_within_them_is_found(pure, solve):
    source, points, costs = pure
    low, up = np.array([1.0, 2.0]), np.array([1.0, 3.0])
    bounds = TighterBounds(np.array([1, 2]), low, up)
    inside = (points[:, [1, 2]] >= low).all(1) & (points[:, [1, 2]] <= up).all(1)
    _, found = solve(source, Subproblem(*NO_FIXINGS, bounds=bounds))
    assert costs @ found[-1] == pytest.approx((points[inside] @ costs).min())
    assert (low <= found[-1][[1, 2]]).all()
    assert (found[-1][[1, 2]] <= up).all()
    assert costs @ found[-1] > (points @ costs).min()


def test_extra_rows_hold_and_the_best_point_within_them_is_found(pure, solve):
    source, points, costs = pure
    best = points[np.argmin(points @ costs)]
    rows = np.array([[1.0, 0, 1, 0, 1, 0], [0, 1.0, 0, -1, 0, 0]])
    sides = np.array([-np.inf, 0.0]), np.array([rows[0] @ best - 1.0, 0.0])
    activities = points @ rows.T
    inside = ((activities >= sides[0]) & (activities <= sides[1])).all(axis=1)
    extra = ExtraRows(sparse.csr_array(rows), *sides)
    _, found = solve(source, Subproblem(*NO_FIXINGS, rows=extra))
    assert costs @ found[-1] == pytest.approx((points[inside] @ costs).min())


def test_under_another_objective_the_nearest_better_point_is_found(pure, solve):
    # min ||x - 0||_1 + offset among the points whose own objective is good enough.
    source, points, costs = pure
    target = float(np.quantile(points @ costs, 0.2))
    other = OtherObjective(np.ones(6), offset=-7.5)
    good = points[points @ costs <= target - 1e-3]
    subproblem = Subproblem(*NO_FIXINGS, objective=other, target=target)
    report, found = solve(source, subproblem)
    assert report.n_solutions == len(found) == 1
    assert report.status == "bestsollimit"
    assert costs @ found[0] < target
    # The first solution ends the search, so the nearest is not always found.
    assert other.value(found[0]) >= good.sum(axis=1).min() - 7.5 - 1e-6


def test_of_target_and_cutoff_the_harder_one_counts(pure, solve):
    source, points, costs = pure
    worst = np.sort(np.unique(points @ costs))
    other = OtherObjective(np.ones(6))
    for objective in (None, other):
        for cutoff, target in ((worst[1], worst[5]), (worst[5], worst[1])):
            subproblem = Subproblem(*NO_FIXINGS, objective=objective, target=target)
            _, found = solve(source, subproblem, cutoff=cutoff)
            assert [costs @ x for x in found] == [pytest.approx(worst[0])]


def test_under_another_objective_the_cutoff_ignores_the_offset(make_mip, solve):
    source = make_mip(8, sense="maximize", offset=1e6).presolved()
    costs = costs_of(source)
    _, found = solve(source)
    optimum = costs @ found[-1]
    other = OtherObjective(np.zeros(len(costs)))
    subproblem = Subproblem(*NO_FIXINGS, objective=other)
    _, again = solve(source, subproblem, cutoff=optimum + 0.5)
    assert [costs @ x for x in again] == [pytest.approx(optimum, abs=0.5)]
    assert solve(source, subproblem, cutoff=optimum - 0.5)[1] == []


@pytest.mark.parametrize("bounds", [(2.0, 1.0), (math.nan, 1.0), (0.0, math.nan)])
def test_bounds_that_cross_are_refused(make_mip, solve, freed, bounds):
    low, up = (np.array([b]) for b in bounds)
    tighter = TighterBounds(np.array([0]), low, up)
    with pytest.raises(InputError, match="cross"):
        solve(make_mip(3).presolved(), Subproblem(*NO_FIXINGS, bounds=tighter))
    assert freed["freed"] == 1


# -- limits -------------------------------------------------------------------


def test_a_node_limit_ends_the_search(market_split, solve):
    source = market_split().presolved()
    limits = SubMipLimits(seconds=20.0, work=math.inf, nodes=5)
    report, _ = solve(source, limits=limits)
    assert report.ending is Ending.LIMIT
    assert report.status in {"nodelimit", "totalnodelimit"}
    assert report.nodes <= 6


def test_a_stall_limit_ends_the_search(market_split, solve):
    source = market_split().presolved()
    limits = SubMipLimits(seconds=20.0, work=math.inf, nodes=10**6, stall_nodes=20)
    report, _ = solve(source, limits=limits)
    assert (report.ending, report.status) == (Ending.LIMIT, "stallnodelimit")


def test_seconds_end_the_search(market_split, solve):
    source = market_split().presolved()
    limits = SubMipLimits(
        seconds=0.3, work=math.inf, nodes=10**9, stall_nodes=10**9, memory=4000.0
    )
    began = time.monotonic()
    report, _ = solve(source, limits=limits)
    assert report.ending is Ending.LIMIT
    assert time.monotonic() - began < 1.0


def test_a_request_ends_the_search_and_says_nothing_about_the_size(
    market_split, solve, interrupter
):
    source = market_split().presolved()
    report, found = solve(
        source,
        limits=SubMipLimits(
            seconds=20.0, work=math.inf, nodes=10**9, stall_nodes=10**9
        ),
        on_solution=lambda _: interrupter.request(),
    )
    assert report.ending is Ending.INTERRUPTED
    assert found == []


def test_with_a_work_limit_the_same_seed_gives_the_same_run(market_split, solve):
    def run():
        meter = WorkMeter(100.0)
        limits = SubMipLimits(seconds=60.0, work=2.0)
        report, found = solve(market_split().presolved(), limits=limits, meter=meter)
        return report, [x.tolist() for x in found], meter.used

    one, other = run(), run()
    assert one == other
    assert 2.0 <= one[2] < 5.0


# -- what is left behind ------------------------------------------------------


@pytest.fixture
def freed(monkeypatch):
    """Count the models that were made and freed."""
    counts = {"made": 0, "freed": 0}

    class Counted(pyscipopt.Model):
        def __init__(self, *args, **kwargs):
            super().__init__(*args, **kwargs)
            counts["made"] += 1

        def free(self):
            counts["freed"] += 1
            super().free()

    monkeypatch.setattr(pyscipopt, "Model", Counted)
    return counts


@pytest.mark.parametrize("error", [RuntimeError, KeyboardInterrupt])
def test_an_exception_in_on_solution_surfaces_and_the_model_is_freed(
    make_mip, solve, freed, error
):
    source = make_mip(13).presolved()
    made_before = freed["made"]

    def fail(_values):
        raise error("mine")

    with pytest.raises(error, match="mine"):
        solve(source, on_solution=fail)
    assert freed == {"made": made_before + 1, "freed": 1}


def test_a_wrong_subproblem_surfaces_and_the_model_is_freed(make_mip, solve, freed):
    source = make_mip(13).presolved()
    with pytest.raises(InputError, match="2 variables and 1 values"):
        solve(source, Subproblem(np.array([0, 1]), np.array([1.0])))
    assert freed["freed"] == 1


def test_three_hundred_sub_mips_leave_no_memory_behind(make_mip, solve):
    source = make_mip(14).presolved()
    limits = SubMipLimits(seconds=5.0, work=math.inf, nodes=3)

    def run(count):
        for seed in range(count):
            solve(source, limits=limits, seed=seed)

    gc.collect()
    gc.disable()  # freeing must not need the garbage collector
    try:
        run(40)
        before = resident_mebibytes()
        run(300)
        grown = resident_mebibytes() - before
    finally:
        gc.enable()
    # One copy of SCIP with its plugins holds about 5 MiB.
    assert grown < 15.0


# -- the tap ------------------------------------------------------------------


def test_a_slow_receiver_skips_solutions_and_gets_the_last_one(make_mip):
    mip = make_mip(15)
    model, variables = copy_model(mip.presolved())
    got = []

    def slow(values):
        got.append(values)
        time.sleep(0.05)

    tap = SolutionTap(variables, slow, pace=1000.0)
    solution_values = []

    def on_event(inner, _event):
        best = inner.getBestSol()
        solution_values.append(inner.getSolObjVal(best))
        tap(inner)

    model.attachEventHandlerCallback(on_event, [pyscipopt.SCIP_EVENTTYPE.BESTSOLFOUND])
    model.optimize()
    assert len(solution_values) >= 2
    assert len(got) == 1
    tap.flush(model)
    assert len(got) == 2
    costs = np.array([v.getObj() for v in variables])
    assert costs @ got[-1] == pytest.approx(solution_values[-1])
    tap.flush(model)
    assert tap.n_solutions == len(got) == 2
    model.free()
