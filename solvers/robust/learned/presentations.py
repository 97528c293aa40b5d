"""How networks see the shipped classes: features relative to the instance.

Knapsack items: weights relative to the mean weight, money to the mean profit, capacity
to the sum of weights, and a constant 1 (an encoder has no bias). The label is relative
to the sum of profits.
"""

from collections.abc import Callable, Mapping
from typing import Any, Final

import numpy as np

from boundwise.solvers.robust.learned.set_inputs import SetInputs


def knapsack_inputs(problem: Any) -> SetInputs:
    """Return features of the items of a `RobustKnapsack`; xi_i is the first one."""
    data = problem.instance
    n = data.n
    weight = _positive(data.weight.mean())
    money = _positive(np.abs(data.profit).mean())
    items = np.column_stack(
        [
            data.weight / weight,
            data.profit / money,
            data.degradation / money,
            data.outsource / money,
            data.repair / weight,
            np.full(n, data.capacity / (n * weight)),
            np.ones(n),
        ]
    )
    # The loss of profit is what a scenario does: xi_i enters as it is and times d_i.
    constant = np.column_stack([np.zeros((n, 2)), items])
    slope = np.zeros((n, constant.shape[1], n))
    slope[np.arange(n), 0, np.arange(n)] = 1.0
    slope[np.arange(n), 1, np.arange(n)] = data.degradation / money
    return SetInputs(items, constant, slope, n * money)


def _positive(value: float) -> float:
    return float(value) if value > 0.0 else 1.0


#: Presentations of the shipped classes by name.
PRESENTATIONS: Final[Mapping[str, Callable[[Any], SetInputs]]] = {
    "RobustKnapsack": knapsack_inputs,
}
