"""What is handed over is feasible; what is found is nearly all there is."""

import math

import numpy as np
import pytest
from scipy import optimize
from scipy.sparse import csr_array

from boundwise.core.errors import InputError
from boundwise.core.interrupt import Interrupter
from boundwise.core.limits import Deadline
from boundwise.heuristics.linear import LinearMip
from boundwise.heuristics.local_search.search import LocalSearch

INF = math.inf


def collect(mip, *, effort=150_000, by_amounts=False, seed=1, **arguments):
    """Run a search and return what it has handed over, each checked."""
    found: list[np.ndarray] = []

    def keep(x):
        assert np.array_equal(x[mip.is_integer], np.round(x[mip.is_integer]))
        assert (x >= mip.lower - 1e-6).all()
        assert (x <= mip.upper + 1e-6).all()
        activity = mip.matrix @ x
        assert (activity >= mip.row_lower - 1e-6).all()
        assert (activity <= mip.row_upper + 1e-6).all()
        if found:
            assert mip.objective @ x < mip.objective @ found[-1]
        found.append(x)

    search = LocalSearch(mip, seed=seed, by_amounts=by_amounts)
    report = search.run(effort=effort, on_solution=keep, **arguments)
    assert report.n_solutions == len(found)
    if found:
        assert report.objective == mip.value(found[-1])
    return found


@pytest.mark.parametrize("by_amounts", [False, True])
def test_optima_of_small_problems_are_found_and_nothing_infeasible(
    random_mip, all_solutions, by_amounts
):
    n_feasible, n_found, n_optimal = 0, 0, 0
    for seed in range(24):
        mip = random_mip(seed)
        solutions = all_solutions(mip)
        found = collect(mip, by_amounts=by_amounts)
        if not len(solutions):
            assert found == []
            continue
        n_feasible += 1
        n_found += bool(found)
        if found:
            optimum = (solutions @ mip.objective).min()
            assert mip.value(found[-1]) >= optimum
            n_optimal += mip.value(found[-1]) == optimum
    assert n_feasible >= 16
    assert n_found == n_feasible
    assert n_optimal >= 0.9 * n_feasible


def test_continuous_variables_are_completed_by_an_lp(random_mip):
    n_feasible, n_found, n_optimal = 0, 0, 0
    for seed in range(20):
        mip = random_mip(seed, n_continuous=4)
        answer = optimize.milp(
            mip.objective,
            constraints=optimize.LinearConstraint(
                mip.matrix, mip.row_lower, mip.row_upper
            ),
            bounds=optimize.Bounds(mip.lower, mip.upper),
            integrality=mip.is_integer,
            options={"mip_rel_gap": 0.0},
        )
        found = collect(mip)
        if not answer.success:
            assert found == []
            continue
        n_feasible += 1
        n_found += bool(found)
        if found:
            assert mip.value(found[-1]) >= answer.fun - 1e-6
            n_optimal += mip.value(found[-1]) <= answer.fun + 1e-6
    assert n_feasible >= 14
    assert n_found >= 0.9 * n_feasible
    assert n_optimal >= 0.6 * n_feasible


def test_an_lp_sees_solutions_that_single_moves_do_not():
    # Two flows of equal size through one gate: no single move keeps the balance.
    n = 12
    flow = np.zeros((n + 1, 2 * n))
    for k in range(n):
        flow[k, [2 * k, 2 * k + 1, (2 * k + 2) % (2 * n)]] = 1.0, -1.0, 0.001
    flow[n] = 1.0
    mip = LinearMip(
        lower=np.zeros(2 * n),
        upper=np.full(2 * n, 50.0),
        objective=np.linspace(1.0, 2.0, 2 * n),
        is_integer=np.zeros(2 * n, dtype=bool),
        matrix=csr_array(flow),
        row_lower=np.append(np.zeros(n), 100.0),
        row_upper=np.append(np.zeros(n), 100.0),
    )
    answer = optimize.linprog(
        mip.objective, A_eq=flow, b_eq=mip.row_lower, bounds=(0.0, 50.0)
    )
    found = collect(mip, effort=2_000_000)
    assert mip.value(found[-1]) == pytest.approx(answer.fun)


def test_the_same_seed_gives_the_same_run_in_slices_too(random_mip):
    mip = random_mip(4, n=40, m=25, n_continuous=5)
    runs = []
    for _ in range(2):
        search = LocalSearch(mip, seed=5)
        found: list[np.ndarray] = []
        reports = [
            search.run(effort=30_000, on_solution=found.append) for _ in range(4)
        ]
        runs.append((np.array(found), reports))
    assert np.array_equal(runs[0][0], runs[1][0])
    assert runs[0][1] == runs[1][1]


