"""Send solutions no faster than their making allows.

A solver waits while one of its solutions is copied. Where solutions come one after the
other, most of them are overtaken before anybody has looked at them: the last one is
sent when its time has come.
"""

import threading
import time
from collections.abc import Callable

#: Least pause after a solution, times what it took to send it.
_PACE = 10.0


class PacedSender:
    """Send the newest of what it is given, with pauses.

    Parameters
    ----------
    send
        Sends one thing; may be slow.
    """

    def __init__(self, send: Callable[[object], None]) -> None:
        self._send = send
        self._lock = threading.Lock()
        self._pause_until = 0.0
        self._waiting: object = None

    def offer(self, thing: object) -> None:
        """Send a thing, now or later."""
        with self._lock:
            self._waiting = thing
            self._send_if_due(time.process_time())

    def catch_up(self) -> None:
        """Send what waits if its time has come; to be called now and then."""
        with self._lock:
            self._send_if_due(time.process_time())

    def flush(self) -> None:
        """Send what waits, whatever the time."""
        with self._lock:
            self._send_if_due(float("inf"))

    def _send_if_due(self, now: float) -> None:
        if self._waiting is None or now < self._pause_until:
            return
        thing, self._waiting = self._waiting, None
        started = time.process_time()
        self._send(thing)
        ended = time.process_time()
        self._pause_until = ended + _PACE * (ended - started)
