"""The start fixes, repairs and completes, within its limits."""

import time

import numpy as np
import pytest
from scipy import optimize
from scipy.sparse import csr_array

from boundwise.core.errors import InputError
from boundwise.heuristics.linear import LinearMip
from boundwise.heuristics.local_search import ready
from boundwise.heuristics.protocols import Start
from boundwise.heuristics.scip.effort import WorkMeter
from boundwise.heuristics.scip.rows import linear_mip
from boundwise.heuristics.starts.fix_propagate import FixPropagate, fix, plans


def test_solutions_get_better_and_are_solutions_for_scip_too(
    problem, interrupter, context, accepts
):
    start = FixPropagate()
    assert isinstance(start, Start)
    found: list[np.ndarray] = []
    start.run(context(problem, interrupter, found))
    assert found
    assert all(accepts(problem, x) for x in found)
    mip = linear_mip(problem)
    values = [mip.value(x) for x in found]
    assert values == sorted(set(values), reverse=True)
    # All orders have been tried: there is nothing left to do.
    start.run(context(problem, interrupter, found))
    assert len(found) == len(values)


def random_problem(seed):
    """Make equality knapsacks with one continuous slack each and packing rows."""
    rng = np.random.default_rng(seed)
    n, m, k = 14, 5, 3
    A = rng.integers(1, 9, (m, n)) * (rng.random((m, n)) < 0.5)
    rows = np.zeros((m + k, n + m))
    rows[:m, :n] = A
    rows[:m, n:] = np.eye(m)
    rows[m:, :n] = rng.random((k, n)) < 0.3
    inside = np.zeros(n)
    inside[rng.choice(n, 4, replace=False)] = 1
    used = A @ inside
    return LinearMip(
        lower=np.zeros(n + m),
        upper=np.concatenate([np.ones(n), np.full(m, 1.5)]),
        objective=np.concatenate([rng.integers(-5, 6, n), np.ones(m)]).astype(float),
        is_integer=np.arange(n + m) < n,
        matrix=csr_array(rows),
        row_lower=np.concatenate([used, np.full(k, -np.inf)]),
        row_upper=np.concatenate([used, np.maximum(rows[m:, :n] @ inside, 1)]),
    )


def test_most_small_problems_are_solved_and_none_wrongly(interrupter, context):
    n_feasible, n_found = 0, 0
    for seed in range(20):
        mip = random_problem(seed)
        answer = optimize.milp(
            mip.objective,
            constraints=optimize.LinearConstraint(
                mip.matrix, mip.row_lower, mip.row_upper
            ),
            bounds=optimize.Bounds(mip.lower, mip.upper),
            integrality=mip.is_integer,
        )
        found: list[np.ndarray] = []
        FixPropagate(mip).run(context(None, interrupter, found))
        n_feasible += answer.success
        n_found += bool(found)
        for x in found:
            assert answer.success
            assert mip.is_feasible(x)
            assert mip.value(x) >= answer.fun - 1e-6
    assert n_feasible >= 10
    assert n_found >= 0.9 * n_feasible


def test_the_lp_solution_leads_the_first_order():
    mip = random_problem(1)
    lp = np.linspace(0.0, 1.0, mip.n_variables)
    order, wishes = next(plans(mip, lp, 0))
    distance = np.abs(lp - np.round(lp))[order]
    assert (np.diff(distance) >= 0).all()
    assert wishes.tolist() == lp.tolist()


def test_wishes_go_where_no_row_is_violated():
    # Raising x can only violate the row, raising y only satisfy it.
    mip = LinearMip(
        lower=np.zeros(2),
        upper=np.full(2, 3.0),
        objective=np.array([-1.0, 1.0]),
        is_integer=np.ones(2, dtype=bool),
        matrix=csr_array(np.array([[1.0, -1.0]])),
        row_lower=np.array([-np.inf]),
        row_upper=np.array([0.0]),
    )
    by_locks, by_cost, worse, *_ = plans(mip, None, 0)
    assert by_locks[1].tolist() == [0.0, 3.0]
    assert by_cost[1].tolist() == [3.0, 0.0]
    assert worse[1].tolist() == [0.0, 3.0]


def test_a_run_by_work_is_reproducible_and_charged(problem, interrupter, context):
    runs = []
    for _ in range(2):
        found: list[np.ndarray] = []
        meter = WorkMeter(100.0)
        FixPropagate().run(
            context(problem, interrupter, found, meter=meter, work=5.0, seconds=0.0)
        )
        runs.append(([x.tolist() for x in found], meter.used))
    assert runs[0] == runs[1]
    assert runs[0][1] > 0.0


def test_fixing_ends_between_two_chunks_when_it_must():
    mip = random_problem(3)
    asked = iter([True])
    point, _ = fix(mip, *next(plans(mip, None, 0)), is_over=lambda: next(asked))
    assert point is None


def test_a_request_ends_the_start_also_on_large_problems(interrupter, context):
    n = 160_000
    rng = np.random.default_rng(0)
    at = rng.integers(0, n, 3 * 40_000)
    rows = csr_array(
        (np.ones(len(at)), at, np.arange(0, len(at) + 1, 3)), shape=(40_000, n)
    )
    mip = LinearMip(
        lower=np.zeros(n),
        upper=np.ones(n),
        objective=np.ones(n),
        is_integer=np.ones(n, dtype=bool),
        matrix=rows,
        row_lower=np.ones(40_000),
        row_upper=np.full(40_000, np.inf),
    )
    assert ready.propagation.wait()
    began = time.process_time()
    found: list[np.ndarray] = []
    FixPropagate(mip).run(context(None, interrupter, found, until=lambda: bool(found)))
    assert len(found) == 1
    assert time.process_time() - began < 5.0
    interrupter.request()
    FixPropagate(mip).run(context(None, interrupter, found))
    assert len(found) == 1


@pytest.mark.parametrize("values", [np.zeros(3), np.full(19, np.nan)])
def test_a_wrong_lp_solution_is_refused(values):
    with pytest.raises(InputError, match="lp_solution must hold finite values"):
        FixPropagate(random_problem(0), values)
    with pytest.raises(InputError, match="None variables"):
        FixPropagate(None, values)
