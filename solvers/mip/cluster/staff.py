"""The runs on the workers of a cluster: one each, also on workers that come later.

A run is tied to its worker: Dask never repeats one in silence. A run whose worker is
gone is lost; the worker that takes its place, if one does, gets a new run.
"""

import contextlib
import logging
import time
from collections.abc import Callable, Iterable
from typing import Any

from boundwise.instances.instance import Instance
from boundwise.solvers.mip.cluster.worker import RunEnd, run_on_worker
from boundwise.solvers.mip.cluster.workers import workers_of

logger = logging.getLogger(__name__)
#: A problem that takes this many workers along takes no more.
_MOST_LOSSES = 10
#: Seconds between two looks at the list of workers, and for one look.
_LOOK_EVERY, _PATIENCE = 1.0, 2.0


class Staff:
    """Start runs on workers, and tell which have ended or were lost.

    Parameters
    ----------
    client
        Dask client.
    instance
        The problem.
    variable
        Name of the variable with the place of the hub.
    settings_of
        Returns the arguments of ``solve`` for run number 0, 1, ... at this moment.
    """

    def __init__(
        self,
        client: Any,
        instance: Instance,
        variable: str,
        settings_of: Callable[[int], dict[str, Any]],
    ) -> None:
        self._client = client
        self._instance = instance
        self._variable = variable
        self._settings_of = settings_of
        self._running: dict[str, tuple[str, Any]] = {}
        self._finished: set[str] = set()
        self._n_started = 0
        self._addresses: list[str] = []
        self._look_at = 0.0
        self.lost: list[str] = []

    def addresses(self) -> list[str]:
        """Return the workers, as the scheduler knew them about a second ago.

        If it does not answer, what it said last holds.
        """
        if time.monotonic() >= self._look_at:
            with contextlib.suppress(OSError):
                self._addresses = list(workers_of(self._client, _PATIENCE))
            self._look_at = time.monotonic() + _LOOK_EVERY
        return self._addresses

    @property
    def running(self) -> int:
        """Number of runs under way."""
        return len(self._running)

    def hire(self) -> None:
        """Start a run on every worker that has had none."""
        if len(self.lost) >= _MOST_LOSSES:
            return
        for address in self.addresses():
            if address not in self._running and address not in self._finished:
                self._start(address)

    def ended(self) -> list[RunEnd]:
        """Return the runs that have ended since the last call; note the lost ones."""
        found: list[RunEnd] = []
        present = set(self.addresses())
        for address, (who, future) in list(self._running.items()):
            if future.done():
                self._finished.add(address)
                found += self._result_of(who, future)
            elif address not in present:
                self._lose(who, "its worker is gone")
                future.cancel(force=True)
            else:
                continue
            del self._running[address]
        return found

    def dismiss(self) -> None:
        """Give up the runs under way."""
        for _, future in self._running.values():
            future.cancel(force=True)
        self._running.clear()

    def _start(self, address: str) -> None:
        who = f"run-{self._n_started}"
        settings = self._settings_of(self._n_started)
        self._n_started += 1
        # Where the run is: a copy elsewhere could be lost before the run begins.
        data = self._client.scatter(self._instance, workers=[address], hash=False)
        future = self._client.submit(
            run_on_worker,
            data,
            self._variable,
            who,
            settings,
            workers=[address],
            allow_other_workers=False,
            pure=False,
            retries=0,
        )
        self._running[address] = (who, future)
        logger.info("%s on %s", who, address)

    def _result_of(self, who: str, future: Any) -> Iterable[RunEnd]:
        if future.status == "finished":
            return [future.result(timeout=5.0)]
        error = future.exception(timeout=5.0) if future.status == "error" else "lost"
        self._lose(who, repr(error))
        return []

    def _lose(self, who: str, why: str) -> None:
        self.lost.append(f"{who}: {why}"[:300])
        logger.warning("%s is lost: %s", who, why)
