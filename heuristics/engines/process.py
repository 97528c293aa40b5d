"""A child process of the run: started afresh, spoken to in frames, suspended at will.

The child is started (never forked: threads and solvers live in this process) in a
process group of its own, so that Ctrl-C in a terminal reaches the run alone. It ends
with the run in every case: the kernel kills it when this process dies, suspended or
not, and where the kernel does not, it sees its input end. Suspending stops the whole
process (SIGSTOP): it keeps its memory and uses no CPU.
"""

import contextlib
import fcntl
import os
import select
import signal
import subprocess
import sys
import tempfile
import time
import weakref
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import IO

from boundwise.core.children import child_environment
from boundwise.core.errors import InputError, SolverError
from boundwise.heuristics.engines.frames import Decoder, Frame, encode

#: Kind of the first message of a child: from then on it dies with this process.
GREETING = "hello"
_CHUNK = 2**20
#: Seconds that the interpreter of a child may take to come up.
_START_LIMIT = 60.0
_spawners: dict[int, ThreadPoolExecutor] = {}


class ChildError(SolverError):
    """Report that a child crashed, was killed or spoke nonsense."""


class ChildProcess:
    """Run ``python -m module arguments...`` and speak with it in frames.

    Parameters
    ----------
    module
        Dotted name of the module to run.
    arguments
        Its arguments; the id of this process is put before them.

    Raises
    ------
    SolverError
        If no process can be started.
    """

    def __init__(self, module: str, arguments: Sequence[str] = ()) -> None:
        executable = sys.executable
        if not executable:
            raise SolverError("there is no interpreter to start a child with.")
        command = [executable, "-P", "-m", module, str(os.getpid()), *arguments]
        self._errors: IO[bytes] = tempfile.TemporaryFile()  # noqa: SIM115
        try:
            self._process = _spawner().submit(_popen, command, self._errors).result()
        except OSError as error:
            self._errors.close()
            raise SolverError(f"cannot start a child process: {error}.") from error
        self._finalizer = weakref.finalize(
            self, _end, self._process, self._errors, os.getpid()
        )
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._in, self._out = self._process.stdin, self._process.stdout
        for pipe in (self._in, self._out):
            os.set_blocking(pipe.fileno(), False)
            _widen(pipe.fileno())
        self._unsent: list[memoryview] = []
        self._decoder = Decoder()
        self._early: list[Frame] = []
        self._greeted = False
        self._suspended = False
        self._cpu = 0.0

    @property
    def pid(self) -> int:
        """Id of the process."""
        return self._process.pid

    @property
    def is_suspended(self) -> bool:
        """Whether the process is stopped."""
        return self._suspended

    @property
    def is_closed(self) -> bool:
        """Whether the process has been ended."""
        return not self._finalizer.alive

    def send(self, frame: Frame) -> None:
        """Queue a message; it is written while frames are exchanged."""
        self._unsent.append(memoryview(encode(frame)))

    def exchange(self, timeout: float) -> list[Frame]:
        """Write what is queued and return the messages that arrive.

        Parameters
        ----------
        timeout
            Seconds to wait for the first message; 0 takes what is there.

        Raises
        ------
        ChildError
            If the child is gone or what it says makes no sense.
        """
        until = time.monotonic() + timeout
        while True:
            frames, self._early = self._early, []
            frames += self._pump(max(0.0, until - time.monotonic()))
            if frames or time.monotonic() >= until:
                return frames

    def suspend(self) -> None:
        """Stop the process until `resume`.

        Raises
        ------
        ChildError
            If the child is gone, or never comes up.
        """
        if self._suspended:
            return
        # A child that has not yet tied its life to ours must not be left standing.
        until = time.monotonic() + _START_LIMIT
        while not self._greeted:
            if time.monotonic() >= until:
                raise self._failure("it does not come up")
            self._early += self._pump(0.05)
        self._signal(signal.SIGSTOP)
        self._suspended = True

    def resume(self) -> None:
        """Let the process go on.

        Raises
        ------
        ChildError
            If the child is gone.
        """
        if self._suspended:
            self._signal(signal.SIGCONT)
            self._suspended = False

    def cpu_seconds(self) -> float:
        """Return the seconds of CPU that the process has used so far."""
        if not self.is_closed:
            with contextlib.suppress(OSError, OverflowError):
                self._cpu = max(self._cpu, time.clock_gettime(_cpu_clock(self.pid)))
        return self._cpu

    def close(self) -> None:
        """Kill the process, take its exit code and close the pipes."""
        self.cpu_seconds()
        self._finalizer()

    def _pump(self, timeout: float) -> list[Frame]:
        if self.is_closed:
            raise ChildError("the child process has been closed.")
        poll = select.poll()
        poll.register(self._out, select.POLLIN)
        if self._unsent:
            poll.register(self._in, select.POLLOUT)
        ready = {number for number, _ in poll.poll(1000.0 * timeout)}
        if self._in.fileno() in ready:
            self._write()
        return self._read() if self._out.fileno() in ready else []

    def _write(self) -> None:
        try:
            while self._unsent:
                written = os.write(self._in.fileno(), self._unsent[0][:_CHUNK])
                self._unsent[0] = self._unsent[0][written:]
                if not self._unsent[0]:
                    del self._unsent[0]
        except BlockingIOError:
            return
        except OSError as error:
            raise self._failure("it takes no more messages") from error

    def _read(self) -> list[Frame]:
        frames: list[Frame] = []
        try:
            while data := os.read(self._out.fileno(), _CHUNK):
                frames += self._decoder.feed(data)
        except BlockingIOError:
            return self._without_greeting(frames)
        except InputError as error:
            raise self._failure(str(error)) from error
        except OSError as error:
            raise self._failure(str(error)) from error
        if frames:
            # The end of the stream is seen again once these have been read.
            return self._without_greeting(frames)
        raise self._failure("its output ended")

    def _without_greeting(self, frames: list[Frame]) -> list[Frame]:
        self._greeted = self._greeted or any(f.kind == GREETING for f in frames)
        return [frame for frame in frames if frame.kind != GREETING]

    def _signal(self, number: int) -> None:
        try:
            self._process.send_signal(number)
        except OSError as error:
            raise self._failure(str(error)) from error
        # Of a process that has ended, `send_signal` says nothing.
        if self._process.returncode is not None:
            raise self._failure("it ended")

    def _failure(self, what: str) -> ChildError:
        """End the child and return why."""
        code: int | None = None
        with contextlib.suppress(subprocess.TimeoutExpired):
            code = self._process.wait(timeout=0.5)
        last = _last_line(self._errors)
        self.close()
        reasons = [what]
        if code is not None:
            reasons.append(_ending_of(code))
        if last:
            reasons.append(last)
        return ChildError(f"the child process failed: {'; '.join(reasons)}.")


