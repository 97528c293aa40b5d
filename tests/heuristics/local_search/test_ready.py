"""Preparations are done once, beside the run, and fail where they are waited for."""

import threading

import pytest

from boundwise.core.interrupt import Interrupter
from boundwise.core.limits import Deadline
from boundwise.heuristics.local_search.ready import Preparation


def test_the_work_is_done_once_however_many_wait():
    done: list[int] = []
    preparation = Preparation(lambda: done.append(threading.get_ident()))
    preparation.begin()
    assert preparation.wait()
    assert preparation.wait(0.0)
    assert len(done) == 1
    assert done[0] != threading.get_ident()


def test_waiting_ends_at_the_limit_and_at_a_request():
    gate = threading.Event()
    preparation = Preparation(gate.wait)
    assert not preparation.wait(0.05)
    with Interrupter(Deadline()) as interrupter:
        interrupter.request()
        assert not preparation.wait(60.0, interrupter)
    gate.set()
    assert preparation.wait()


def test_an_error_is_raised_where_somebody_waits():
    def fail():
        raise RuntimeError("no compiler")

    preparation = Preparation(fail)
    for _ in range(2):
        with pytest.raises(RuntimeError, match="no compiler"):
            preparation.wait()
