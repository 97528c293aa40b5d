import os
import signal

import numpy as np
import pytest
from scipy.sparse import csr_array

from boundwise.core.errors import InputError
from boundwise.heuristics.engines.cp_sat import CpSat
from boundwise.heuristics.engines.highs import Highs
from boundwise.heuristics.engines.repair import RepairSession
from boundwise.heuristics.protocols import (
    Ending,
    ExtraRows,
    OtherObjective,
    Subproblem,
    TighterBounds,
)
from tests.heuristics.engines.conftest import best_by_enumeration, random_knapsacks

needs_highs = pytest.mark.skipif(
    not Highs().is_available(), reason="highspy is not installed"
)


@pytest.fixture(
    scope="module", params=[pytest.param("highs", marks=needs_highs), "cp-sat"]
)
def engine(request):
    return {"highs": Highs, "cp-sat": CpSat}[request.param]()


@pytest.fixture(scope="module")
def problem():
    return random_knapsacks(12, 3, seed=7)


@pytest.fixture(scope="module")
def session(engine, problem):
    repairs = engine.open_repair(problem)
    yield repairs
    repairs.close()


def solve(session, subproblem, interrupter, *, cutoff=np.inf, **options):
    found = []
    report = session.solve_sub(
        subproblem,
        cutoff=cutoff,
        seconds=30.0,
        interrupter=interrupter,
        on_solution=found.append,
        **options,
    )
    assert report.failure is None
    return report, found


def fixing(x, *positions):
    fixed = np.array(positions, dtype=np.int64)
    return Subproblem(fixed, x[fixed])


NOTHING = Subproblem(np.zeros(0, dtype=np.int64), np.zeros(0))


def test_the_best_solution_of_a_neighbourhood_is_found(session, problem, interrupter):
    x = np.zeros(12)
    x[3] = 1.0
    report, found = solve(session, fixing(x, 0, 3, 5), interrupter)
    best = found[-1]
    assert [best[j] for j in (0, 3, 5)] == [0.0, 1.0, 0.0]
    fixed = np.isin(np.arange(12), (0, 3, 5))
    restricted = type(problem)(
        lower=np.where(fixed, x, problem.lower),
        upper=np.where(fixed, x, problem.upper),
        objective=problem.objective,
        is_integer=problem.is_integer,
        matrix=problem.matrix,
        row_lower=problem.row_lower,
        row_upper=problem.row_upper,
    )
    assert problem.value(best) == pytest.approx(best_by_enumeration(restricted))
    assert all(problem.is_feasible(each) for each in found)
    assert report.ending is Ending.EXHAUSTED


def test_nothing_at_or_above_the_cutoff_is_handed_over(session, problem, interrupter):
    _, found = solve(session, NOTHING, interrupter)
    optimum = problem.value(found[-1])
    report, others = solve(session, NOTHING, interrupter, cutoff=optimum)
    assert (report.ending, others) == (Ending.EXHAUSTED, [])
    _, again = solve(session, NOTHING, interrupter, cutoff=optimum + 1.0)
    assert problem.value(again[-1]) == pytest.approx(optimum)


def test_bounds_and_rows_of_the_neighbourhood_hold(session, problem, interrupter):
    few = Subproblem(
        fixed=np.zeros(0, dtype=np.int64),
        values=np.zeros(0),
        bounds=TighterBounds(np.array([2]), np.array([1.0]), np.array([1.0])),
        rows=ExtraRows(csr_array(np.ones((1, 12))), np.array([0.0]), np.array([2.0])),
    )
    _, found = solve(session, few, interrupter)
    assert found[-1][2] == 1.0
    assert found[-1].sum() <= 2.0


def test_another_objective_steers_and_the_true_one_judges(
    session, problem, interrupter
):
    coefficients = np.ones(12)
    smallest = Subproblem(
        fixed=np.zeros(0, dtype=np.int64),
        values=np.zeros(0),
        objective=OtherObjective(coefficients),
    )
    _, found = solve(session, smallest, interrupter, cutoff=-20.0)
    assert all(problem.value(x) < -20.0 for x in found)
    assert found


def test_a_start_is_accepted(session, problem, interrupter):
    start = np.zeros(12)
    _, found = solve(session, NOTHING, interrupter, cutoff=0.0, start=start)
    assert problem.value(found[-1]) < 0.0


def test_neighbourhoods_without_anything_free_or_possible_need_no_child(
    engine, problem, interrupter
):
    repairs = engine.open_repair(problem)
    everything = np.arange(12)
    _, found = solve(repairs, Subproblem(everything, np.zeros(12)), interrupter)
    assert [x.tolist() for x in found] == [[0.0] * 12]
    report, found = solve(repairs, Subproblem(everything, np.ones(12)), interrupter)
    assert (report.ending, found) == (Ending.EXHAUSTED, [])
    assert repairs.pid is None


def test_a_killed_child_is_replaced(session, problem, interrupter):
    _, before = solve(session, NOTHING, interrupter)
    os.kill(session.pid, signal.SIGKILL)
    found = []
    report = session.solve_sub(
        NOTHING,
        cutoff=np.inf,
        seconds=30.0,
        interrupter=interrupter,
        on_solution=found.append,
    )
    assert (report.ending, report.failure) == (Ending.LIMIT, None)
    _, after = solve(session, NOTHING, interrupter)
    assert problem.value(after[-1]) == problem.value(before[-1])


@pytest.mark.parametrize(
    ("server", "options"),
    [
        pytest.param("highs-repair", {"heuristic_effort": 7.0}, marks=needs_highs),
        ("cp-sat-repair", {"parameters": "no_such_parameter: 1"}),
    ],
)
def test_children_that_keep_failing_disable_the_engine(
    server, options, problem, interrupter
):
    repairs = RepairSession(server, problem, options)
    reports = [
        repairs.solve_sub(
            NOTHING,
            cutoff=np.inf,
            seconds=30.0,
            interrupter=interrupter,
            on_solution=pytest.fail,
        )
        for _ in range(3)
    ]
    assert [report.failure is None for report in reports] == [True, True, False]
    assert "refuses" in repairs.failure
    repairs.close()


def test_a_search_stops_at_its_limit(engine, interrupter):
    hard = random_knapsacks(400, 40, seed=1)
    repairs = engine.open_repair(hard)
    report, found = None, []
    report = repairs.solve_sub(
        NOTHING,
        cutoff=np.inf,
        seconds=1.0,
        interrupter=interrupter,
        on_solution=found.append,
        nodes=10**6,
        stall_nodes=10**6,
    )
    assert report.ending is Ending.LIMIT
    assert report.failure is None
    # The child is there for the next request, or has been replaced.
    easy = fixing(np.zeros(400), *range(1, 400))
    _, found = solve(repairs, easy, interrupter)
    assert hard.value(found[-1]) == pytest.approx(hard.objective[0])
    repairs.close()


@pytest.mark.parametrize("name", ["seconds", "cutoff"])
def test_limits_that_make_no_sense_are_refused(session, interrupter, name):
    options = {"seconds": 1.0, "cutoff": 0.0, name: np.nan}
    with pytest.raises(InputError, match=f"{name}.*nan"):
        session.solve_sub(
            NOTHING, interrupter=interrupter, on_solution=pytest.fail, **options
        )
