"""Load the compiled loop beside the run, so that no limit has to wait for it.

Where the loop is not cached it is compiled, which takes longer than some runs may. A
thread does that; whoever needs the loop waits for it as long as limits allow.
"""

import math
import threading
from collections.abc import Callable
from typing import TYPE_CHECKING

import numpy as np
from scipy.sparse import csr_array

from boundwise.core.clock import now
from boundwise.core.interrupt import Interrupter

if TYPE_CHECKING:
    from boundwise.heuristics.linear import LinearMip

#: Seconds between two looks at the limits.
_PAUSE = 0.02


class Preparation:
    """Do something once, in a thread of its own.

    Parameters
    ----------
    work
        What to do. What it raises is raised where somebody waits for it.
    """

    def __init__(self, work: Callable[[], object]) -> None:
        self._work = work
        self._lock = threading.Lock()
        self._thread: threading.Thread | None = None
        self._done = threading.Event()
        self._error: BaseException | None = None

    def begin(self) -> None:
        """Begin, unless it has begun."""
        with self._lock:
            if self._thread is None:
                # A daemon: a run that ends early does not wait for the compiler.
                self._thread = threading.Thread(
                    target=self._run, name="boundwise-compile", daemon=True
                )
                self._thread.start()

    @property
    def is_done(self) -> bool:
        """Whether nobody has to wait any more."""
        return self._done.is_set()

    def wait(
        self, seconds: float = math.inf, interrupter: Interrupter | None = None
    ) -> bool:
        """Wait until it is done, begun here if need be.

        Parameters
        ----------
        seconds
            Most seconds to wait.
        interrupter
            Can end the waiting.

        Returns
        -------
        bool
            Whether it is done.
        """
        self.begin()
        deadline = now() + seconds
        while not self._done.wait(_PAUSE):
            if now() >= deadline:
                return False
            if interrupter is not None and interrupter.requested:
                return False
        if self._error is not None:
            raise self._error
        return True

    def _run(self) -> None:
        try:
            self._work()
        except BaseException as error:
            self._error = error
        finally:
            self._done.set()


def _one_by_one() -> "LinearMip":
    from boundwise.heuristics.linear import LinearMip

    one = np.ones(1)
    return LinearMip(one, one, one, one > 0, csr_array(one[np.newaxis]), one, one)


def _run_loop() -> None:
    from boundwise.heuristics.local_search.arrays import make_search
    from boundwise.heuristics.local_search.kernel import run

    run(make_search(_one_by_one(), 0), 1, False)


def _run_propagation() -> None:
    from boundwise.heuristics.propagation import fix_all, make_domains

    fix_all(make_domains(_one_by_one(), np.zeros(1, dtype=np.int64), np.zeros(1)), 1)


#: The loop of local search.
loop = Preparation(_run_loop)
#: Propagation of bounds.
propagation = Preparation(_run_propagation)
