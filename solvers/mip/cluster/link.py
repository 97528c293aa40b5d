"""Reach the hub, an actor on some worker of a Dask cluster, from driver and workers.

The place of the hub stands in a Dask variable, which the scheduler holds. If the worker
that holds the hub is lost, the driver makes a new one elsewhere and writes its place
into the variable; whoever fails to reach the old one looks there again. No call waits
longer than a few seconds.
"""

from typing import Any

from boundwise.core.errors import SolverError
from boundwise.core.optional import require
from boundwise.core.result import Sense
from boundwise.solvers.mip.cluster.hub import Hub, News, Reply, Report

#: Seconds that one call may take.
_PATIENCE = 5.0


class Link:
    """Call the hub whose place stands in a variable.

    Parameters
    ----------
    client
        Dask client.
    name
        Name of the variable; unique to the run.
    patience
        Seconds that one call may take; may be changed at any time.
    """

    def __init__(self, client: Any, name: str, patience: float = _PATIENCE) -> None:
        distributed = require("distributed", extra="cluster")
        self._variable = distributed.Variable(name, client=client)
        self._client = client
        self.patience = patience
        self._actor: Any = None
        self._future: Any = None

    def place(self, sense: Sense, address: str) -> None:
        """Begin to make a new hub on a worker; `is_placed` tells when it is there.

        Parameters
        ----------
        sense
            Sense of the objective.
        address
            The worker.
        """
        self._actor = None
        self._future = self._client.submit(
            Hub, sense, actor=True, workers=[address], pure=False
        )

    def is_placed(self) -> bool:
        """Tell whether the new hub is there, and if so, tell everybody where.

        Raises
        ------
        SolverError
            If it cannot be made where it should be.
        """
        if self._future.status == "pending":
            return False
        if self._future.status == "error":
            raise SolverError(str(self._future.exception(timeout=self.patience)))
        if self._future.status != "finished":
            raise SolverError(f"its worker is {self._future.status}")
        with self._client.as_current():
            actor = self._future.result(timeout=self.patience)
        self._variable.set(self._future, timeout=self.patience)
        self._actor = actor
        return True

    def meet(self, report: Report) -> Reply:
        """Bring a report to the hub and return its reply."""
        reply: Reply = self._call("meet", report)
        return reply

    def news(self, since: int) -> list[News]:
        """Return the hub's news from number ``since`` on."""
        news: list[News] = self._call("news", since)
        return news

    def end(self) -> None:
        """Tell every run that it is no longer needed."""
        self._call("end")

    def remove(self) -> None:
        """Forget the hub; its worker may then free it."""
        self._variable.delete()
        self._actor = self._future = None

    def _call(self, method: str, *words: object) -> Any:
        # An actor takes the client of the present context, or none: not its own.
        with self._client.as_current():
            if self._actor is None:
                future = self._variable.get(timeout=self.patience)
                self._actor = future.result(timeout=self.patience)
            try:
                call = getattr(self._actor, method)
                return call(*words).result(timeout=self.patience)
            except Exception:
                self._actor = None  # next time, look where the hub is now
                raise
