"""The child's end of the line: frames in through a thread, frames out under a lock.

When the run goes away, the input ends, and so does this process, whatever it is doing.
"""

import contextlib
import ctypes
import os
import queue
import resource
import signal
import sys
import threading
from pathlib import Path

from boundwise.heuristics.engines.frames import Decoder, Frame, encode

_PR_SET_PDEATHSIG = 1
_CHUNK = 2**20
#: Address space for a thread's stack and heap arena, in MiB.
_PER_THREAD = 80


class Line:
    """Receive and send frames over what were standard input and output.

    Whatever else writes to standard output lands in the standard error output.

    Parameters
    ----------
    latest_only
        Kinds of frames of which only the newest one matters.
    """

    def __init__(self, latest_only: frozenset[str] = frozenset()) -> None:
        self._in = os.dup(0)
        self._out = os.dup(1)
        silence = os.open(os.devnull, os.O_RDONLY)
        os.dup2(silence, 0)
        os.close(silence)
        os.dup2(2, 1)
        self._latest_only = latest_only
        self._latest: dict[str, Frame] = {}
        self._queue: queue.SimpleQueue[Frame] = queue.SimpleQueue()
        self._lock = threading.Lock()
        threading.Thread(target=self._listen, name="line", daemon=True).start()

    def receive(self) -> Frame:
        """Wait for the next frame."""
        return self._queue.get()

    def take_latest(self, kind: str) -> Frame | None:
        """Return the newest frame of a kind, once, or None."""
        return self._latest.pop(kind, None)

    def peek_latest(self, kind: str) -> Frame | None:
        """Return the newest frame of a kind and keep it, or None."""
        return self._latest.get(kind)

    def send(self, frame: Frame) -> None:
        """Send a frame, waiting until the run has room for it."""
        data = memoryview(encode(frame))
        with self._lock:
            while data:
                data = data[os.write(self._out, data[:_CHUNK]) :]

    def _listen(self) -> None:
        decoder = Decoder()
        # Whatever goes wrong here leaves a process that nobody can reach.
        with contextlib.suppress(Exception):
            while data := os.read(self._in, _CHUNK):
                for frame in decoder.feed(data):
                    if frame.kind in self._latest_only:
                        self._latest[frame.kind] = frame
                    else:
                        self._queue.put(frame)
        os._exit(0)


def tie_to_parent(parent: int) -> None:
    """End this process when its parent ends, also if it is suspended (Linux).

    Parameters
    ----------
    parent
        Process id of the parent.
    """
    for number in (signal.SIGINT, signal.SIGPIPE):
        signal.signal(number, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    if sys.platform.startswith("linux"):
        with contextlib.suppress(OSError, AttributeError):
            libc = ctypes.CDLL(None, use_errno=True)
            libc.prctl(_PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)
    if os.getppid() != parent:
        os._exit(0)


def limit_memory(mebibytes: float | None) -> None:
    """Cap the address space at what is mapped now plus a number of MiB.

    What the imports have mapped is not the solver's. Where the system has no such
    limit, there is none.
    """
    if mebibytes is None:
        return
    mapped = 0
    with contextlib.suppress(OSError, IndexError, ValueError):
        pages = Path("/proc/self/statm").read_text().split()[0]
        mapped = int(pages) * resource.getpagesize()
    room = (mebibytes + 2 * _PER_THREAD) * 2**20
    with contextlib.suppress(ValueError, OSError):
        resource.setrlimit(resource.RLIMIT_AS, (mapped + int(room),) * 2)
