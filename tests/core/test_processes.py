"""Processes are found in /proc with what they use, also after they have ended."""

import os
import subprocess
import sys
import time

import pytest

from boundwise.core.processes import children, cpu_seconds, descendants, resident_kib

SPIN = (
    "import time\nend = time.process_time() + {seconds}\n"
    "while time.process_time() < end: pass\nprint(flush=True)\ntime.sleep(60)\n"
)


@pytest.fixture
def start():
    started = []

    def make(code):
        process = subprocess.Popen(
            [sys.executable, "-S", "-c", code], stdout=subprocess.PIPE
        )
        started.append(process)
        return process

    yield make
    for process in started:
        for pid in descendants(process.pid):
            os.kill(pid, 9)
        process.kill()
        process.wait()
        process.stdout.close()


def test_a_child_is_found_with_its_cpu_seconds_and_memory(start):
    process = start(SPIN.format(seconds=0.3))
    process.stdout.readline()
    assert process.pid in children(os.getpid())
    assert 0.25 <= cpu_seconds([process.pid]) < 2.0
    assert resident_kib([process.pid]) > 1000


def test_grandchildren_are_descendants_and_count_where_they_were_waited_for(start):
    inner = "import time; end = time.process_time() + 0.3\nwhile time.process_time() "
    inner += "< end: pass"
    code = (
        "import subprocess, sys, time\n"
        f"subprocess.run([sys.executable, '-S', '-c', {inner!r}])\n"
        "p = subprocess.Popen([sys.executable, '-S', '-c', "
        "'import time; time.sleep(60)'])\n"
        "print(p.pid, flush=True)\ntime.sleep(60)\n"
    )
    process = start(code)
    grandchild = int(process.stdout.readline())
    assert grandchild in descendants(os.getpid())
    assert grandchild not in children(os.getpid())
    assert cpu_seconds([process.pid]) >= 0.25


def test_a_process_that_is_gone_counts_nothing():
    process = subprocess.Popen([sys.executable, "-S", "-c", "pass"])
    process.wait()
    assert cpu_seconds([process.pid]) == 0.0
    assert resident_kib([process.pid]) == 0
    assert children(process.pid) == descendants(process.pid) == []


def test_a_name_with_brackets_and_blanks_does_not_shift_the_fields(tmp_path, start):
    program = tmp_path / "a) S 1 2 (b"
    program.symlink_to(sys.executable)
    process = subprocess.Popen(
        [str(program), "-S", "-c", SPIN.format(seconds=0.2)], stdout=subprocess.PIPE
    )
    try:
        process.stdout.readline()
        assert 0.15 <= cpu_seconds([process.pid]) < 2.0
    finally:
        process.kill()
        process.wait()
        process.stdout.close()


def test_cpu_seconds_of_a_sleeper_stay(start):
    process = start("import time\nprint(flush=True)\ntime.sleep(60)\n")
    process.stdout.readline()
    before = cpu_seconds([process.pid])
    time.sleep(0.1)
    assert cpu_seconds([process.pid]) - before <= 0.02
