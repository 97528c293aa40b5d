"""Signals, requests and deadlines reach a solver that stays in C.

Everything that sends signals runs in a child process, so that the test run is safe.
"""

import json
import signal
import subprocess
import sys
import textwrap
import threading
import time

import pytest

from boundwise.core.errors import InputError
from boundwise.core.interrupt import Interrupter
from boundwise.core.limits import Deadline

# A market split problem: solutions come at once, a proof never does.
PREAMBLE = """
import json, os, random, signal, sys, threading, time
from boundwise.core.interrupt import Interrupter
from boundwise.core.limits import Deadline
signal.signal(signal.SIGINT, signal.default_int_handler)
signal.signal(signal.SIGTERM, signal.SIG_DFL)


def hard_model():
    from pyscipopt import Model
    rng = random.Random(5)
    model = Model()
    model.hideOutput()
    model.setParam("misc/catchctrlc", False)
    model.setParam("limits/time", 20.0)
    columns = [model.addVar(vtype="B", name=f"x{j}") for j in range(50)]
    for _ in range(6):
        weights = [rng.randrange(100) for _ in columns]
        slack = model.addVar(name="s", lb=0.0, obj=1.0)
        less = model.addVar(name="t", lb=0.0, obj=1.0)
        row = sum(w * x for w, x in zip(weights, columns))
        model.addCons(row + slack - less == sum(weights) // 2)
    return model


def send_later(number, *delays):
    def send():
        for delay in delays:
            time.sleep(delay)
            sent.append(time.monotonic())
            os.kill(os.getpid(), number)
    sent = []
    threading.Thread(target=send, daemon=True).start()
    return sent


def report(**facts):
    print(json.dumps(facts))
"""


def run_child(code):
    """Run code in a process of its own and return what it reports."""
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", PREAMBLE + textwrap.dedent(code)],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert done.stderr == ""
    return json.loads(done.stdout)


@pytest.mark.parametrize("name", ["SIGINT", "SIGTERM"])
def test_a_signal_stops_scip_at_once_and_its_incumbent_is_kept(name):
    facts = run_child(f"""
        model = hard_model()
        sent = send_later(signal.{name}, 1.0)
        with Interrupter(Deadline(20.0)) as interrupter:
            with interrupter.running(model.interruptSolve):
                model.optimizeNogil()
            late = time.monotonic() - sent[0]
            report(late=late, status=model.getStatus(), sols=model.getNSols(),
                   requested=interrupter.requested)
    """)
    assert facts["late"] < 0.5
    assert facts["status"] == "userinterrupt"
    assert facts["sols"] >= 1
    assert facts["requested"]


def test_the_second_ctrl_c_raises_and_the_first_does_not():
    facts = run_child("""
        events = []
        sent = send_later(signal.SIGINT, 0.1, 0.4)
        try:
            with Interrupter(Deadline()) as interrupter:
                while not interrupter.requested:
                    time.sleep(0.01)
                events.append("first")
                time.sleep(5.0)
        except KeyboardInterrupt:
            events.append("second")
        report(events=events, late=time.monotonic() - sent[1])
    """)
    assert facts["events"] == ["first", "second"]
    assert facts["late"] < 0.5


def test_one_press_seen_twice_and_a_second_sigterm_raise_nothing():
    facts = run_child("""
        with Interrupter(Deadline()) as interrupter:
            os.kill(os.getpid(), signal.SIGINT)
            os.kill(os.getpid(), signal.SIGINT)
            time.sleep(0.3)
            os.kill(os.getpid(), signal.SIGTERM)
            time.sleep(0.05)
            report(requested=interrupter.requested)
    """)
    assert facts["requested"]


