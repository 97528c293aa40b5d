"""The worst case of capital budgeting by branch and bound over boxes of risk factors.

In a box of scenarios every project earns at least its revenue in the least favourable
corner, and costs at most its cost there. The knapsack of these numbers is a reaction
that is feasible in the whole box: its value bounds the worst case of the box. Boxes are
split along the edge that spreads the numbers most, the worst bound first; the recourse
in the box's points gives scenarios. The worst case may only be approached, where a
reaction just ceases to be affordable: the bound then holds, and scenarios come close.
"""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from boundwise.heuristics.compiled import compiled
from boundwise.instances.robust.arrays import Floats
from boundwise.solvers.robust.clock import Clock
from boundwise.solvers.robust.knapsack.recourse import best_recourse
from boundwise.solvers.robust.problem import EXACT_TOL, WorstCase

Slots = NDArray[np.int64]

#: Relative error of a reaction: at xi = 0 revenues are proportional to costs.
RECOURSE_TOL = 1e-7
#: Boxes between two looks at the clock.
_CHUNK = 50
#: Boxes that are kept at most.
_MOST_BOXES = 300_000


class Data(NamedTuple):
    """What the kernels read of a problem.

    ``budget`` has the first loan in it; ``limit`` and ``price`` are of the second.
    """

    cost: Floats
    revenue: Floats
    cost_risk: Floats
    revenue_risk: Floats
    budget: float
    late_share: float
    limit: float
    price: float


def search_worst_case(
    data: Data,
    x: Floats,
    start: Floats,
    clock: Clock,
    cutoff: float,
    tolerance: float = EXACT_TOL,
) -> WorstCase:
    """Return the worst case of a decision, without the cost of its loan.

    Parameters
    ----------
    data
        The problem.
    x
        The projects of the first stage; they must be affordable in all scenarios.
    start
        A scenario that is bad for it.
    clock
        When to stop.
    cutoff
        Stop as soon as the cost is proven to exceed this.
    tolerance
        Relative gap at which the search ends.
    """
    q = data.cost_risk.shape[1]
    boxes = np.empty((_MOST_BOXES, 2, q))
    bounds = np.empty(_MOST_BOXES)
    # The slots in use come first, as a heap; the others are free.
    heap = np.arange(_MOST_BOXES)
    boxes[0, 0], boxes[0, 1] = -1.0, 1.0
    bounds[0] = np.inf
    x, scenario = np.array(x), np.array(start)
    cost = float(costs_at(data, x, scenario[None])[0])
    count = 1
    while True:
        cost, count = _search(
            data, x, boxes, bounds, heap, count, scenario, cost, cutoff, tolerance
        )
        bound = max(cost, bounds[heap[0]] if count else cost)
        closed = bound - cost <= tolerance * max(1.0, abs(cost))
        full = count > _MOST_BOXES - _CHUNK
        if closed or full or cost > cutoff or clock.expired():
            return WorstCase(float(cost), float(bound), scenario)


def ask(
    data: Data,
    x: Floats,
    scenarios: Floats,
    order: Slots,
    count: int,
    *,
    known: float = -np.inf,
    cutoff: float = np.inf,
) -> tuple[Floats, Slots]:
    """Return the highest costs of the best reactions to scenarios, the worst first.

    Parameters
    ----------
    data
        The problem.
    x
        The projects.
    scenarios
        The scenarios, a row each.
    order
        Which ones to ask, the first ones first.
    count
        How many costs are wanted.
    known
        Costs up to this are of no interest.
    cutoff
        Stop at the first scenario that costs as much.

    Returns
    -------
    tuple
        Costs and positions in ``scenarios``; -1 where there are no more that are of
        interest. A cost is what the best reaction costs at least.
    """
    size = min(count, len(order))
    return _ask(
        data, np.array(x), np.array(scenarios), order, size, float(known), float(cutoff)
    )


def costs_at(data: Data, x: Floats, scenarios: Floats) -> Floats:
    """Return what the best reaction to each of many scenarios costs at least."""
    order = np.arange(len(scenarios))
    costs, where = ask(data, x, scenarios, order, len(order))
    result = np.empty(len(order))
    result[where] = costs
    return result


@compiled()
def _ask(
    data: Data,
    x: Floats,
    scenarios: Floats,
    order: Slots,
    size: int,
    known: float,
    cutoff: float,
) -> tuple[Floats, Slots]:
    costs, where = np.full(size, known), np.full(size, -1)
    for k in order:
        cost = cost_at(data, x, scenarios[k], costs[-1], RECOURSE_TOL)
        if cost <= costs[-1]:
            continue
        at = size - 1
        while at > 0 and costs[at - 1] < cost:
            costs[at], where[at] = costs[at - 1], where[at - 1]
            at -= 1
        costs[at], where[at] = cost, k
        if cost >= cutoff:
            break
    return costs, where


