"""Watch one run from outside: limits, memory, clean end, no orphan.

The runner starts this file as a script (standard library only, so that it starts in
milliseconds). It forks the child into a session of its own, and then waits for

    the child's end | the end of standard input (the runner died) | a limit

At the time limit the child's group gets SIGINT, so that solvers keep their
incumbent; after a grace period it gets SIGKILL. The supervisor is the "subreaper" of
everything below it: a process that leaves the group by a double fork becomes its
child, and is found and killed as well. The child in turn is killed by the kernel if
the supervisor dies (PR_SET_PDEATHSIG).
"""

# Standard library only, and little of it: this file is started for every run.
# ruff: noqa: PTH123

import contextlib
import ctypes
import importlib.util
import json
import os
import resource
import select
import signal
import sys
import time
from typing import Any

_PR_SET_PDEATHSIG = 1
_PR_SET_CHILD_SUBREAPER = 36
_POLL = 0.05
_IGNORED = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
#: Seconds that the imports may take.
_START_LIMIT = 60.0
#: A log or a temporary file cannot grow beyond this many bytes.
_FILE_LIMIT = 4 * 2**30
#: Exit code of the supervisor if the runner died: nobody is left to read the outcome.
_RUNNER_GONE = 3


def _prctl(option: int, value: int) -> None:
    # Linux only; elsewhere the process group alone is killed.
    with contextlib.suppress(OSError, AttributeError):
        ctypes.CDLL(None, use_errno=True).prctl(option, value, 0, 0, 0)


