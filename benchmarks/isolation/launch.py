"""Start the supervisor of one run and wait for its outcome."""

import contextlib
import json
import subprocess
import sys
import threading
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from boundwise.benchmarks.isolation import supervisor
from boundwise.benchmarks.job import RunLimits
from boundwise.core import processes
from boundwise.core.children import child_environment
from boundwise.core.clock import CLOCK_VARIABLE
from boundwise.core.files import write_json


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What the supervisor saw from outside.

    Parameters
    ----------
    ended
        ``"exit"``, ``"time"``, ``"memory"`` or ``"lost"`` (the supervisor itself
        ended without a word).
    rc, signal
        Exit code or signal of the child.
    interrupted
        Whether SIGINT was sent at the limit.
    starved
        Whether the guard on the wall clock ended a run that counts CPU seconds.
    launched, started, ended_at
        Monotonic clock at the launch, after the imports, and at the end.
    started_cpu
        CPU seconds of the run after the imports.
    time_cpu
        Seconds of all processes.
    peak_rss
        MiB of resident memory.
    """

    ended: str
    rc: int | None = None
    signal: int | None = None
    interrupted: bool = False
    starved: bool = False
    launched: float | None = None
    started: float | None = None
    started_cpu: float = 0.0
    ended_at: float | None = None
    time_cpu: float | None = None
    peak_rss: float | None = None


class Launcher:
    """Start runs, and end those under way when asked to.

    The supervisors read an otherwise silent pipe: when it closes, because of `stop`
    or of this process's death, they kill their runs.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._running: set[subprocess.Popen[bytes]] = set()
        self._stopped = False

    @property
    def stopped(self) -> bool:
        """Whether `stop` was called."""
        return self._stopped

    def run(
        self, folder: Path, limits: RunLimits, cores: list[int] | None = None
    ) -> Outcome:
        """Run the task that lies in ``folder`` and wait for its end.

        Parameters
        ----------
        folder
            Absolute folder with ``task.json``; everything is written there.
        limits
            Limits of the run.
        cores
            Cores to pin the run to, or None.
        """
        work = folder / "work"
        work.mkdir(exist_ok=True)
        spec = _specification(folder, work, limits, cores)
        write_json(folder / "supervisor.json", spec)
        process = self._start(folder / "supervisor.json")
        if process is None:
            return Outcome(ended="lost")
        try:
            # Only the supervisor's end closes its output; nothing is written to it.
            assert process.stdout is not None
            output = process.stdout.read()
            process.wait()
        finally:
            self._forget(process)
        try:
            return Outcome(**json.loads(output))
        except (ValueError, TypeError):
            return Outcome(ended="lost", rc=process.returncode)

    def _start(self, spec: Path) -> subprocess.Popen[bytes] | None:
        command = [sys.executable, "-I", "-S", supervisor.__file__, str(spec)]
        with self._lock:
            if self._stopped:
                return None
            process = subprocess.Popen(
                command,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                # Out of reach of signals to the group of the runner or worker.
                start_new_session=True,
            )
            self._running.add(process)
        return process

    def _forget(self, process: subprocess.Popen[bytes]) -> None:
        with self._lock:
            self._running.discard(process)
            for stream in (process.stdin, process.stdout):
                if stream is not None:
                    with contextlib.suppress(OSError):
                        stream.close()

    def stop(self) -> None:
        """End every run under way, and start no further one."""
        with self._lock:
            self._stopped = True
            for process in self._running:
                if process.stdin is not None:
                    with contextlib.suppress(OSError):
                        process.stdin.close()


def run_environment(threads: int, clock: str = "wall") -> dict[str, str]:
    """Return the environment of a run.

    Parameters
    ----------
    threads
        Threads of the libraries for linear algebra.
    clock
        What its limits count, see `boundwise.core.clock`.
    """
    return {
        **child_environment(threads),
        CLOCK_VARIABLE: clock,
        "PYTHONHASHSEED": "0",
    }


def _specification(
    folder: Path, work: Path, limits: RunLimits, cores: list[int] | None
) -> dict[str, Any]:
    module = "boundwise.benchmarks.isolation.child"
    return {
        "command": [sys.executable, "-P", "-m", module, str(folder)],
        "environment": run_environment(limits.threads, limits.clock),
        "folder": str(work),
        "out": str(folder / "out"),
        "err": str(folder / "err"),
        "mark": str(folder / "started"),
        "time_limit": limits.time_limit,
        "interrupt_grace": limits.seconds_to_interrupt,
        "kill_grace": limits.seconds_to_kill,
        "wall_limit": limits.wall_guard,
        "processes": processes.__file__,
        "memory_limit": limits.hard_memory,
        "cores": cores,
    }