@compiled(internal=True)
def cost_at(
    data: Data, x: Floats, scenario: Floats, known: float, tolerance: float
) -> float:
    """Return what the best reaction to one scenario costs at least.

    Any number up to ``known`` stands for all of them: a reaction that costs no more
    ends the search for a better one.
    """
    revenue = data.revenue * (1.0 + 0.5 * (data.revenue_risk @ scenario))
    cost = data.cost * (1.0 + 0.5 * (data.cost_risk @ scenario))
    value, error = _reaction(data, x, revenue, cost, known, tolerance)
    return value - error


@compiled(internal=True)
def _reaction(
    data: Data,
    x: Floats,
    revenue: Floats,
    cost: Floats,
    known: float,
    tolerance: float,
) -> tuple[float, float]:
    """Return the cost of a reaction and its error, by the knapsack of late projects.

    The reaction is the best one up to a relative tolerance, or one that costs no more
    than what is known.
    """
    n = len(x)
    early = float(revenue @ x)
    choice, nothing = np.empty(n, np.int8), np.zeros(n)
    room = data.budget - float(cost @ x)
    if data.limit == 0.0:
        # Rounding in a decision that uses the whole budget must not forbid it.
        room = max(room, 0.0)
    gain, error = best_recourse(
        cost,
        nothing,
        data.late_share * revenue,
        nothing,
        1.0 - x,
        room,
        data.limit,
        data.price,
        tolerance,
        -known - early,
        choice,
    )
    return -(early + gain), error


@compiled()
def _search(
    data: Data,
    x: Floats,
    boxes: Floats,
    bounds: Floats,
    heap: Slots,
    count: int,
    scenario: Floats,
    cost: float,
    cutoff: float,
    tolerance: float,
) -> tuple[float, int]:
    """Split a number of boxes; improve ``scenario``; return its cost and the boxes."""
    reach = 0.5 * (
        data.cost @ np.abs(data.cost_risk) + data.revenue @ np.abs(data.revenue_risk)
    )
    for _ in range(_CHUNK):
        goal = cost + tolerance * max(1.0, abs(cost))
        if count == 0 or bounds[heap[0]] <= goal or cost > cutoff:
            break
        box = boxes[heap[0]].copy()
        count = _pop(heap, bounds, count)
        edge = np.argmax(reach * (box[1] - box[0]))
        middle = 0.5 * (box[0, edge] + box[1, edge])
        for half in range(2):
            part = box.copy()
            part[1 - half, edge] = middle
            for point in (part[0], part[1], 0.5 * (part[0] + part[1])):
                value = cost_at(data, x, point, cost, RECOURSE_TOL)
                if value > cost:
                    cost = value
                    scenario[:] = point
            bound = _bound(data, x, part, cost)
            if bound > cost:
                boxes[heap[count]], bounds[heap[count]] = part, bound
                count = _push(heap, bounds, count)
    return cost, count


@compiled(internal=True)
def _push(heap: Slots, bounds: Floats, count: int) -> int:
    """Take the slot at ``heap[count]`` into the heap; return the new size."""
    at = count
    while at > 0 and bounds[heap[(at - 1) // 2]] < bounds[heap[at]]:
        parent = (at - 1) // 2
        heap[at], heap[parent] = heap[parent], heap[at]
        at = parent
    return count + 1


@compiled(internal=True)
def _pop(heap: Slots, bounds: Floats, count: int) -> int:
    """Move the slot of the largest bound behind the heap; return the new size."""
    count -= 1
    heap[0], heap[count] = heap[count], heap[0]
    at = 0
    while True:
        child = 2 * at + 1
        if child >= count:
            return count
        if child + 1 < count and bounds[heap[child + 1]] > bounds[heap[child]]:
            child += 1
        if bounds[heap[child]] <= bounds[heap[at]]:
            return count
        heap[at], heap[child] = heap[child], heap[at]
        at = child


@compiled(internal=True)
def _bound(data: Data, x: Floats, box: Floats, known: float) -> float:
    """Return the cost of a reaction to the least favourable numbers of a box."""
    n, q = data.cost_risk.shape
    revenue, cost = data.revenue.copy(), data.cost.copy()
    for i in range(n):
        fall, rise = 0.0, 0.0
        for j in range(q):
            low, high = box[0, j], box[1, j]
            r, c = 0.5 * data.revenue_risk[i, j], 0.5 * data.cost_risk[i, j]
            fall += min(r * low, r * high)
            rise += max(c * low, c * high)
        revenue[i] *= 1.0 + fall
        cost[i] *= 1.0 + rise
    value, _ = _reaction(data, x, revenue, cost, known, RECOURSE_TOL)
    return value
