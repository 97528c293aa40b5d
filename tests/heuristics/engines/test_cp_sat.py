import numpy as np
import pytest
from scipy.sparse import csr_array

from boundwise.core.status import Status
from boundwise.heuristics.engines.cp_sat import CpSat
from boundwise.heuristics.engines.frames import Frame
from boundwise.heuristics.engines.problem import ProblemArrays
from boundwise.heuristics.linear import LinearMip
from boundwise.heuristics.protocols import Ending
from tests.heuristics.engines.conftest import best_by_enumeration, random_knapsacks


def search(mip, interrupter, *, incumbent=None):
    session = CpSat().open(mip, seed=0)
    solutions, bounds = [], []
    report = session.run(
        seconds=60.0,
        incumbent=incumbent,
        interrupter=interrupter,
        on_solution=solutions.append,
        on_bound=bounds.append,
    )
    session.close()
    assert report.failure is None
    return report, solutions, bounds


def test_the_optimum_of_an_integer_problem_is_found_and_proven(interrupter):
    mip = random_knapsacks(12, 3, seed=2)
    report, solutions, bounds = search(mip, interrupter)
    optimum = best_by_enumeration(mip)
    assert report.ending is Ending.EXHAUSTED
    assert report.proof is Status.OPTIMAL
    assert mip.value(solutions[-1]) == pytest.approx(optimum)
    assert all(mip.is_feasible(x) for x in solutions)
    assert report.bound == bounds[-1] == pytest.approx(optimum)


def test_an_infeasible_integer_problem_is_proven_infeasible(interrupter):
    mip = LinearMip(
        lower=np.zeros(2),
        upper=np.full(2, 5.0),
        objective=np.ones(2),
        is_integer=np.ones(2, dtype=bool),
        matrix=csr_array([[0.2, 0.4]]),
        row_lower=np.array([0.7]),
        row_upper=np.array([0.7]),
    )
    report, solutions, _ = search(mip, interrupter)
    assert (report.proof, solutions) == (Status.INFEASIBLE, [])


def test_an_incumbent_handed_in_is_used_and_not_handed_back(interrupter):
    mip = random_knapsacks(12, 3, seed=5)
    _, solutions, _ = search(mip, interrupter)
    report, others, _ = search(mip, interrupter, incumbent=solutions[-1])
    assert others == []
    assert report.proof is Status.OPTIMAL
    assert report.bound == pytest.approx(mip.value(solutions[-1]))


class _EnoughError(Exception):
    pass


class _LineWithNews:
    """A line on which a far better incumbent arrives during the first search."""

    def __init__(self, news):
        self.news = news
        self.asked = 0

    def take_latest(self, kind):
        self.asked += 1
        if self.asked == 2:
            raise _EnoughError

    def peek_latest(self, kind):
        return self.news

    def send(self, frame):
        pass


def test_a_search_far_behind_starts_again_from_the_incumbent(monkeypatch):
    server = pytest.importorskip("boundwise.heuristics.engines.cp_sat_server")
    monkeypatch.setattr(server, "_LEAST_SEARCH", 0.0)
    monkeypatch.setattr(server, "_LEAST_SHARE", 0.0)
    hard = random_knapsacks(200, 40, seed=1)
    one = "num_workers: 1"
    options = {"seed": 0, "gap": 0.0, "parameters": one, "improvement": one}
    request = Frame("problem", options, ProblemArrays.of(hard).to_arrays())
    news = Frame("incumbent", {"objective": -1e9}, {"x": np.zeros(200)})
    line = _LineWithNews(news)
    with pytest.raises(_EnoughError):
        server.serve(line, request)
    assert line.asked == 2


def mixed_problem():
    """Return a problem with one continuous variable; its optimum is -6.75."""
    return LinearMip(
        lower=np.zeros(3),
        upper=np.array([3.0, 3.0, 1.5]),
        objective=np.array([-1.0, -1.0, -0.5]),
        is_integer=np.array([True, True, False]),
        matrix=csr_array([[1.0, 0.0, 1.0]]),
        row_lower=np.array([-np.inf]),
        row_upper=np.array([4.5]),
    )


def test_continuous_variables_are_approximated_and_prove_nothing(interrupter):
    mip = mixed_problem()
    report, solutions, bounds = search(mip, interrupter)
    assert mip.is_feasible(solutions[-1])
    assert mip.value(solutions[-1]) == pytest.approx(-6.75)
    assert (report.proof, report.bound, bounds) == (None, -np.inf, [])
    assert report.ending is Ending.EXHAUSTED


def test_unbounded_integers_are_refused():
    mip = random_knapsacks(2, 1, seed=0)
    unbounded = LinearMip(
        lower=mip.lower,
        upper=np.array([1.0, np.inf]),
        objective=mip.objective,
        is_integer=mip.is_integer,
        matrix=mip.matrix,
        row_lower=mip.row_lower,
        row_upper=mip.row_upper,
    )
    assert "not bounded" in CpSat().refuses(unbounded)
    assert CpSat().refuses(mip) is None


def test_mostly_continuous_problems_are_refused():
    mip = mixed_problem()
    relaxed = LinearMip(
        lower=mip.lower,
        upper=mip.upper,
        objective=mip.objective,
        is_integer=np.array([True, False, False]),
        matrix=mip.matrix,
        row_lower=mip.row_lower,
        row_upper=mip.row_upper,
    )
    assert "67% of the variables are continuous" in CpSat().refuses(relaxed)


def test_a_parameter_that_does_not_exist_disables_the_engine(interrupter):
    mip = random_knapsacks(5, 1, seed=0)
    session = CpSat(parameters="no_such_parameter: 1").open(mip, seed=0)
    report = session.run(
        seconds=60.0,
        incumbent=None,
        interrupter=interrupter,
        on_solution=pytest.fail,
    )
    assert "no_such_parameter" in report.failure
    assert session.is_finished