def _load(path: str) -> Any:
    """Load a file that needs the standard library only, without its package."""
    spec = importlib.util.spec_from_file_location("processes", path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


class Supervisor:
    """Run one child under limits.

    Parameters
    ----------
    spec
        ``command``, ``environment``, ``folder`` (current folder), ``out`` and
        ``err`` (files), ``mark`` (file in which the child says when its imports
        were done), ``time_limit``, ``interrupt_grace``, ``kill_grace`` (seconds),
        ``wall_limit`` (seconds; None if ``time_limit`` are wall-clock seconds, else
        those are CPU seconds of all processes of the run), ``memory_limit`` (MiB of
        resident memory of all processes, or None), ``cores`` (to pin to, or None)
        and ``processes`` (path of `boundwise.core.processes`).
    """

    def __init__(self, spec: dict[str, Any]) -> None:
        self._spec = spec
        self._processes = _load(spec["processes"])
        self._launched = time.monotonic()
        self._started: float | None = None
        self._started_cpu = 0.0
        self._starved = False
        self._interrupted_at: float | None = None
        self._ended = "exit"
        self._peak_kib = 0
        self._cpu = 0.0
        self._pid = 0
        self._wait_status: int | None = None

    def run(self) -> dict[str, Any]:
        """Start the child, watch it until it ends, and return what happened."""
        _prctl(_PR_SET_CHILD_SUBREAPER, 1)
        supervisor = os.getpid()
        self._pid = os.fork()
        if self._pid == 0:
            self._become_child(supervisor)
        try:
            self._watch()
        finally:
            self._kill_all()
        return self._outcome()

    def _become_child(self, supervisor: int) -> None:
        spec = self._spec
        try:
            os.setsid()
            _prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
            if os.getppid() != supervisor:
                os._exit(127)
            os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
            flags = os.O_WRONLY | os.O_CREAT | os.O_APPEND
            os.dup2(os.open(spec["out"], flags, 0o644), 1)
            os.dup2(os.open(spec["err"], flags, 0o644), 2)
            os.closerange(3, 256)
            os.chdir(spec["folder"])
            if spec["cores"]:
                os.sched_setaffinity(0, spec["cores"])
            resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
            resource.setrlimit(resource.RLIMIT_FSIZE, (_FILE_LIMIT, _FILE_LIMIT))
            # A signal that this process ignores would stay ignored over exec.
            for number in (*_IGNORED, signal.SIGPIPE):
                signal.signal(number, signal.SIG_DFL)
            os.execve(spec["command"][0], spec["command"], spec["environment"])
        except BaseException as error:
            os.write(2, f"cannot start: {error}\n".encode())
        finally:
            os._exit(127)

    def _watch(self) -> None:
        handle = None
        with contextlib.suppress(OSError, AttributeError):
            handle = os.pidfd_open(self._pid)
        watched = [0] if handle is None else [0, handle]
        while not self._reap():
            ready, _, _ = select.select(watched, [], [], _POLL)
            if 0 in ready and not os.read(0, 64):
                self._kill_all()
                os._exit(_RUNNER_GONE)
            self._check_memory()
            self._check_time()
        if handle is not None:
            os.close(handle)

    def _reap(self) -> bool:
        pid, status, usage = os.wait4(self._pid, os.WNOHANG)
        if pid == 0:
            return False
        self._wait_status = status
        self._cpu += usage.ru_utime + usage.ru_stime
        self._peak_kib = max(self._peak_kib, usage.ru_maxrss)
        return True

    def _check_memory(self) -> None:
        below = self._processes.descendants(os.getpid())
        resident = self._processes.resident_kib(below)
        self._peak_kib = max(self._peak_kib, resident)
        limit = self._spec["memory_limit"]
        if limit is not None and resident > limit * 1024 and self._ended == "exit":
            self._ended = "memory"
            self._signal_group(signal.SIGKILL)

    def _check_time(self) -> None:
        if self._started is None:
            self._read_mark()
        spec = self._spec
        overtime = self._overtime()
        if overtime > spec["kill_grace"]:
            if self._ended == "exit":
                self._ended = "time"
            self._signal_group(signal.SIGKILL)
        elif (
            self._started is not None
            and self._interrupted_at is None
            and overtime > spec["interrupt_grace"]
        ):
            self._interrupted_at = time.monotonic()
            self._signal_group(signal.SIGINT)

    def _overtime(self) -> float:
        """Return the seconds since the end of the time limit, negative before."""
        spec = self._spec
        # Until the imports are done, the clock of the run has not started.
        begin = self._started or self._launched + _START_LIMIT
        wall = time.monotonic() - begin
        if spec["wall_limit"] is None:
            return float(wall - spec["time_limit"])
        late = float(wall - spec["wall_limit"])
        live = self._processes.cpu_seconds(self._processes.descendants(os.getpid()))
        used = self._cpu + live - self._started_cpu
        over = float(used - spec["time_limit"]) if self._started else late
        self._starved = self._starved or (late > 0.0 and over < 0.0)
        return max(late, over)

    def _read_mark(self) -> None:
        with (
            contextlib.suppress(OSError, ValueError),
            open(self._spec["mark"]) as stream,
        ):
            wall, cpu = stream.read().split()
            self._started, self._started_cpu = float(wall), float(cpu)

    def _signal_group(self, number: int) -> None:
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(self._pid, number)

    def _kill_all(self) -> None:
        """Kill the group and whatever escaped from it, until nothing is left."""
        if self._pid == 0:
            return
        if self._wait_status is None or self._processes.children(os.getpid()):
            self._signal_group(signal.SIGKILL)
        for _ in range(200):
            for pid in self._processes.descendants(os.getpid()):
                with contextlib.suppress(ProcessLookupError):
                    os.kill(pid, signal.SIGKILL)
            try:
                pid, _, usage = os.wait4(-1, os.WNOHANG)
            except ChildProcessError:
                return
            if pid == 0:
                time.sleep(0.01)
            else:
                self._cpu += usage.ru_utime + usage.ru_stime

    def _outcome(self) -> dict[str, Any]:
        self._read_mark()
        ended = time.monotonic()
        status = self._wait_status
        code = None if status is None else os.waitstatus_to_exitcode(status)
        return {
            "ended": self._ended,
            "rc": code if code is not None and code >= 0 else None,
            "signal": -code if code is not None and code < 0 else None,
            "interrupted": self._interrupted_at is not None,
            "launched": self._launched,
            "starved": self._starved,
            "started": self._started,
            "started_cpu": self._started_cpu,
            "ended_at": ended,
            "time_cpu": round(self._cpu, 4),
            "peak_rss": round(self._peak_kib / 1024, 2),
        }


def main() -> None:
    """Read the specification named on the command line, run, print the outcome."""
    for number in _IGNORED:
        signal.signal(number, signal.SIG_IGN)
    with open(sys.argv[1], encoding="utf-8") as stream:
        spec = json.load(stream)
    print(json.dumps(Supervisor(spec).run()), flush=True)


if __name__ == "__main__":
    main()
