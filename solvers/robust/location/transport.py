"""The recourse of facility location: a transport problem with a price for shortage."""

from typing import Any

import numpy as np

from boundwise.core.errors import SolverError
from boundwise.instances.robust.arrays import Floats
from boundwise.instances.robust.location import LocationInstance


class Transport:
    """A linear program that is solved again and again for other sides.

    Parameters
    ----------
    data
        Costs, penalties and sizes.
    """

    def __init__(self, data: LocationInstance) -> None:
        from pyscipopt import LP

        n, m = data.n, data.m
        lp = LP(sense="minimize")
        infinity = lp.infinity()
        columns: list[list[Any]] = [[] for _ in range(n * m + m)]
        costs = np.concatenate([data.transport.ravel(), data.penalty])
        lp.addCols(columns, objs=costs.tolist())
        supply = [[(i * m + j, 1.0) for j in range(m)] for i in range(n)]
        served = [
            [*((i * m + j, 1.0) for i in range(n)), (n * m + j, 1.0)] for j in range(m)
        ]
        lp.addRows(
            supply + served,
            lhss=[-infinity] * n + [0.0] * m,
            rhss=[0.0] * n + [infinity] * m,
        )
        self._lp, self._n, self._costs = lp, n, costs

    def solve(self, capacity: Floats, demand: Floats) -> tuple[float, Floats]:
        """Return cost and flows for capacities and demands.

        Raises
        ------
        SolverError
            If the linear program fails.
        """
        lp, infinity = self._lp, self._lp.infinity()
        for i, most in enumerate(capacity.tolist()):
            lp.chgSide(i, -infinity, most)
        for j, least in enumerate(demand.tolist()):
            lp.chgSide(self._n + j, least, infinity)
        lp.solve()
        if not lp.isOptimal():
            raise SolverError("the transport problem was not solved.")
        flows = np.maximum(np.array(lp.getPrimal()), 0.0)
        return float(self._costs @ flows), flows
