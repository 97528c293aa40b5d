"""One update or query at a time, of whatever thread; none from within another."""

import threading
from types import TracebackType

from boundwise.core.errors import StageError


class Turn:
    """Let threads wait for each other; refuse a call from within a call.

    Compiled code releases the interpreter lock, and a user's objective is called in the
    middle of an update.
    """

    def __init__(self) -> None:
        self._lock = threading.RLock()
        self._taken = False

    def __enter__(self) -> None:
        self._lock.acquire()
        if self._taken:
            self._lock.release()
            raise StageError(
                "an objective must not use the maximizer that is asking it."
            )
        self._taken = True

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._taken = False
        self._lock.release()
