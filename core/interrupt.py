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

from boundwise.core.errors import InputError
from boundwise.core.limits import Deadline

#: A second Ctrl-C within this many seconds is the same press seen twice.
_DEBOUNCE = 0.2
_SIGNALS = (signal.SIGINT, signal.SIGTERM)
#: Seconds between two interruptions once the run has to end.
_REPEAT = 0.1


class Interrupter:
    """Stop flag of a run, and the watchdog that carries it into running solvers.

    Use it as a context manager around the run. The first SIGINT or SIGTERM sets
    `requested`; a second SIGINT raises KeyboardInterrupt. Outside the main
    thread signals are left alone, and only the deadline and `request` act; so is a
    signal that the process ignores, as under ``nohup``. A signal that comes during a
    nested run ends the outer runs too.

    Parameters
    ----------
    deadline
        At its end, the running solver is interrupted.
    grace
        Seconds after the deadline before the interruption, so that a solver's own
        limit acts first.

    Raises
    ------
    InputError
        If ``grace`` is negative.
    """

    def __init__(self, deadline: Deadline, grace: float = 0.15) -> None:
        if not grace >= 0.0:
            raise InputError(f"grace must not be negative, got {grace!r}.")
        self._deadline = deadline
        self._grace = grace
        self._requested = threading.Event()
        # Reentrant: a signal handler may call `request` while its thread holds it.
        self._lock = threading.RLock()
        self._stops: list[Callable[[], None]] = []
        self._first_signal: float | None = None
        self._old_handlers: dict[int, Any] = {}
        self._outer: Callable[[int, Any], Any] | None = None
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
        # A solver that is about to start forgets an earlier interruption: the
        # watchdog must wake up and repeat it.
        self._wake()
        self.stop_running()

    def stop_running(self) -> None:
        """Stop the solvers now running, without asking the run to end."""
        with self._lock:
            for stop in self._stops:
                stop()

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
            self._catch_signals(self._writer)
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
        self._wake()
        self._thread.join()
        self._reader.close()
        self._writer.close()

    def _catch_signals(self, writer: socket.socket) -> None:
        for number in _SIGNALS:
            old = signal.getsignal(number)
            if old is None or old is signal.SIG_IGN:
                continue  # set by C code, which cannot be restored, or ignored
            if isinstance(getattr(old, "__self__", None), Interrupter):
                assert callable(old)
                self._outer = old
            self._old_handlers[number] = signal.signal(number, self._on_signal)
        if self._old_handlers:
            self._old_wakeup = signal.set_wakeup_fd(
                writer.fileno(), warn_on_full_buffer=False
            )

    def _on_signal(self, number: int, frame: object) -> None:
        now = time.monotonic()
        first = now if self._first_signal is None else self._first_signal
        self._first_signal = first
        self._requested.set()
        self._wake()
        if self._outer is not None:
            self._outer(number, frame)
        if number == signal.SIGINT and now - first > _DEBOUNCE:
            raise KeyboardInterrupt

    def _wake(self) -> None:
        # A full buffer or a closed socket: the watchdog is awake, or gone.
        if self._writer is not None:
            with contextlib.suppress(OSError):
                self._writer.send(b"\0")

    def _watch(self) -> None:
        assert self._reader is not None
        while True:
            # Once overdue (or asked to end), repeat: the next solver may have
            # started just after the previous one was stopped.
            wait = _REPEAT
            if not self.requested and not self._deadline.expired():
                wait = max(_REPEAT, self._deadline.soonest() + self._grace)
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
                self.stop_running()