def test_handlers_and_wakeup_descriptor_are_as_before_also_after_an_error():
    facts = run_child("""
        import socket
        reader, writer = socket.socketpair()
        writer.setblocking(False)
        signal.set_wakeup_fd(writer.fileno())
        mine = lambda number, frame: None
        signal.signal(signal.SIGTERM, mine)
        try:
            with Interrupter(Deadline()):
                inside = signal.getsignal(signal.SIGTERM) is not mine
                raise KeyError
        except KeyError:
            pass
        report(
            inside=inside,
            sigterm=signal.getsignal(signal.SIGTERM) is mine,
            sigint=signal.getsignal(signal.SIGINT) is signal.default_int_handler,
            wakeup=signal.set_wakeup_fd(-1) == writer.fileno(),
            threads=threading.active_count(),
        )
        reader.close()
        writer.close()
    """)
    assert facts.pop("threads") == 1
    assert all(facts.values())


def test_an_ignored_signal_stays_ignored():
    facts = run_child("""
        signal.signal(signal.SIGINT, signal.SIG_IGN)
        with Interrupter(Deadline()) as interrupter:
            os.kill(os.getpid(), signal.SIGINT)
            time.sleep(0.1)
            after_ignored = interrupter.requested
            os.kill(os.getpid(), signal.SIGTERM)
            time.sleep(0.1)
            report(ignored=not after_ignored, other=interrupter.requested)
        assert signal.getsignal(signal.SIGINT) is signal.SIG_IGN
    """)
    assert facts == {"ignored": True, "other": True}


def test_a_signal_during_a_nested_run_ends_the_outer_run_too():
    facts = run_child("""
        model = hard_model()
        outer_stopped = []
        with Interrupter(Deadline()) as outer:
            with outer.running(lambda: outer_stopped.append(1)):
                with Interrupter(Deadline()) as inner:
                    sent = send_later(signal.SIGINT, 0.3)
                    with inner.running(model.interruptSolve):
                        model.optimizeNogil()
                    late = time.monotonic() - sent[0]
                    inner_requested = inner.requested
                time.sleep(0.3)
            restored = signal.getsignal(signal.SIGINT) == outer._on_signal
            report(inner=inner_requested, outer=outer.requested, late=late,
                   restored=restored, outer_stopped=bool(outer_stopped))
    """)
    assert facts.pop("late") < 0.5
    assert all(facts.values()), facts


def test_the_second_ctrl_c_raises_once_in_nested_runs_too():
    facts = run_child("""
        count = 0
        with Interrupter(Deadline()) as outer:
            try:
                with Interrupter(Deadline()):
                    send_later(signal.SIGINT, 0.05, 0.3)
                    time.sleep(3.0)
            except KeyboardInterrupt:
                count += 1
            time.sleep(0.1)
        report(count=count)
    """)
    assert facts == {"count": 1}


def test_a_signal_after_an_inner_run_reaches_the_outer_one():
    facts = run_child("""
        model = hard_model()
        with Interrupter(Deadline()) as outer:
            with Interrupter(Deadline()):
                pass
            sent = send_later(signal.SIGTERM, 0.3)
            with outer.running(model.interruptSolve):
                model.optimizeNogil()
            report(late=time.monotonic() - sent[0], requested=outer.requested)
    """)
    assert facts["late"] < 0.5
    assert facts["requested"]


def test_outside_the_main_thread_signals_are_left_alone_and_deadlines_act():
    facts = run_child("""
        def work():
            before = signal.getsignal(signal.SIGINT)
            model = hard_model()
            began = time.monotonic()
            with Interrupter(Deadline(0.3)) as interrupter:
                alone = signal.getsignal(signal.SIGINT) is before
                with interrupter.running(model.interruptSolve):
                    model.optimizeNogil()
                facts.update(alone=alone, seconds=time.monotonic() - began,
                             requested=interrupter.requested)
        facts = {}
        thread = threading.Thread(target=work)
        thread.start()
        thread.join()
        report(**facts)
    """)
    assert facts["alone"]
    assert not facts["requested"]
    assert 0.3 <= facts["seconds"] < 1.0


