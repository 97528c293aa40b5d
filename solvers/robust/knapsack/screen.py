"""Screen the neighbours of a decision by relaxed recourses in pooled scenarios.

In one scenario the linear relaxation of the recourse takes the steps (item out ->
plain -> repaired) by efficiency until the capacity is used up. The order of the steps
does not depend on x: it is sorted once for each scenario, and a neighbour costs one
pass. The cost so found is a lower bound on the worst case of the neighbour; most
neighbours are out of the question after the first scenario, the one that has killed
most before.
"""

import numpy as np
from numpy.typing import NDArray

from boundwise.heuristics.compiled import compiled
from boundwise.instances.robust.arrays import Floats
from boundwise.instances.robust.knapsack import KnapsackInstance
from boundwise.solvers.robust.knapsack.sorting import descending

Ints = NDArray[np.int64]


class KnapsackScreen:
    """Scenarios with their steps by efficiency.

    Parameters
    ----------
    data
        The problem.
    most
        Number of scenarios kept; the one that has killed least makes room.
    """

    def __init__(self, data: KnapsackInstance, most: int = 120) -> None:
        self._data = data
        n = data.n
        self.first_cost = data.outsource - data.profit
        self.scenarios = np.zeros((most, n))
        self._item = np.zeros((most, 2 * n), dtype=np.int64)
        self._weight = np.zeros((most, 2 * n))
        self._gain = np.zeros((most, 2 * n))
        self._length = np.zeros(most, dtype=np.int64)
        self._kills = np.zeros(most)
        self.count = 0

    def add(self, scenario: Floats) -> None:
        """Add a scenario."""
        slot = self.count
        if slot == len(self.scenarios):
            slot = int(np.argmin(self._kills))
        else:
            self.count += 1
        data = self._data
        self.scenarios[slot] = scenario
        self._length[slot] = sort_steps(
            data.weight,
            data.repair,
            data.outsource,
            data.degradation * scenario,
            self._item[slot],
            self._weight[slot],
            self._gain[slot],
        )
        # New ones are asked first.
        self._kills[slot] = self._kills[: self.count].max() + 1.0

    def bound(self, x: Floats) -> tuple[float, int]:
        """Return a lower bound on the worst-case cost and its scenario."""
        cost = float(self.first_cost @ x)
        return _bound(
            x,
            cost,
            np.inf,
            self._order(),
            self._item,
            self._weight,
            self._gain,
            self._length,
            self._data.capacity,
            self._kills,
        )

    def neighbours(self, x: Floats, threshold: float) -> tuple[Floats, Ints]:
        """Return the changes of one or two items that may cost less than a threshold.

        Returns
        -------
        tuple
            Lower bounds on their costs, ascending, and pairs (i, j) of the items to
            change, i = j for one alone; shapes (count,) and (count, 2).
        """
        bounds, pairs = _neighbours(
            x.copy(),
            self.first_cost,
            threshold,
            self._order(),
            self._item,
            self._weight,
            self._gain,
            self._length,
            self._data.capacity,
            self._kills,
        )
        self._kills *= 0.9
        order = np.argsort(bounds)
        return bounds[order], pairs[order]

    def _order(self) -> Ints:
        return np.argsort(-self._kills[: self.count])


@compiled()
def sort_steps(
    weight: Floats,
    repair: Floats,
    outsource: Floats,
    loss: Floats,
    item: Ints,
    step_weight: Floats,
    step_gain: Floats,
) -> int:
    """Write the steps of a relaxed recourse, the best first; return their number."""
    n = len(weight)
    who = np.empty(2 * n, np.int64)
    weights, gains = np.empty(2 * n), np.empty(2 * n)
    count = 0
    for i in range(n):
        plain = outsource[i] - loss[i]
        if outsource[i] <= 0.0:
            continue
        # Two steps if plain is worth its weight more than repair, one to repair if not.
        if plain > 0.0 and plain * repair[i] >= loss[i] * weight[i]:
            who[count], weights[count], gains[count] = i, weight[i], plain
            count += 1
            who[count], weights[count], gains[count] = i, repair[i], loss[i]
        else:
            who[count], gains[count] = i, outsource[i]
            weights[count] = weight[i] + repair[i]
        count += 1
    order = descending(gains / np.maximum(weights, 1e-12), count)
    item[:count] = who[order]
    step_weight[:count], step_gain[:count] = weights[order], gains[order]
    return count


@compiled()
def _bound(
    x: Floats,
    first: float,
    threshold: float,
    order: Ints,
    item: Ints,
    weight: Floats,
    gain: Floats,
    length: Ints,
    capacity: float,
    kills: Floats,
) -> tuple[float, int]:
    """Return the largest relaxed cost and its scenario; stop beyond the threshold."""
    worst, where = -np.inf, -1
    for s in order:
        room, total = capacity, 0.0
        for k in range(length[s]):
            if x[item[s, k]] > 0.5:
                w = weight[s, k]
                if w > room:
                    total += gain[s, k] * room / w
                    break
                room -= w
                total += gain[s, k]
        cost = first - total
        if cost > worst:
            worst, where = cost, s
            if cost >= threshold:
                kills[s] += 1.0
                break
    return worst, where


@compiled()
def _neighbours(
    x: Floats,
    first_cost: Floats,
    threshold: float,
    order: Ints,
    item: Ints,
    weight: Floats,
    gain: Floats,
    length: Ints,
    capacity: float,
    kills: Floats,
) -> tuple[Floats, Ints]:
    n = len(x)
    bounds = np.empty(n * (n + 1) // 2)
    pairs = np.empty((n * (n + 1) // 2, 2), np.int64)
    found = 0
    order = order.copy()
    base = first_cost @ x
    for i in range(n):
        change = (1.0 - 2.0 * x[i]) * first_cost[i]
        x[i] = 1.0 - x[i]
        for j in range(i, n):
            first = base + change
            if j > i:
                first += (1.0 - 2.0 * x[j]) * first_cost[j]
                x[j] = 1.0 - x[j]
            bound, where = _bound(
                x,
                first,
                threshold,
                order,
                item,
                weight,
                gain,
                length,
                capacity,
                kills,
            )
            if j > i:
                x[j] = 1.0 - x[j]
            if bound < threshold:
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
