"""Connect one run with the hub, without ever making the run wait for the network.

    search thread      publish: note own news        poll: take what has come
    courier thread     every half second: report own news, note what comes back

The run keeps the best solution it has seen and sends it whenever the hub knows none as
good: also to a new hub that has taken the place of a lost one. After a report that
fails, the pause doubles, up to half a minute. A run without a hub goes on alone.
"""

import contextlib
import logging
import threading
from collections.abc import Callable
from typing import Self

import numpy as np

from boundwise.core.errors import BoundwiseError
from boundwise.core.result import Sense, missing_value
from boundwise.heuristics.protocols import FloatVector
from boundwise.solvers.mip.cluster.hub import Reply, Report
from boundwise.solvers.mip.cluster.policy import SharedPolicy

logger = logging.getLogger(__name__)
#: Seconds between two reports, and the longest pause after failed ones.
_INTERVAL = 0.5
_LONGEST_PAUSE = 30.0


class RunEndedError(BoundwiseError):
    """Leave a run that is no longer needed; the hub has all that it had found."""


class ClusterExchange:
    """Exchange incumbents of a run with a hub; an `Exchange` for ``solve``.

    Use it as a context manager around the run.

    Parameters
    ----------
    who
        Name of the run.
    sense
        Sense of the objective.
    n_variables
        Length of a solution.
    meet
        Brings a report to the hub and returns its reply; raises whatever the network
        raises. It must not block for ever.
    policy
        The run's policy, which shares experience, or None.
    interval
        Seconds between two reports.
    """

    def __init__(
        self,
        who: str,
        sense: Sense,
        n_variables: int,
        meet: Callable[[Report], Reply],
        policy: SharedPolicy | None = None,
        interval: float = _INTERVAL,
    ) -> None:
        self._who = who
        self._sign = 1.0 if sense == "minimize" else -1.0
        self._n_variables = n_variables
        self._meet = meet
        self._policy = policy
        self._interval = interval
        self._lock = threading.Lock()
        self._objective = missing_value("objective", sense)
        self._nothing = self._known = self._objective
        self._bound = missing_value("bound", sense)
        self._payload: bytes | None = None
        self._foreign: tuple[float, FloatVector] | None = None
        self._ended = False
        self._closing = threading.Event()
        self._thread = threading.Thread(
            target=self._carry, name="boundwise-courier", daemon=True
        )
        self.n_failures = 0

    # -- the search's side ----------------------------------------------------

    def publish(self, x: FloatVector | None, objective: float, bound: float) -> None:
        """Note own news; they travel with the next report."""
        with self._lock:
            if x is not None and self._is_better(objective, self._objective):
                self._objective = objective
                self._payload = np.asarray(x, dtype=np.float64).tobytes()
            self._bound = bound

    def poll(self, objective: float) -> FloatVector | None:
        """Return a solution of others that is better than ``objective``, or None.

        Raises
        ------
        RunEndedError
            If the run is no longer needed.
        """
        with self._lock:
            if self._ended:
                raise RunEndedError("the run is no longer needed.")
            foreign, self._foreign = self._foreign, None
        if foreign is None or not self._is_better(foreign[0], objective):
            return None
        return foreign[1]

    # -- the courier's side ---------------------------------------------------

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._closing.set()
        self._thread.join(timeout=_LONGEST_PAUSE)
        # What was found last must not be lost.
        with contextlib.suppress(Exception):
            self._report()

    def _carry(self) -> None:
        pause = self._interval
        while not self._closing.wait(pause):
            try:
                self._report()
                pause = self._interval
            except Exception as error:
                self.n_failures += 1
                self._known = self._nothing
                pause = min(2.0 * pause, _LONGEST_PAUSE)
                logger.info("the hub cannot be reached: %r", error)

    def _report(self) -> None:
        with self._lock:
            is_news = self._is_better(self._objective, self._known)
            report = Report(
                who=self._who,
                objective=self._objective,
                payload=self._payload if is_news else None,
                bound=self._bound,
                experience=self._policy.experience() if self._policy else {},
            )
        reply = self._meet(report)
        with self._lock:
            self._known = reply.objective
            self._ended = self._ended or reply.ended
            self._take(reply)
        if self._policy is not None:
            self._policy.learn(reply.experience)

    def _take(self, reply: Reply) -> None:
        if reply.payload is None:
            return
        x = np.frombuffer(reply.payload, dtype=np.float64)
        if len(x) != self._n_variables:
            return  # of another problem, or cut short
        if self._is_better(reply.objective, self._objective):
            # From now on it is this run's best: it comes once, and a new hub gets it.
            self._objective, self._payload = reply.objective, reply.payload
            self._foreign = (reply.objective, x)

    def _is_better(self, one: float, other: float) -> bool:
        return self._sign * one < self._sign * other
