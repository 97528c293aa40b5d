"""Children are real processes here; what they run is `echo_child`."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest

from boundwise.heuristics.engines.frames import Frame
from boundwise.heuristics.engines.process import ChildError, ChildProcess

MODULE = "tests.heuristics.engines.echo_child"
ROOT = str(Path(__file__).parents[3])


@pytest.fixture(autouse=True)
def _children_find_the_tests(monkeypatch):
    monkeypatch.setenv("PYTHONPATH", ROOT)


@pytest.fixture
def child():
    process = ChildProcess(MODULE)
    yield process
    process.close()


def answers(child, count, seconds=20.0):
    """Exchange until so many frames have come."""
    frames, until = [], time.monotonic() + seconds
    while len(frames) < count and time.monotonic() < until:
        frames += child.exchange(0.2)
    return frames


def state_of(pid):
    """Return the letter that Linux gives the state of a process, '' if gone."""
    try:
        text = Path(f"/proc/{pid}/stat").read_text()
    except OSError:
        return ""
    return text.rpartition(")")[2].split()[0]


def wait_for(condition, seconds=10.0):
    """Wait until a condition holds, and return whether it does."""
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        if condition():
            return True
        time.sleep(0.01)
    return False


linux = pytest.mark.skipif(
    not sys.platform.startswith("linux"), reason="looks into /proc"
)


def test_frames_larger_than_any_pipe_go_both_ways(child):
    x = np.arange(500_000, dtype=np.float64)
    child.send(Frame("echo", {"number": 7}, {"x": x}))
    [answer] = answers(child, 1)
    assert answer.fields == {"number": 7}
    assert np.array_equal(answer.arrays["x"], x)


def test_what_solvers_print_does_not_disturb_the_conversation(child):
    child.send(Frame("print"))
    child.send(Frame("echo"))
    assert [frame.kind for frame in answers(child, 1)] == ["echo"]


@linux
def test_a_suspended_child_uses_no_cpu_and_goes_on(child):
    child.send(Frame("burn"))
    assert wait_for(lambda: child.exchange(0.05) == [] and child.cpu_seconds() > 0.3)
    child.suspend()
    assert wait_for(lambda: state_of(child.pid) == "T")
    before = child.cpu_seconds()
    time.sleep(0.3)
    # The first thread stands still at once, others a moment later.
    assert child.cpu_seconds() <= before + 0.02
    child.resume()
    assert wait_for(lambda: child.cpu_seconds() > before + 0.05)


@linux
def test_closing_is_quick_and_leaves_no_zombie(child):
    answers(child, 1, seconds=0.3)
    child.suspend()
    started = time.monotonic()
    child.close()
    child.close()
    assert time.monotonic() - started < 2.0
    assert state_of(child.pid) == ""


def test_a_killed_child_is_an_error_that_names_the_signal(child):
    os.kill(child.pid, signal.SIGKILL)
    with pytest.raises(ChildError, match="SIGKILL"):
        answers(child, 1)
    with pytest.raises(ChildError, match="closed"):
        child.exchange(0.0)


def test_a_child_that_crashes_tells_its_last_words(child):
    child.send(Frame("crash"))
    with pytest.raises(ChildError, match=r"exit code 1.*ZeroDivisionError"):
        answers(child, 1)


def test_a_child_that_speaks_nonsense_is_ended(child):
    child.send(Frame("garbage"))
    with pytest.raises(ChildError, match="does not begin like one"):
        answers(child, 1)
    assert child.is_closed


def test_a_child_that_has_ended_cannot_be_suspended(child):
    answers(child, 1, seconds=0.3)
    os.kill(child.pid, signal.SIGKILL)

    def try_until_it_fails():
        # Its first thread may have ended before the others have.
        until = time.monotonic() + 10.0
        while time.monotonic() < until:
            child.suspend()
            child.resume()

    with pytest.raises(ChildError):
        try_until_it_fails()


def test_a_module_that_does_not_exist_is_an_error():
    process = ChildProcess("boundwise.no_such_module")
    with pytest.raises(ChildError, match="no_such_module"):
        answers(process, 1)
    process.close()


_OWNER = f"""
import sys, time
from boundwise.heuristics.engines.process import ChildProcess
child = ChildProcess({MODULE!r})
child.exchange(0.5)
if sys.argv[1] == "suspended":
    child.suspend()
print(child.pid, flush=True)
time.sleep(60)
"""


def start_owner(how):
    """Start a process that owns a child; return it and the child's id."""
    owner = subprocess.Popen(
        [sys.executable, "-c", _OWNER, how],
        stdout=subprocess.PIPE,
        env=os.environ | {"PYTHONPATH": ROOT},
        start_new_session=True,
    )
    assert owner.stdout is not None
    return owner, int(owner.stdout.readline())


@linux
@pytest.mark.parametrize("how", ["running", "suspended"])
def test_no_child_survives_an_owner_that_is_killed(how):
    owner, pid = start_owner(how)
    assert state_of(pid) in {"R", "S", "T"}
    owner.kill()
    owner.wait()
    owner.stdout.close()
    assert wait_for(lambda: state_of(pid) in {"", "Z"})


@linux
def test_ctrl_c_in_the_terminal_does_not_reach_the_child():
    owner, pid = start_owner("running")
    # What a terminal does: the signal goes to the whole foreground group.
    os.killpg(owner.pid, signal.SIGINT)
    os.kill(pid, signal.SIGINT)
    assert os.getpgid(pid) != os.getpgid(owner.pid)
    owner.wait()
    owner.stdout.close()
    assert wait_for(lambda: state_of(pid) in {"", "Z"})


@linux
def test_a_child_outlives_the_thread_that_started_it():
    import threading

    made = []
    thread = threading.Thread(target=lambda: made.append(ChildProcess(MODULE)))
    thread.start()
    thread.join()
    time.sleep(0.2)
    made[0].send(Frame("echo", {"number": 1}))
    assert answers(made[0], 1)[0].fields == {"number": 1}
    made[0].close()


def test_memory_beyond_the_limit_is_refused_to_the_child(child):
    child.send(Frame("eat", {"mebibytes": 200, "eaten": 100}))
    child.send(Frame("eat", {"mebibytes": 200, "eaten": 2000}))
    assert [frame.kind for frame in answers(child, 2)] == ["eaten", "refused"]