def make(objective, rows, lower, upper, is_integer):
    """Build a problem from rows (coefficients, lower, upper)."""
    n = len(objective)
    return LinearMip(
        lower=np.array(lower, dtype=float),
        upper=np.array(upper, dtype=float),
        objective=np.array(objective, dtype=float),
        is_integer=np.array(is_integer),
        matrix=csr_array(np.array([r[0] for r in rows], dtype=float).reshape(-1, n)),
        row_lower=np.array([r[1] for r in rows], dtype=float),
        row_upper=np.array([r[2] for r in rows], dtype=float),
    )


def test_without_rows_the_bounds_are_the_solution():
    mip = make([1, -1, 0], [], [-3, 0, -INF], [9, 7, INF], [True, True, False])
    assert collect(mip)[-1][:2].tolist() == [-3.0, 7.0]


def test_free_variables_and_huge_bounds_do_no_harm():
    # x + y = 1000001, x - y >= 5 with y free: min x is (1000001 + 5) / 2.
    mip = make(
        [1, 0],
        [((1, 1), 1000001, 1000001), ((1, -1), 5, INF)],
        [-1e19, -INF],
        [1e19, INF],
        [True, True],
    )
    found = collect(mip)
    assert found
    assert found[-1].sum() == 1000001.0


def test_a_problem_without_a_solution_gives_none():
    mip = make([1, 1], [((2, 2), 3, 3)], [0, 0], [5, 5], [True, True])
    assert collect(mip) == []


def test_bounds_without_an_integer_between_them_give_none():
    mip = make([1], [], [0.2], [0.8], [True])
    assert collect(mip) == []


def test_without_an_objective_the_first_solution_ends_the_search(random_mip):
    mip = make([0, 0], [((1, 1), 3, 3)], [0, 0], [5, 5], [True, True])
    search = LocalSearch(mip)
    found: list[np.ndarray] = []
    search.run(effort=INF, seconds=60, on_solution=found.append)
    assert len(found) == 1
    assert search.run(effort=1e9, on_solution=found.append).effort == 0


def test_an_unbounded_objective_does_not_trap_the_search():
    mip = make([-1, 0], [((1, -1), -INF, 3)], [0, 0], [INF, INF], [True, True])
    assert collect(mip, effort=100_000)


def test_a_cutoff_hides_solutions_that_do_not_reach_it(random_mip, all_solutions):
    mip = random_mip(1)
    optimum = (all_solutions(mip) @ mip.objective).min()
    assert collect(mip, cutoff=optimum) == []
    assert mip.value(collect(mip, cutoff=optimum + 1)[0]) == optimum


def test_a_search_from_a_solution_hands_over_better_ones_only(
    random_mip, all_solutions
):
    mip = random_mip(2)
    solutions = all_solutions(mip)
    values = solutions @ mip.objective
    start = solutions[np.argmax(values)]
    for x in collect(mip, start=start):
        assert mip.value(x) < values.max()
    best = solutions[np.argmin(values)]
    search = LocalSearch(mip)
    report = search.run(effort=100_000, on_solution=pytest.fail, start=best)
    assert report.objective == values.min()
    assert search.best is not None
    assert search.best.tolist() == best.tolist()


def test_the_search_ends_when_asked_to(random_mip):
    mip = random_mip(3, n=60, m=60)
    search = LocalSearch(mip)
    with Interrupter(Deadline()) as interrupter:
        interrupter.request()
        report = search.run(on_solution=pytest.fail, interrupter=interrupter)
    assert report.effort == 0
    asked = iter([False, False, True])
    search.run(on_solution=lambda x: None, until=lambda: next(asked))
    assert next(asked, None) is None
    assert search.run(on_solution=pytest.fail, seconds=0.0).effort == 0


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"seconds": -1.0}, "seconds must be a non-negative number, got -1.0"),
        ({"effort": math.nan}, "effort must be a non-negative number, got nan"),
        ({"effort": 1, "cutoff": math.nan}, "cutoff must be a number, got nan"),
        ({"effort": 1, "start": np.zeros(3)}, r"got shape \(3,\)"),
        ({"effort": 1, "start": np.full(7, math.nan)}, "7 finite numbers"),
        ({}, "must end the run"),
    ],
)
def test_wrong_arguments_are_named(random_mip, arguments, message):
    with pytest.raises(InputError, match=message):
        LocalSearch(random_mip(0)).run(on_solution=pytest.fail, **arguments)


def test_a_negative_seed_is_refused(random_mip):
    with pytest.raises(InputError, match="seed must be a non-negative integer, got -1"):
        LocalSearch(random_mip(0), seed=-1)
