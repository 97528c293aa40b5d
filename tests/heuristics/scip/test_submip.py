"""Sub-MIPs find what a second solver finds, keep their limits, and leave nothing."""

import gc
import math
import time

import numpy as np
import pyscipopt
import pytest

from boundwise.core.errors import InputError
from boundwise.core.memory import resident_mebibytes
from boundwise.heuristics.protocols import Ending, Subproblem
from boundwise.heuristics.scip.effort import WorkMeter
from boundwise.heuristics.scip.submip import (
    SolutionTap,
    SubMipLimits,
    solve_submip,
)
from boundwise.heuristics.scip.transfer import copy_model
from boundwise.solvers.mip.presolved import PresolvedProblem

NOTHING = Subproblem(np.empty(0, dtype=np.int64), np.empty(0))
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
    with pytest.raises(ValueError, match="zip"):
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
