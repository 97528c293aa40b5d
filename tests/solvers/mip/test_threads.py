"""Several partners at the same time."""

import threading
import time

import pytest

import boundwise
from boundwise.core.errors import InputError
from boundwise.core.interrupt import Interrupter
from boundwise.core.limits import Deadline
from boundwise.core.status import Status, Termination
from boundwise.instances.checker import check
from boundwise.solvers.mip.crew import Crew


def test_threads_prove_what_one_thread_proves(knapsacks):
    instance = knapsacks(30, 4, 1)
    one = boundwise.solve(instance, engines=("scip",))
    four = boundwise.solve(instance, threads=4, engines=("scip",))
    assert four.status is one.status is Status.OPTIMAL
    assert four.objective == one.objective
    assert check(instance, four.x, objective=four.objective).strict


def test_threads_keep_the_deadline_and_leave_no_thread_behind(knapsacks):
    instance = knapsacks(200, 20, 2)
    before = threading.active_count()
    started = time.monotonic()
    result = boundwise.solve(instance, threads=3, time_limit=3.0, engines=("scip",))
    assert time.monotonic() - started < 6.0
    assert result.termination is Termination.TIME_LIMIT
    assert result.x is not None
    assert result.bound >= result.objective
    partners = result.stats["partners"]
    assert partners["lns"]["turns"] > 0
    assert partners["tree"]["turns"] > 0
    # All of them worked at the same time: together, for longer than the run.
    assert sum(account["spent"] for account in partners.values()) > 4.0
    assert threading.active_count() == before


def test_an_error_in_a_thread_reaches_the_user(knapsacks):
    def callback(event):
        raise RuntimeError("mine")

    with pytest.raises(RuntimeError, match="mine"):
        boundwise.solve(
            knapsacks(200, 20, 2), threads=2, callback=callback, time_limit=10.0
        )


def test_reproducible_runs_have_one_thread(knapsacks):
    with pytest.raises(InputError, match="threads"):
        boundwise.solve(knapsacks(10, 2, 0), threads=2, work_limit=5.0)


def test_a_crew_stops_what_still_runs_when_the_run_has_ended():
    stopped = threading.Event()
    turns = ["long", "short"]

    with Interrupter(Deadline()) as interrupter:

        def take(turn):
            if turn == "long":
                with interrupter.running(stopped.set):
                    assert stopped.wait(10.0)

        def next_turn():
            return turns.pop(0) if turns else None

        Crew(2, interrupter).run(next_turn, take, lambda: None, lambda: not turns)
        assert not interrupter.requested
    assert stopped.is_set()
