"""Screen decisions of capital budgeting by relaxed reactions in pooled scenarios.

In one scenario the linear relaxation of the reaction takes late projects by efficiency
until the budget is used up. The order does not depend on x: it is sorted once for each
scenario, and a decision costs one pass. The cost so found is a lower bound on the worst
case; what survives it is asked exactly, by the reaction's dynamic program. Scenarios
that have killed most are asked first.
"""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from boundwise.heuristics.compiled import compiled
from boundwise.instances.robust.arrays import Floats
from boundwise.solvers.robust.budgeting.worst_case import (
    Data,
    least_cost,
    relaxed_cost,
)

Ints = NDArray[np.int64]


class Rows(NamedTuple):
    """The first stage: ``matrix x <= side``."""

    matrix: Floats
    side: Floats


class Pool(NamedTuple):
    """What the kernels read of the scenarios, a row for each."""

    scenario: Floats
    cost: Floats
    revenue: Floats
    order: Ints


class BudgetingScreen:
    """Scenarios with their late projects by efficiency.

    Parameters
    ----------
    data
        The problem.
    rows
        The first stage of the projects.
    most
        Number of scenarios kept; the one that has killed least makes room.
    """

    def __init__(self, data: Data, rows: Rows, most: int = 250) -> None:
        self._data = data
        self._rows = rows
        n, q = data.cost_risk.shape
        self._pool = Pool(
            np.zeros((most, q)),
            np.zeros((most, n)),
            np.zeros((most, n)),
            np.zeros((most, n), dtype=np.int64),
        )
        self._kills = np.zeros(most)
        self.count = 0

    @property
    def scenarios(self) -> Floats:
        """The scenarios, a row each."""
        return self._pool.scenario[: self.count]

    def add(self, scenario: Floats) -> None:
        """Add a scenario."""
        slot = self.count
        if slot == len(self._kills):
            slot = int(np.argmin(self._kills))
        else:
            self.count += 1
        data, pool = self._data, self._pool
        pool.scenario[slot] = scenario
        pool.cost[slot] = data.cost * (1.0 + 0.5 * (data.cost_risk @ scenario))
        revenue = data.revenue * (1.0 + 0.5 * (data.revenue_risk @ scenario))
        pool.revenue[slot] = revenue
        pool.order[slot] = np.argsort(-revenue / pool.cost[slot], kind="stable")
        # New ones are asked first.
        self._kills[slot] = self._kills[: self.count].max() + 1.0

    def bound(self, x: Floats) -> tuple[float, int]:
        """Return a lower bound on the worst-case cost and its scenario."""
        bound, at = _bound(
            x, np.inf, self._order(), self._data, self._pool, self._kills
        )
        return float(bound), int(at)

    def neighbours(self, x: Floats, threshold: float) -> tuple[Floats, Ints]:
        """Return the changes that may cost less than a threshold, see `Screen`."""
        bounds, pairs = _neighbours(
            x.copy(),
            self._rows,
            threshold,
            self._order(),
            self._data,
            self._pool,
            self._kills,
        )
        self._kills[: self.count] *= 0.9
        order = np.argsort(bounds)
        return bounds[order], pairs[order]

    def cost(self, x: Floats, cutoff: float, first: int = 0) -> tuple[float, int]:
        """Return the exact worst cost in the pool and its scenario.

        Parameters
        ----------
        x
            The projects.
        cutoff
            Stop at the first scenario that costs as much.
        first
            Scenario to ask first.
        """
        order = self._order()
        at = int(np.flatnonzero(order == first)[0])
        order[: at + 1] = np.roll(order[: at + 1], 1)
        cost, at = _cost(x, cutoff, order, self._data, self._pool, self._kills)
        return float(cost), int(at)

    def _order(self) -> Ints:
        return np.argsort(-self._kills[: self.count])


@compiled()
def _bound(
    x: Floats, cutoff: float, order: Ints, data: Data, pool: Pool, kills: Floats
) -> tuple[float, int]:
    """Return the largest relaxed cost and its scenario; stop at the cutoff."""
    worst, where = -np.inf, -1
    for s in order:
        cost = relaxed_cost(data, x, pool.revenue[s], pool.cost[s], pool.order[s])
        if cost > worst:
            worst, where = cost, s
            if cost >= cutoff:
                kills[s] += 1.0
                break
    return worst, where


@compiled()
def _cost(
    x: Floats, cutoff: float, order: Ints, data: Data, pool: Pool, kills: Floats
) -> tuple[float, int]:
    """Return the largest exact cost and its scenario; stop at the cutoff."""
    worst, where = -np.inf, -1
    choice = np.empty(len(x), np.int8)
    for s in order:
        cost = least_cost(data, x, pool.revenue[s], pool.cost[s], worst, choice)
        if cost > worst:
            worst, where = cost, s
            if cost >= cutoff:
                kills[s] += 5.0
                break
    return worst, where


@compiled()
def _neighbours(
    x: Floats,
    rows: Rows,
    cutoff: float,
    order: Ints,
    data: Data,
    pool: Pool,
    kills: Floats,
) -> tuple[Floats, Ints]:
    """Return bounds and pairs of the feasible changes below the cutoff."""
    n = len(x)
    bounds = np.empty(n * (n + 1) // 2)
    pairs = np.empty((n * (n + 1) // 2, 2), np.int64)
    found = 0
    order = order.copy()
    used = rows.matrix @ x
    side = rows.side + 1e-9 * np.maximum(1.0, np.abs(rows.side))
    for i in range(n):
        one = used + (1.0 - 2.0 * x[i]) * rows.matrix[:, i]
        x[i] = 1.0 - x[i]
        for j in range(i, n):
            both = one
            if j > i:
                both = one + (1.0 - 2.0 * x[j]) * rows.matrix[:, j]
            if (both > side).any():
                continue
            if j > i:
                x[j] = 1.0 - x[j]
            bound, where = _bound(x, cutoff, order, data, pool, kills)
            if j > i:
                x[j] = 1.0 - x[j]
            if bound < cutoff:
                bounds[found] = bound
                pairs[found, 0], pairs[found, 1] = i, j
                found += 1
            elif where != order[0]:
                # The killer is asked first next time.
                at = 0
                while order[at] != where:
                    at += 1
                for k in range(at, 0, -1):
                    order[k] = order[k - 1]
                order[0] = where
        x[i] = 1.0 - x[i]
    return bounds[:found], pairs[:found]