def _spawner() -> ThreadPoolExecutor:
    # Linux kills the child when the *thread* that started it ends. This one lasts.
    pid = os.getpid()
    if pid not in _spawners:
        _spawners.clear()
        _spawners[pid] = ThreadPoolExecutor(1, "boundwise-spawner")
    return _spawners[pid]


def _popen(command: list[str], errors: IO[bytes]) -> "subprocess.Popen[bytes]":
    return subprocess.Popen(
        command,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=errors,
        env=child_environment(),
        bufsize=0,
        # Out of reach of Ctrl-C. Not a session of its own: when this process dies,
        # the group becomes an orphan, and POSIX wakes and hangs up its stopped
        # members.
        process_group=0,
    )


def _widen(pipe: int) -> None:
    # Long vectors then need few turns of both processes; Linux only, by permission.
    with contextlib.suppress(OSError, AttributeError):
        fcntl.fcntl(pipe, fcntl.F_SETPIPE_SZ, _CHUNK)


def _end(process: "subprocess.Popen[bytes]", errors: IO[bytes], owner: int) -> None:
    if os.getpid() != owner:
        return  # a fork of the run has inherited the object, not the child
    for stream in (process.stdin, process.stdout):
        if stream is not None:
            with contextlib.suppress(OSError):
                stream.close()
    with contextlib.suppress(OSError):
        process.kill()
    process.wait()
    errors.close()


def _cpu_clock(pid: int) -> int:
    # The clock id that clock_getcpuclockid(3) returns on Linux.
    if not sys.platform.startswith("linux"):
        raise OSError("the CPU clocks of other processes are known on Linux only")
    return (~pid << 3) | 2


def _last_line(errors: IO[bytes]) -> str:
    with contextlib.suppress(OSError, ValueError):
        size = errors.seek(0, os.SEEK_END)
        errors.seek(max(0, size - 2000))
        lines = errors.read().decode(errors="replace").strip().splitlines()
        return lines[-1][:300].rstrip(".") if lines else ""
    return ""


def _ending_of(code: int) -> str:
    if code >= 0:
        return f"exit code {code}"
    with contextlib.suppress(ValueError):
        return f"killed by {signal.Signals(-code).name}"
    return f"killed by signal {-code}"
