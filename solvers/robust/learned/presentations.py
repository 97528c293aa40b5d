"""How networks see the shipped classes: features relative to the instance.

A constant feature 1 stands for the bias that encoders do not have. Labels are relative
to a sum of money over the instance.
"""

from collections.abc import Callable, Mapping
from typing import Any, Final

import numpy as np

from boundwise.heuristics.networks.mlp import Floats
from boundwise.solvers.robust.learned.set_inputs import SetInputs


def knapsack_inputs(problem: Any) -> SetInputs:
    """Return features of the items of a `RobustKnapsack`, all in units of money.

    A unit of weight is worth what the last item would pay that fits if all items were
    accepted: so whether an item is produced, repaired or outsourced is a comparison of
    features, and an encoder need not multiply.
    """
    data = problem.instance
    n = data.n
    money = _positive(np.abs(data.outsource).mean())
    price = _critical_ratio(data.outsource, data.weight, data.capacity)
    items = np.column_stack(
        [
            data.outsource / money,
            price * data.weight / money,
            price * data.repair / money,
            np.full(n, price * data.capacity / (n * money)),
            np.ones(n),
        ]
    )
    decision = np.column_stack([items, data.degradation / money])
    constant = np.column_stack([items, np.zeros(n)])
    slope = np.zeros((n, constant.shape[1], n))
    slope[np.arange(n), -1, np.arange(n)] = data.degradation / money
    return SetInputs(decision, constant, slope, n * money)


def budgeting_inputs(problem: Any) -> SetInputs:
    """Return features of the projects of a `RobustCapitalBudgeting`.

    A scenario changes cost and revenue of each project; costs are relative to the
    budget, revenues to their mean.
    """
    data = problem.instance
    n = data.n
    money = _positive(data.budget / n)
    earned = _positive(data.revenue.mean())
    constant = np.column_stack(
        [
            np.ones(n),
            data.cost / money,
            data.revenue / earned,
        ]
    )
    slope = np.zeros((n, 3, data.n_factors))
    slope[:, 1] = 0.5 * data.cost_risk * constant[:, [1]]
    slope[:, 2] = 0.5 * data.revenue_risk * constant[:, [2]]
    return SetInputs(constant, constant, slope, n * earned)


def location_inputs(problem: Any) -> SetInputs:
    """Return features of facilities and customers of a `RobustFacilityLocation`.

    The customers' demands depend on the scenario; transport enters as demand times
    mean and least cost. The label is relative to the cost of serving all nominal
    demand at the mean cost.
    """
    data = problem.instance
    total = _positive(data.demand.sum())
    mean = _positive(data.transport.mean())
    share = data.demand / total
    decision = np.column_stack(
        [
            np.ones(data.n),
            data.n * data.capacity / total,
            data.transport @ share / mean,
            data.transport.min(axis=1) / mean,
        ]
    )
    cost = np.column_stack(
        [
            np.ones(data.m),
            data.transport.mean(axis=0) / mean,
            data.transport.min(axis=0) / mean,
            data.penalty / mean,
        ]
    )
    constant = data.m * share[:, None] * cost
    slope = np.zeros((data.m, 4, data.m))
    rows = np.arange(data.m)
    slope[rows, :, rows] = data.m * (data.surge / total)[:, None] * cost
    return SetInputs(decision, constant, slope, total * mean)


def _critical_ratio(value: Floats, weight: Floats, capacity: float) -> float:
    """Return value by weight of the item that does not fit any more, by that ratio."""
    ratio = np.maximum(value, 0.0) / np.maximum(weight, 1e-12)
    order = np.argsort(-ratio, kind="stable")
    first_out = np.searchsorted(np.cumsum(weight[order]), capacity, side="right")
    return float(ratio[order[min(int(first_out), len(order) - 1)]])


def _positive(value: float) -> float:
    return float(value) if value > 0.0 else 1.0


#: Presentations of the shipped classes by name.
PRESENTATIONS: Final[Mapping[str, Callable[[Any], SetInputs]]] = {
    "RobustCapitalBudgeting": budgeting_inputs,
    "RobustFacilityLocation": location_inputs,
    "RobustKnapsack": knapsack_inputs,
}
