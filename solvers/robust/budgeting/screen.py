"""The screen of capital budgeting: late projects by efficiency.

A project in x earns its revenue and takes its cost from the budget of the reaction; the
others may follow late. What survives the relaxed reactions is asked exactly, see
`boundwise.solvers.robust.budgeting.worst_case.ask`.
"""

import numpy as np

from boundwise.instances.robust.arrays import Floats
from boundwise.solvers.robust.budgeting.worst_case import Data, ask
from boundwise.solvers.robust.screen import Ints, Rows, ScenarioScreen

#: Kills that an exact answer counts for.
_KILL = 5.0


class BudgetingScreen(ScenarioScreen):
    """Hold scenarios of a problem without loans with their late projects.

    Parameters
    ----------
    data
        The problem.
    rows
        The first stage of the projects.
    most
        Number of scenarios kept.
    """

    def __init__(self, data: Data, rows: Rows, most: int = 250) -> None:
        self._data = data
        n, q = data.cost_risk.shape
        super().__init__(n, q, n, capacity=data.budget, late=True, rows=rows, most=most)

    def write(self, slot: int, scenario: Floats) -> None:
        """Write the late projects in a scenario."""
        data, steps = self._data, self.steps
        cost = data.cost * (1.0 + 0.5 * (data.cost_risk @ scenario))
        revenue = data.revenue * (1.0 + 0.5 * (data.revenue_risk @ scenario))
        order = np.argsort(-revenue / cost, kind="stable")
        steps.first[slot], steps.used[slot] = -revenue, cost
        steps.item[slot], steps.length[slot] = order, len(order)
        steps.weight[slot] = cost[order]
        steps.gain[slot] = data.late_share * revenue[order]

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
        order = self.order()
        order = np.concatenate([[first], order[order != first]])
        costs, where = ask(self._data, x, self.scenarios, order, 1, cutoff=cutoff)
        if costs[0] >= cutoff:
            self.kills[where[0]] += _KILL
        return float(costs[0]), int(where[0])

    def dearest(self, x: Floats, count: int) -> tuple[Floats, Ints]:
        """Return costs and numbers of the worst scenarios, the worst first."""
        # Relaxed costs are lower bounds: the first ones asked leave little to others.
        order = np.argsort(-self.bounds(x))
        return ask(self._data, x, self.scenarios, order, count)
