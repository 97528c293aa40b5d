import numpy as np
import pytest
from scipy.sparse import csr_array

from boundwise.core.errors import InputError
from boundwise.core.status import Status
from boundwise.heuristics.engines.highs import Highs
from boundwise.heuristics.linear import LinearMip
from boundwise.heuristics.protocols import Ending
from tests.heuristics.engines.conftest import (
    best_by_enumeration,
    odd_equation,
    random_knapsacks,
)

pytestmark = pytest.mark.skipif(
    not Highs().is_available(), reason="highspy is not installed"
)


def search(mip, interrupter, *, seconds=60.0, incumbent=None, engine=None):
    """Run one session to its end; return its report, solutions and bounds."""
    session = (engine or Highs()).open(mip, seed=0)
    solutions, bounds = [], []
    report = session.run(
        seconds=seconds,
        incumbent=incumbent,
        interrupter=interrupter,
        on_solution=solutions.append,
        on_bound=bounds.append,
    )
    session.close()
    return report, solutions, bounds


def test_the_optimum_of_a_small_problem_is_found_and_proven(interrupter):
    mip = random_knapsacks(12, 3, seed=1)
    optimum = best_by_enumeration(mip)
    report, solutions, bounds = search(mip, interrupter)
    assert report.ending is Ending.EXHAUSTED
    assert report.proof is Status.OPTIMAL
    assert mip.value(solutions[-1]) == pytest.approx(optimum)
    assert all(mip.is_feasible(x) for x in solutions)
    assert bounds == sorted(bounds)
    assert report.bound == bounds[-1] == pytest.approx(optimum)


def test_an_infeasible_problem_is_proven_infeasible(interrupter):
    mip = odd_equation()
    report, solutions, _ = search(mip, interrupter)
    assert (report.proof, solutions) == (Status.INFEASIBLE, [])
    assert report.ending is Ending.EXHAUSTED


def test_an_unbounded_problem_claims_no_optimum(interrupter):
    mip = LinearMip(
        lower=np.zeros(1),
        upper=np.full(1, np.inf),
        objective=-np.ones(1),
        is_integer=np.ones(1, dtype=bool),
        matrix=csr_array((0, 1)),
        row_lower=np.zeros(0),
        row_upper=np.zeros(0),
    )
    report, _, bounds = search(mip, interrupter)
    assert report.proof in {Status.UNBOUNDED, Status.INFEASIBLE_OR_UNBOUNDED}
    assert (report.bound, bounds) == (-np.inf, [])


def test_a_problem_without_integers_is_solved_as_well(interrupter):
    mip = LinearMip(
        lower=np.zeros(2),
        upper=np.full(2, 4.0),
        objective=np.array([-1.0, -2.0]),
        is_integer=np.zeros(2, dtype=bool),
        matrix=csr_array([[1.0, 1.0]]),
        row_lower=np.array([-np.inf]),
        row_upper=np.array([5.0]),
    )
    report, solutions, _ = search(mip, interrupter)
    assert mip.value(solutions[-1]) == pytest.approx(-9.0)
    assert report.proof is Status.OPTIMAL
    assert report.bound == pytest.approx(-9.0)


def test_the_tree_survives_from_slice_to_slice(interrupter):
    mip = random_knapsacks(60, 12, seed=3)
    session = Highs().open(mip, seed=0)
    solutions, cpu, slices = [], 0.0, 0
    try:
        while not session.is_finished and slices < 400:
            report = session.run(
                seconds=0.1,
                incumbent=None,
                interrupter=interrupter,
                on_solution=solutions.append,
            )
            cpu += report.cpu
            slices += 1
            if cpu > 1.0:
                break
    finally:
        session.close()
    # A search that began anew with every slice would never come this far.
    assert slices > 3
    assert report.bound > -np.inf
    assert solutions
    values = [mip.value(x) for x in solutions]
    assert values == sorted(values, reverse=True)


def test_an_incumbent_handed_in_is_used_and_not_handed_back(interrupter):
    mip = random_knapsacks(12, 3, seed=5)
    _, solutions, _ = search(mip, interrupter)
    best = solutions[-1]
    report, others, _ = search(mip, interrupter, incumbent=best)
    assert others == []
    assert report.proof is Status.OPTIMAL
    assert report.bound == pytest.approx(mip.value(best))


def test_the_effort_of_heuristics_is_a_share():
    with pytest.raises(InputError, match=r"heuristic_effort.*1\.5"):
        Highs(heuristic_effort=1.5)


def test_a_problem_without_variables_is_refused():
    nothing = np.zeros(0)
    mip = LinearMip(
        lower=nothing,
        upper=nothing,
        objective=nothing,
        is_integer=np.zeros(0, dtype=bool),
        matrix=csr_array((0, 0)),
        row_lower=nothing,
        row_upper=nothing,
    )
    assert "no variable" in Highs().refuses(mip)
    assert Highs().refuses(random_knapsacks(3, 1, seed=0)) is None
