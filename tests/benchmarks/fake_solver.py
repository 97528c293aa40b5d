"""A solver that behaves as its settings say; the runner's tests load it by path."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

from boundwise.benchmarks.solvers.base import (
    Answer,
    OutputError,
    ReadError,
    SettingError,
)
from boundwise.core.status import Status, Termination

MODES = (
    "good",
    "crash",
    "segfault",
    "exit",
    "hang",
    "sleep",
    "memory",
    "bad_alloc",
    "garbage",
    "nan",
    "wrong_optimum",
    "too_good",
    "infeasible_solution",
    "infeasible_claim",
    "read_error",
    "interrupted",
    "time_limit",
    "family",
    "spin",
    "delegate",
)


class Adapter:
    def version(self):
        return "1.0"

    def validate(self, settings):
        mode = settings.get("mode", "good")
        if mode not in MODES:
            raise SettingError(f"mode must be one of {MODES}, got {mode!r}.")

    def solve(self, task, recorder):
        mode = task.settings.get("mode", "good")
        recorder.improved(objective=1.0, bound=50.0, who="start")
        return getattr(self, mode, self.good)(task, recorder)

    def good(self, task, recorder):
        time.sleep(float(task.settings.get("seconds", 0.0)))
        recorder.improved(objective=7.0, bound=7.0, who="end")
        return answer(7.0, {"x": 1.0, "y": 1.0})

    def crash(self, task, recorder):
        raise RuntimeError("this solver is broken")

    def segfault(self, task, recorder):
        os.kill(os.getpid(), signal.SIGSEGV)

    def exit(self, task, recorder):
        os._exit(7)

    def hang(self, task, recorder):
        signal.signal(signal.SIGINT, signal.SIG_IGN)
        while True:
            time.sleep(60)

    def sleep(self, task, recorder):
        time.sleep(600)

    def memory(self, task, recorder):
        signal.signal(signal.SIGINT, signal.SIG_IGN)
        blocks = []
        while True:
            blocks.append(bytearray(20 * 2**20))
            time.sleep(0.01)

    def bad_alloc(self, task, recorder):
        sys.stderr.write("terminate called after throwing std::bad_alloc\n")
        sys.stderr.flush()
        os.abort()

    def garbage(self, task, recorder):
        print("\x00\xff<script>alert(1)</script> optimal? 12,5e")
        raise OutputError("the output makes no sense")

    def nan(self, task, recorder):
        return answer(7.0, {"x": float("nan"), "y": 1.0})

    def wrong_optimum(self, task, recorder):
        # Feasible, but not optimal: claimed as optimal all the same.
        return answer(5.0, {"x": 1.0})

    def too_good(self, task, recorder):
        return answer(99.0, None)

    def infeasible_solution(self, task, recorder):
        return answer(12.0, {"x": 2.0, "y": 1.0})

    def infeasible_claim(self, task, recorder):
        return Answer(
            status=Status.INFEASIBLE,
            termination=Termination.CONVERGED,
            raw_status="infeasible",
            sense="maximize",
        )

    def read_error(self, task, recorder):
        raise ReadError("line 3 is no MPS")

    def interrupted(self, task, recorder):
        try:
            time.sleep(600)
        except KeyboardInterrupt:
            return answer(5.0, {"x": 1.0}, Status.FEASIBLE, Termination.INTERRUPTED)

    def time_limit(self, task, recorder):
        return answer(5.0, {"x": 1.0}, Status.FEASIBLE, Termination.TIME_LIMIT)

    def spin(self, task, recorder):
        while True:
            if recorder.clock.expired(0.2):
                recorder.improved(objective=5.0, who="spin")

    def delegate(self, task, recorder):
        """Let a process that has left the group do all the work."""
        code = "while True: pass"
        process = subprocess.Popen(
            [sys.executable, "-S", "-c", code], start_new_session=True
        )
        Path(task.settings["pids"]).write_text(str(process.pid))
        process.wait()

    def family(self, task, recorder):
        """Start a child, and a grandchild that leaves the group and is orphaned."""
        pids = task.settings["pids"]
        code = (
            "import os, subprocess, sys, time;"
            "p = subprocess.Popen([sys.executable, '-S', '-c', 'import time; "
            "time.sleep(600)'], start_new_session=True);"
            f"open({pids!r}, 'a').write(f'{{os.getpid()}} {{p.pid}}\\n')"
        )
        subprocess.run([sys.executable, "-S", "-c", code], check=True)
        with Path(pids).open("a") as stream:
            stream.write(f"{os.getpid()}\n")
        if task.settings.get("stay"):
            time.sleep(600)
        return self.good(task, recorder)


def answer(value, solution, status=Status.OPTIMAL, termination=Termination.CONVERGED):
    return Answer(
        status=status,
        termination=termination,
        raw_status=str(status),
        sense="maximize",
        objective=value,
        bound=value if status is Status.OPTIMAL else None,
        solution=solution,
    )
