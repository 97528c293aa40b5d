"""The screen of the knapsack: what a relaxed recourse takes, by efficiency.

The steps are item out -> plain -> repaired; an item whose repair pays more than it does
plain has one step only. See `boundwise.solvers.robust.screen`.
"""

import numpy as np

from boundwise.instances.robust.arrays import Floats
from boundwise.instances.robust.knapsack import KnapsackInstance
from boundwise.solvers.robust.screen import Rows, ScenarioScreen

#: No weight is less where efficiencies are compared.
_LIGHTEST = 1e-12


class KnapsackScreen(ScenarioScreen):
    """Hold scenarios of a knapsack with their steps.

    Parameters
    ----------
    data
        The problem.
    most
        Number of scenarios kept.
    """

    def __init__(self, data: KnapsackInstance, most: int = 120) -> None:
        self._data = data
        n = data.n
        super().__init__(
            n,
            n,
            2 * n,
            capacity=data.capacity,
            late=False,
            rows=Rows(np.zeros((0, n)), np.zeros(0)),
            most=most,
        )
        self.steps.first[:] = data.outsource - data.profit

    def write(self, slot: int, scenario: Floats) -> None:
        """Write the steps of a scenario."""
        data, steps = self._data, self.steps
        loss = data.degradation * scenario
        plain = data.outsource - loss
        worth = data.outsource > 0.0
        # Two steps if plain is worth its weight more than repair, one to repair if not.
        two = worth & (plain > 0.0) & (plain * data.repair >= loss * data.weight)
        one = worth & ~two
        items = np.arange(data.n)
        item = np.concatenate([items[two], items[two], items[one]])
        whole = (data.weight + data.repair)[one]
        weight = np.concatenate([data.weight[two], data.repair[two], whole])
        gain = np.concatenate([plain[two], loss[two], data.outsource[one]])
        # A stable order leaves plain before repaired on ties.
        order = np.argsort(-gain / np.maximum(weight, _LIGHTEST), kind="stable")
        count = len(order)
        steps.item[slot, :count] = item[order]
        steps.weight[slot, :count] = weight[order]
        steps.gain[slot, :count] = gain[order]
        steps.length[slot] = count
