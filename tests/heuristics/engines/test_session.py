"""What all sessions of engines have in common, on problems that last."""

import itertools
import os
import signal
import threading
import time
from pathlib import Path

import numpy as np
import pytest

from boundwise.core.errors import InputError
from boundwise.core.interrupt import Interrupter
from boundwise.core.limits import Deadline
from boundwise.heuristics.engines.cp_sat import CpSat
from boundwise.heuristics.engines.highs import Highs
from boundwise.heuristics.engines.session import ProcessSession
from boundwise.heuristics.protocols import Ending
from tests.heuristics.engines.conftest import random_knapsacks

needs_highs = pytest.mark.skipif(
    not Highs().is_available(), reason="highspy is not installed"
)
#: Nobody solves this within the time of a test.
HARD = random_knapsacks(200, 40, seed=1)


@pytest.fixture(params=[pytest.param("highs", marks=needs_highs), "cp-sat"])
def session(request):
    engine = {"highs": Highs, "cp-sat": CpSat}[request.param]()
    opened = engine.open(HARD, seed=0)
    yield opened
    opened.close()


def run(session, interrupter, seconds=60.0, incumbent=None, **options):
    options.setdefault("on_solution", lambda x: None)
    return session.run(
        seconds=seconds, incumbent=incumbent, interrupter=interrupter, **options
    )


def stands_still(pid):
    """Wait until Linux says that a process is stopped."""
    until = time.monotonic() + 10.0
    while time.monotonic() < until:
        text = Path(f"/proc/{pid}/stat").read_text()
        if text.rpartition(")")[2].split()[0] == "T":
            return True
        time.sleep(0.01)
    return False


def first_solution(session, interrupter):
    """Run until there is a solution."""
    found = []
    run(session, interrupter, on_solution=found.append, until=lambda: bool(found))
    return found[-1]


def test_a_slice_ends_when_it_is_asked_to_and_the_child_stands_still(
    session, interrupter
):
    x = first_solution(session, interrupter)
    assert HARD.is_feasible(x)
    pid = session.pid
    assert stands_still(pid)
    report = run(session, interrupter, seconds=0.3)
    assert (session.pid, report.ending) == (pid, Ending.LIMIT)
    assert 0.0 < report.cpu < 5.0
    assert not session.is_finished


def test_a_child_that_is_killed_disables_the_engine_and_not_the_run(
    session, interrupter
):
    first_solution(session, interrupter)
    os.kill(session.pid, signal.SIGKILL)
    report = run(session, interrupter)
    assert "SIGKILL" in report.failure
    assert session.failure == report.failure
    assert session.is_finished
    assert run(session, interrupter).failure == report.failure


def test_an_interrupted_run_ends_the_slice(session):
    with Interrupter(Deadline()) as interrupter:
        timer = threading.Timer(1.0, interrupter.request)
        timer.start()
        report = run(session, interrupter, seconds=60.0)
        timer.join()
    assert report.ending is Ending.INTERRUPTED
    assert not session.is_finished


def test_an_exception_of_a_callback_comes_through_and_stops_the_child(
    session, interrupter
):
    def refuse(x):
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        run(session, interrupter, on_solution=refuse)
    assert stands_still(session.pid)


def test_solutions_handed_out_are_better_than_the_one_handed_in(session, interrupter):
    known = first_solution(session, interrupter)
    # One more item, if there is room, is better than all the engine has found.
    found = []
    greedy = _greedy()
    run(
        session,
        interrupter,
        seconds=2.0,
        incumbent=greedy,
        on_solution=found.append,
    )
    best = min(HARD.value(greedy), HARD.value(known))
    values = [best, *map(HARD.value, found)]
    assert all(later < earlier for earlier, later in itertools.pairwise(values))


def test_a_closed_session_does_nothing(session, interrupter):
    session.close()
    session.close()
    report = run(session, interrupter, on_solution=pytest.fail)
    assert (report.n_solutions, report.cpu) == (0, 0.0)
    assert session.is_finished


@pytest.mark.parametrize("seconds", [-1.0, np.nan])
def test_slices_have_a_length(session, interrupter, seconds):
    with pytest.raises(InputError, match="seconds"):
        run(session, interrupter, seconds=seconds)


def test_an_incumbent_of_another_length_is_refused(session, interrupter):
    with pytest.raises(InputError, match="incumbent"):
        run(session, interrupter, incumbent=np.zeros(3))


@needs_highs
def test_two_engines_run_at_the_same_time(interrupter):
    sessions = [Highs().open(HARD, seed=0), CpSat().open(HARD, seed=0)]
    reports = {}

    def work(index):
        found = []
        reports[index] = run(
            sessions[index],
            interrupter,
            on_solution=found.append,
            until=lambda: bool(found),
        )

    threads = [threading.Thread(target=work, args=(k,)) for k in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    for session in sessions:
        session.close()
    assert [reports[k].failure for k in range(2)] == [None, None]
    assert all(reports[k].n_solutions for k in range(2))


@pytest.mark.parametrize("server", [pytest.param("highs", marks=needs_highs), "cp-sat"])
def test_memory_beyond_the_limit_disables_the_engine(server, interrupter):
    options = {
        "seed": 0,
        "gap": 0.0,
        "heuristic_effort": 0.05,
        "parameters": "num_workers: 1",
        # Less than what is allowed for the stacks and heaps of threads.
        "memory": -159.0,
    }
    session = ProcessSession(server, HARD, options)
    report = run(session, interrupter)
    session.close()
    assert report.failure is not None


def _greedy():
    """Return a solution that takes items as long as they fit."""
    x = np.zeros(HARD.n_variables)
    for item in np.argsort(HARD.objective):
        x[item] = 1.0
        if not HARD.is_feasible(x):
            x[item] = 0.0
    return x
