"""A sub-MIP written from arrays is the one that copying would give."""

import math

import numpy as np
import pytest
from scipy import sparse

from boundwise.core.errors import InputError
from boundwise.heuristics.linear import LinearMip
from boundwise.heuristics.protocols import (
    Ending,
    ExtraRows,
    OtherObjective,
    Subproblem,
    TighterBounds,
)
from boundwise.heuristics.scip import submip
from boundwise.heuristics.scip.effort import WorkMeter
from boundwise.heuristics.scip.reduced import pays_off, reduced_submodel
from boundwise.heuristics.scip.rows import linear_mip
from boundwise.heuristics.scip.submip import SubMipLimits, solve_submip

PLENTY = SubMipLimits(seconds=20.0, work=math.inf, nodes=10**6, stall_nodes=10**6)
NO_FIXINGS = (np.empty(0, dtype=np.int64), np.empty(0))


@pytest.fixture
def both_ways(interrupter, monkeypatch):
    """Return a function that solves a sub-MIP by copying and by writing."""

    def call(source, subproblem, cutoff=math.inf):
        answers = []
        for reduced in (False, True):
            monkeypatch.setattr(submip, "pays_off", lambda *_, yes=reduced: yes)
            found = []
            report = solve_submip(
                source,
                subproblem,
                cutoff=cutoff,
                limits=PLENTY,
                seed=1,
                interrupter=interrupter,
                meter=WorkMeter(),
                on_solution=found.append,
                linear=linear_mip(source),
            )
            answers.append((report, found))
        return answers

    return call


def some_subproblem(mip, seed, kind):
    """Fix every second integer near a random point, and add what ``kind`` names."""
    rng = np.random.default_rng(seed)
    fixed = mip.integers[::2]
    values = rng.integers(0, 2, len(fixed)).astype(float)
    rest = mip.integers[1::2]
    rows = rng.integers(-2, 3, (2, mip.n_variables)).astype(float)
    return Subproblem(
        fixed,
        values,
        bounds=TighterBounds(rest, np.zeros(len(rest)), np.full(len(rest), 2.0))
        if kind == "bounds"
        else None,
        rows=ExtraRows(sparse.csr_array(rows), np.full(2, -4.0), np.full(2, 4.0))
        if kind == "rows"
        else None,
    )


@pytest.mark.parametrize("seed", range(4))
@pytest.mark.parametrize("kind", ["fixings", "bounds", "rows"])
def test_both_ways_find_the_same_optimum(make_mip, both_ways, seed, kind):
    source = make_mip(seed, offset=1e5).presolved()
    mip = linear_mip(source)
    subproblem = some_subproblem(mip, seed, kind)
    (copied, there), (reduced, here) = both_ways(source, subproblem)
    assert copied.ending is reduced.ending is Ending.EXHAUSTED
    assert bool(there) == bool(here)
    for x in here:
        assert mip.is_feasible(x)
        assert x[subproblem.fixed] == pytest.approx(subproblem.values, abs=1e-9)
    if here:
        optimum = mip.value(there[-1])
        assert mip.value(here[-1]) == pytest.approx(optimum)
        # The cutoff counts what the fixed variables contribute.
        (_, again), (_, too) = both_ways(source, subproblem, optimum + 0.5)
        assert mip.value(again[-1]) == pytest.approx(mip.value(too[-1]))
        assert [f for _, f in both_ways(source, subproblem, optimum - 0.5)] == [[], []]


def test_under_another_objective_a_row_asks_for_the_cutoff(make_mip, both_ways):
    source = make_mip(2).presolved()
    mip = linear_mip(source)
    fixings = some_subproblem(mip, 2, "fixings")
    (_, found), _ = both_ways(source, fixings)
    target = mip.value(found[-1]) + 3.0
    other = OtherObjective(np.ones(mip.n_variables), offset=11.0)
    subproblem = Subproblem(
        fixings.fixed, fixings.values, objective=other, target=target
    )
    for report, solutions in both_ways(source, subproblem):
        assert report.n_solutions == 1
        assert mip.is_feasible(solutions[0])
        assert mip.value(solutions[0]) <= target


def test_the_model_counts_what_fixed_variables_contribute(make_mip):
    source = make_mip(2).presolved()
    mip = linear_mip(source)
    fixings = some_subproblem(mip, 2, "fixings")
    submodel = reduced_submodel(source, mip, fixings, math.inf)
    assert submodel is not None
    submodel.model.optimize()
    values = np.array([submodel.model.getVal(v) for v in submodel.variables])
    assert submodel.model.getObjVal() == pytest.approx(
        mip.value(submodel.expand(values))
    )
    assert len(values) == mip.n_variables - len(fixings.fixed)


def test_contradictions_are_an_empty_neighbourhood(make_mip, both_ways):
    source = make_mip(9).presolved()
    everything = np.arange(source.getNVars(transformed=True))
    for value in (4.0, 5.0):  # a row says no; a bound says no
        subproblem = Subproblem(everything, np.full(len(everything), value))
        for report, found in both_ways(source, subproblem):
            assert (report.ending, found) == (Ending.EXHAUSTED, [])


def test_the_clock_and_the_tolerances_of_the_source_are_kept(make_mip):
    source = make_mip(1).presolved()
    source.setParam("timing/clocktype", 1)
    source.setParam("numerics/feastol", 1e-7)
    mip = linear_mip(source)
    submodel = reduced_submodel(source, mip, Subproblem(*NO_FIXINGS), math.inf)
    assert submodel is not None
    assert submodel.model.getParam("timing/clocktype") == 1
    assert submodel.model.getParam("numerics/feastol") == 1e-7


def test_a_subproblem_without_a_value_for_each_variable_is_refused(make_mip):
    source = make_mip(1).presolved()
    wrong = Subproblem(np.array([0, 1]), np.array([1.0]))
    with pytest.raises(InputError, match="2 variables and 1 values"):
        reduced_submodel(source, linear_mip(source), wrong, math.inf)


def test_writing_pays_off_where_little_is_left():
    mip = LinearMip(
        lower=np.zeros(10),
        upper=np.ones(10),
        objective=np.ones(10),
        is_integer=np.ones(10, dtype=bool),
        matrix=sparse.csr_array(np.ones((3, 10))),
        row_lower=np.zeros(3),
        row_upper=np.full(3, 5.0),
    )
    for n_fixed, answer in ((10, True), (3, True), (2, False), (0, False)):
        assert (
            pays_off(mip, Subproblem(np.arange(n_fixed), np.zeros(n_fixed))) == answer
        )
