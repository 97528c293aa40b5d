"""Interruption: Ctrl-C, SIGTERM and hard deadlines reach code that runs in C.

Python runs signal handlers only between bytecodes, so a solver that stays in C for
a minute would not see Ctrl-C for a minute. The C part of a signal, however, writes
to the wake-up file descriptor at once. A watchdog thread waits on that descriptor
and calls the ``interrupt`` of whichever solver is running; so it does at the
deadline. The solver must release the GIL while it runs.
"""

import contextlib
import signal
import socket
import threading
import time
from collections.abc import Callable, Iterator
from typing import Any

from boundwise.core.limits import Deadline

#: A second Ctrl-C within this many seconds is the same press seen twice.
_DEBOUNCE = 0.2
_SIGNALS = (signal.SIGINT, signal.SIGTERM)


class Interrupter:
    """Stop flag of a run, and the watchdog that carries it into running solvers.

    Use it as a context manager around the run. The first SIGINT or SIGTERM sets
    `requested`; a second SIGINT raises KeyboardInterrupt. Outside the main
    thread signals are left alone, and only the deadline and `request` act.

    Parameters
    ----------
    deadline
        At its end, the running solver is interrupted.
    grace
        Seconds after the deadline before the interruption, so that a solver's own
        limit acts first.
    """

    def __init__(self, deadline: Deadline, grace: float = 0.15) -> None:
        self._deadline = deadline
        self._grace = grace
        self._requested = threading.Event()
        self._lock = threading.Lock()
        self._stops: list[Callable[[], None]] = []
        self._first_signal: float | None = None
        self._old_handlers: dict[int, Any] = {}
        self._old_wakeup = -1
        self._reader: socket.socket | None = None
        self._writer: socket.socket | None = None
        self._thread: threading.Thread | None = None
        self._closed = False

    @property
    def requested(self) -> bool:
        """Whether somebody asked the run to end."""
        return self._requested.is_set()

    def request(self) -> None:
        """Ask the run to end, from any thread."""
        self._requested.set()
        self._stop_running()

    @contextlib.contextmanager
    def running(self, stop: Callable[[], None]) -> Iterator[None]:
        """Register the function that stops the solver now running.

        Parameters
        ----------
        stop
            Called from the watchdog thread, perhaps several times.
        """
        with self._lock:
            self._stops.append(stop)
        if self.requested:
            stop()
        try:
            yield
        finally:
            with self._lock:
                self._stops.remove(stop)

    def __enter__(self) -> "Interrupter":
        self._reader, self._writer = socket.socketpair()
        self._writer.setblocking(False)
        if threading.current_thread() is threading.main_thread():
            for number in _SIGNALS:
                self._old_handlers[number] = signal.signal(number, self._on_signal)
            self._old_wakeup = signal.set_wakeup_fd(
                self._writer.fileno(), warn_on_full_buffer=False
            )
        self._thread = threading.Thread(
            target=self._watch, name="boundwise-watchdog", daemon=True
        )
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        if self._old_handlers:
            signal.set_wakeup_fd(self._old_wakeup)
            for number, handler in self._old_handlers.items():
                signal.signal(number, handler)
        self._closed = True
        assert self._writer is not None
        assert self._reader is not None
        assert self._thread is not None
        self._writer.send(b"\0")
        self._thread.join()
        self._reader.close()
        self._writer.close()

    def _on_signal(self, number: int, _frame: object) -> None:
        now = time.monotonic()
        if self._first_signal is None:
            self._first_signal = now
            self._requested.set()
        elif number == signal.SIGINT and now - self._first_signal > _DEBOUNCE:
            raise KeyboardInterrupt

    def _watch(self) -> None:
        assert self._reader is not None
        while True:
            overdue = self._deadline.remaining() == 0.0
            wait = self._deadline.remaining() + self._grace
            # Once overdue (or asked to end), repeat: the next solver may have
            # started just after the previous one was stopped.
            if overdue or self.requested:
                wait = 0.1
            self._reader.settimeout(min(wait, 3600.0))
            try:
                data = self._reader.recv(64)
            except TimeoutError:
                data = b""
            if self._closed:
                return
            if any(number in data for number in _SIGNALS):
                self._requested.set()
            past = self._deadline.elapsed() >= self._deadline.time_limit + self._grace
            if self.requested or past:
                self._stop_running()

    def _stop_running(self) -> None:
        with self._lock:
            for stop in self._stops:
                stop()
