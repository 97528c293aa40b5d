"""The CPU clock counts work, not waiting; children count too, and never twice."""

import os
import subprocess
import sys
import time

import pytest

from boundwise.core import clock
from boundwise.core.clock import CpuClock, clock_name
from boundwise.core.errors import InputError

SPIN = "import time\nend = time.process_time() + {}\nwhile time.process_time() < end: 0"


def spin(seconds):
    end = time.process_time() + seconds
    while time.process_time() < end:
        pass


def python(code, variable=None):
    environment = dict(os.environ) | ({"BOUNDWISE_CLOCK": variable} if variable else {})
    return subprocess.run(
        [sys.executable, "-c", code],
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )


def test_the_cpu_clock_stands_while_the_process_sleeps():
    cpu = CpuClock()
    before = cpu()
    time.sleep(0.2)
    assert cpu() - before < 0.1
    spin(0.1)
    assert cpu() - before >= 0.1


def test_a_child_counts_while_it_runs_and_the_same_after_it_has_ended():
    cpu = CpuClock()
    before = cpu()
    code = SPIN.format(0.5) + "\nprint(flush=True)\ntime.sleep(60)"
    process = subprocess.Popen(
        [sys.executable, "-S", "-c", code], stdout=subprocess.PIPE
    )
    process.stdout.readline()
    time.sleep(0.06)  # what was seen of live children holds for 50 ms
    running = cpu() - before
    process.kill()
    process.wait()
    process.stdout.close()
    ended = cpu() - before
    assert 0.4 <= running <= ended < 1.5
    # Counted twice, it would be beyond this.
    assert ended - running < 0.3


def test_the_cpu_clock_never_runs_back():
    cpu = CpuClock()
    times = []
    for _ in range(5):
        process = subprocess.Popen([sys.executable, "-S", "-c", SPIN.format(0.05)])
        while process.poll() is None:
            times.append(cpu())
        times += [cpu(), cpu()]
    assert times == sorted(times)


def test_a_forked_process_goes_on_from_its_parents_time():
    code = (
        "import os, sys, time\n"
        "from boundwise.core.limits import Deadline\n"
        "deadline = Deadline(60.0)\n"
        "end = time.process_time() + 0.3\n"
        "while time.process_time() < end: pass\n"
        "deadline.elapsed()\n"
        "if os.fork() == 0:\n"
        "    os._exit(0 if 0.3 <= deadline.elapsed() < 2.0 else 1)\n"
        "sys.exit(os.waitstatus_to_exitcode(os.wait()[1]))\n"
    )
    done = python(code, "cpu")
    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize(("name", "elapsed"), [("cpu", "<"), ("wall", ">=")])
def test_the_environment_chooses_the_clock_of_deadlines(name, elapsed):
    code = (
        "import time\n"
        "from boundwise.core.limits import Deadline\n"
        "deadline = Deadline(60.0)\n"
        "time.sleep(0.4)\n"
        f"assert deadline.elapsed() {elapsed} 0.4, deadline.elapsed()\n"
    )
    done = python(code, name)
    assert done.returncode == 0, done.stderr


def test_a_clock_that_nobody_knows_is_refused_by_name(monkeypatch):
    monkeypatch.setenv("BOUNDWISE_CLOCK", "sundial")
    with pytest.raises(InputError, match=r"BOUNDWISE_CLOCK.*'sundial'"):
        clock_name()
    monkeypatch.setenv("BOUNDWISE_CLOCK", "")
    assert clock_name() == "wall"
    assert clock.now() > 0.0


def test_a_watchdog_is_in_time_when_several_cores_use_up_the_seconds():
    code = (
        "import os, subprocess, sys, threading, time\n"
        "from boundwise.core.interrupt import Interrupter\n"
        "from boundwise.core.limits import Deadline\n"
        "spin = [sys.executable, '-S', '-c', 'while True: pass']\n"
        "children = [subprocess.Popen(spin) for _ in range(4)]\n"
        "deadline, stopped = Deadline(2.0), threading.Event()\n"
        "with Interrupter(deadline, grace=0.0) as i, i.running(stopped.set):\n"
        "    stopped.wait(60.0)\n"
        "for child in children:\n"
        "    child.kill()\n"
        "    child.wait()\n"
        "assert 2.0 <= deadline.elapsed() < 2.8, deadline.elapsed()\n"
    )
    done = python(code, "cpu")
    assert done.returncode == 0, done.stderr
