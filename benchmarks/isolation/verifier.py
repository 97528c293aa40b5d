"""Check solutions in a process of their own, so that no check can lose a run.

The process is started when it is first needed, serves one request at a time (a JSON
line in, a JSON line out), and is killed when it takes too long. It ends when its
input closes.
"""

import contextlib
import json
import select
import subprocess
import sys
import threading
import time
from collections.abc import Mapping
from typing import Any

from boundwise.benchmarks.isolation.launch import run_environment

_MODULE = "boundwise.benchmarks.isolation.verify_server"


class Verifier:
    """Ask a checker process for verdicts.

    Parameters
    ----------
    timeout
        Seconds that one check may take.
    """

    def __init__(self, timeout: float = 600.0) -> None:
        self._timeout = timeout
        self._process: subprocess.Popen[bytes] | None = None
        self._lock = threading.Lock()

    def verify(self, request: Mapping[str, Any]) -> dict[str, Any]:
        """Return the verdict, or ``{"error": ...}`` if the checker failed.

        Parameters
        ----------
        request
            ``suite``, ``instance`` (path), ``folder`` (of the run), ``claim``.
        """
        with self._lock:
            try:
                return self._ask(json.dumps(request).encode() + b"\n")
            except (OSError, ValueError) as error:
                self._kill()
                return {"error": f"the checker failed: {error}"}

    def _ask(self, line: bytes) -> dict[str, Any]:
        if self._process is not None and self._process.poll() is not None:
            self._kill()
        if self._process is None:
            self._process = subprocess.Popen(
                [sys.executable, "-P", "-m", _MODULE],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
                env=run_environment(1),
                start_new_session=True,
            )
        process = self._process
        assert process.stdin is not None
        assert process.stdout is not None
        process.stdin.write(line)
        process.stdin.flush()
        answer = self._read_line(process.stdout)
        verdict = json.loads(answer)
        if not isinstance(verdict, dict):
            raise ValueError("it did not answer")
        return verdict

    def _read_line(self, stream: Any) -> bytes:
        deadline = time.monotonic() + self._timeout
        data = b""
        while not data.endswith(b"\n"):
            left = deadline - time.monotonic()
            ready, _, _ = select.select([stream], [], [], max(0.0, left))
            if not ready:
                raise ValueError(f"no verdict after {self._timeout:g} s")
            block = stream.read1(65536)
            if not block:
                raise ValueError("its process ended")
            data += block
        return data

    def _kill(self) -> None:
        if self._process is None:
            return
        self._process.kill()
        self._process.wait()
        for stream in (self._process.stdin, self._process.stdout):
            if stream is not None:
                # Closing flushes, and the reader may be gone.
                with contextlib.suppress(OSError):
                    stream.close()
        self._process = None

    def close(self) -> None:
        """End the process."""
        with self._lock:
            self._kill()
