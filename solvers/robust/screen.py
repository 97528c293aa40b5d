"""Screen decisions by relaxed reactions in pooled scenarios.

    bound(x) = max_s  first_s x - gain_s(x)

In one scenario the relaxed reaction takes steps (an item, its weight, its gain) by
efficiency until the capacity is used up. The order of the steps does not depend on x: a
class of problems writes it once for each scenario, and a decision costs one pass. The
bound is below the worst case. Most changes of a decision are out of the question after
the first scenario: those that have killed most are asked first.
"""

from abc import ABC, abstractmethod
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from boundwise.heuristics.compiled import compiled
from boundwise.instances.robust.arrays import Floats

Ints = NDArray[np.int64]

#: Relative violation of a row that is tolerated.
_ROUNDING = 1e-9
#: Share of the kills that count for the next decision.
_MEMORY = 0.9


class Steps(NamedTuple):
    """What the kernels read of the scenarios, a row for each.

    Parameters
    ----------
    first
        Certain cost of each item that is in x.
    used
        Capacity that it takes from the reaction.
    item, weight, gain
        The steps, the most efficient first.
    length
        Their numbers.
    """

    first: Floats
    used: Floats
    item: Ints
    weight: Floats
    gain: Floats
    length: Ints


class Rows(NamedTuple):
    """The first stage: ``matrix x <= side``."""

    matrix: Floats
    side: Floats


class ScenarioScreen(ABC):
    """Hold scenarios with the steps of their relaxed reactions.

    Parameters
    ----------
    n
        Number of items.
    dimension
        Length of a scenario.
    steps
        Steps that a scenario has at most.
    capacity
        Capacity of the reaction.
    late
        Whether the steps are of items that are not in x.
    rows
        The first stage.
    most
        Number of scenarios kept; the one that has killed least makes room.
    """

    def __init__(
        self,
        n: int,
        dimension: int,
        steps: int,
        *,
        capacity: float,
        late: bool,
        rows: Rows,
        most: int,
    ) -> None:
        self.steps = Steps(
            np.zeros((most, n)),
            np.zeros((most, n)),
            np.zeros((most, steps), dtype=np.int64),
            np.zeros((most, steps)),
            np.zeros((most, steps)),
            np.zeros(most, dtype=np.int64),
        )
        self.kills = np.zeros(most)
        self.count = 0
        self._scenarios = np.zeros((most, dimension))
        self._capacity = float(capacity)
        self._late = late
        self._rows = Rows(np.array(rows.matrix, order="C"), np.array(rows.side))

    @property
    def scenarios(self) -> Floats:
        """The scenarios, a row each."""
        return self._scenarios[: self.count]

    @abstractmethod
    def write(self, slot: int, scenario: Floats) -> None:
        """Write the steps of a scenario into a row of ``steps``."""

    def add(self, scenario: Floats) -> None:
        """Add a scenario."""
        slot = self.count
        if slot == len(self.kills):
            slot = int(np.argmin(self.kills))
        else:
            self.count += 1
        self._scenarios[slot] = scenario
        self.write(slot, scenario)
        # New ones are asked first.
        self.kills[slot] = self.kills[: self.count].max() + 1.0

    def order(self) -> Ints:
        """Return the scenarios, those that have killed most first."""
        return np.argsort(-self.kills[: self.count])

    def bound(self, x: Floats) -> tuple[float, int]:
        """Return a lower bound on the worst-case cost and its scenario."""
        bounds = self.bounds(x)
        worst = int(np.argmax(bounds))
        return float(bounds[worst]), worst

    def bounds(self, x: Floats) -> Floats:
        """Return a lower bound on the cost in each scenario."""
        cost, room = self._certain(x)
        return _relaxed_all(np.array(x), cost, room, self._late, self.steps)

    def neighbours(self, x: Floats, threshold: float) -> tuple[Floats, Ints]:
        """Return the changes of one or two items that may cost less than a threshold.

        Returns
        -------
        tuple
            Lower bounds on their costs, ascending, and pairs (i, j) of the items to
            change, i = j for one alone; shapes (count,) and (count, 2).
        """
        cost, room = self._certain(x)
        bounds, pairs = _neighbours(
            np.array(x),
            self._rows,
            threshold,
            self.order(),
            cost,
            room,
            self._late,
            self.steps,
            self.kills,
        )
        self.kills[: self.count] *= _MEMORY
        order = np.argsort(bounds)
        return bounds[order], pairs[order]

    def _certain(self, x: Floats) -> tuple[Floats, Floats]:
        """Return the certain cost of x and the capacity it leaves, by scenario."""
        first, used = self.steps.first[: self.count], self.steps.used[: self.count]
        return first @ x, self._capacity - used @ x


@compiled(internal=True)
def _relaxed(
    x: Floats, s: int, cost: float, room: float, late: bool, steps: Steps
) -> float:
    """Return the cost of a decision in a scenario with a relaxed reaction."""
    for k in range(steps.length[s]):
        if (x[steps.item[s, k]] > 0.5) == late:
            continue
        weight = steps.weight[s, k]
        if weight > room:
            return float(cost - steps.gain[s, k] * max(0.0, room) / weight)
        room -= weight
        cost -= steps.gain[s, k]
    return cost


@compiled()
def _relaxed_all(
    x: Floats, cost: Floats, room: Floats, late: bool, steps: Steps
) -> Floats:
    """Return the relaxed cost in each scenario."""
    result = np.empty(len(cost))
    for s in range(len(cost)):
        result[s] = _relaxed(x, s, cost[s], room[s], late, steps)
    return result


@compiled()
def _neighbours(
    x: Floats,
    rows: Rows,
    cutoff: float,
    order: Ints,
    cost: Floats,
    room: Floats,
    late: bool,
    steps: Steps,
    kills: Floats,
) -> tuple[Floats, Ints]:
    """Return bounds and pairs of the feasible changes below the cutoff."""
    n = len(x)
    bounds = np.empty(n * (n + 1) // 2)
    pairs = np.empty((n * (n + 1) // 2, 2), np.int64)
    found = 0
    free = rows.side + _ROUNDING * np.maximum(1.0, np.abs(rows.side))
    for k in range(n):
        free -= rows.matrix[:, k] * x[k]
    for i in range(n):
        up = 1.0 - 2.0 * x[i]
        x[i] = 1.0 - x[i]
        for j in range(i, n):
            too = 1.0 - 2.0 * x[j] if j > i else 0.0
            fits = True
            for r in range(len(free)):
                fits &= rows.matrix[r, i] * up + rows.matrix[r, j] * too <= free[r]
            if not fits:
                continue
            x[j] += too
            bound, at = -np.inf, 0
            for k in range(len(order)):
                s = order[k]
                value = _relaxed(
                    x,
                    s,
                    cost[s] + steps.first[s, i] * up + steps.first[s, j] * too,
                    room[s] - steps.used[s, i] * up - steps.used[s, j] * too,
                    late,
                    steps,
                )
                bound = max(bound, value)
                if bound >= cutoff:
                    at = k
                    break
            x[j] -= too
            if bound < cutoff:
                bounds[found] = bound
                pairs[found, 0], pairs[found, 1] = i, j
                found += 1
                continue
            # The killer is asked first next time.
            killer = order[at]
            kills[killer] += 1.0
            for k in range(at, 0, -1):
                order[k] = order[k - 1]
            order[0] = killer
        x[i] = 1.0 - x[i]
    return bounds[:found], pairs[:found]