def test_scip_is_stopped_although_the_request_came_before_it_started():
    # SCIP forgets an interruption that comes before the solve.
    facts = run_child("""
        model = hard_model()
        began = time.monotonic()
        with Interrupter(Deadline()) as interrupter:
            interrupter.request()
            with interrupter.running(model.interruptSolve):
                model.optimizeNogil()
        report(seconds=time.monotonic() - began, status=model.getStatus())
    """)
    assert facts["seconds"] < 0.6
    assert facts["status"] == "userinterrupt"


def wait_for(condition, seconds=2.0):
    end = time.monotonic() + seconds
    while not condition() and time.monotonic() < end:
        time.sleep(0.005)
    return bool(condition())


def test_a_request_from_another_thread_stops_what_runs_and_what_starts_later():
    stops: list[str] = []
    with Interrupter(Deadline()) as interrupter:
        with interrupter.running(lambda: stops.append("first")):
            thread = threading.Thread(target=interrupter.request)
            thread.start()
            thread.join()
            assert stops[0] == "first"
            assert interrupter.requested
        with interrupter.running(lambda: stops.append("second")):
            # Again and again, until it has ended.
            assert wait_for(lambda: stops.count("second") >= 3)
    count = len(stops)
    time.sleep(0.25)
    assert len(stops) == count


def test_the_deadline_acts_after_the_grace_and_is_no_request():
    stops: list[float] = []
    began = time.monotonic()
    with Interrupter(Deadline(0.1), grace=0.2) as interrupter:
        with interrupter.running(lambda: stops.append(time.monotonic() - began)):
            assert wait_for(lambda: len(stops) >= 2)
        assert not interrupter.requested
    assert 0.29 < stops[0] < 0.6
    assert stops[1] - stops[0] < 0.3


@pytest.mark.parametrize("seconds", [0.0, 0.001, 0.05])
def test_without_grace_the_watchdog_survives_the_deadline(seconds):
    for _ in range(5):
        stops: list[int] = []
        with (
            Interrupter(Deadline(seconds), grace=0.0) as interrupter,
            interrupter.running(lambda stops=stops: stops.append(1)),
        ):
            assert wait_for(lambda stops=stops: stops)


@pytest.mark.parametrize("grace", [-0.1, float("nan")])
def test_a_negative_grace_is_refused(grace):
    with pytest.raises(InputError, match="grace"):
        Interrupter(Deadline(), grace=grace)


def test_requests_before_and_after_the_block_are_only_noted():
    interrupter = Interrupter(Deadline())
    interrupter.request()
    assert interrupter.requested
    with interrupter:
        pass
    interrupter.request()


def test_a_signal_handler_that_asks_while_the_lock_is_held_does_not_block():
    def code(interrupter):
        # What a handler does that comes between two lines of the locked block.
        with interrupter._lock:
            interrupter.request()

    with Interrupter(Deadline()) as interrupter:
        thread = threading.Thread(target=code, args=(interrupter,), daemon=True)
        thread.start()
        thread.join(timeout=2.0)
        assert not thread.is_alive()


def test_the_stop_of_a_solver_that_failed_is_forgotten():
    stops: list[int] = []
    with Interrupter(Deadline()) as interrupter:
        with pytest.raises(KeyError), interrupter.running(lambda: stops.append(1)):
            raise KeyError
        interrupter.request()
        time.sleep(0.15)
    assert stops == []


def test_many_wakeups_do_not_block_the_run():
    with Interrupter(Deadline()) as interrupter:
        for _ in range(50_000):
            interrupter._wake()
        interrupter.request()
    assert interrupter.requested


def test_the_test_process_keeps_its_own_handlers():
    before = [signal.getsignal(n) for n in (signal.SIGINT, signal.SIGTERM)]
    with Interrupter(Deadline()):
        pass
    assert [signal.getsignal(n) for n in (signal.SIGINT, signal.SIGTERM)] == before
