"""Incumbents that come from and go to other runs on the same problem.

At every border between two turns, a run publishes what it has found since the last
one, and takes the better solution that somebody else has found. What comes in goes
through the same exact check as everything else.
"""

from typing import Protocol, runtime_checkable

from boundwise.heuristics.protocols import FloatVector
from boundwise.solvers.mip.search import Search

#: Under this name foreign solutions stand in the trace.
FOREIGN = "exchange"


@runtime_checkable
class Exchange(Protocol):
    """Connect a run with others; all in the space and the sense of the user."""

    def publish(self, x: FloatVector | None, objective: float, bound: float) -> None:
        """Tell others the incumbent and the proven bound.

        Parameters
        ----------
        x
            Values of all variables, shape (n,), or None if only the bound is news.
        objective
            Objective of the incumbent, infinite if there is none.
        bound
            Proven bound, infinite if there is none.
        """
        ...

    def poll(self, objective: float) -> FloatVector | None:
        """Return a solution of others that is better than ``objective``, or None."""
        ...


class Border:
    """Exchange news between two turns.

    Parameters
    ----------
    exchange
        The connection.
    search
        The run.
    """

    def __init__(self, exchange: Exchange, search: Search) -> None:
        self._exchange = exchange
        self._search = search
        self._published = (search.objective, search.bound)

    def cross(self) -> None:
        """Publish own news and take foreign ones."""
        search = self._search
        with search.lock:
            news = (search.objective, search.bound)
            x = search.x if news[0] != self._published[0] else None
        if news != self._published:
            self._published = news
            self._exchange.publish(x, *news)
        foreign = self._exchange.poll(search.objective)
        if foreign is not None:
            self._take(foreign)

    def _take(self, x: FloatVector) -> None:
        search = self._search
        assert search.problem is not None
        # In the pool, where neighbourhoods find it, if presolving has left a
        # counterpart; as the incumbent in any case.
        values = search.problem.from_original(x)
        if values is not None:
            search.offer(values, FOREIGN)
        search.offer_original(x, FOREIGN)
        self._published = (search.objective, self._published[1])
