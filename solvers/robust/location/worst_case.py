"""The worst case of facility location by the dual of its transport problem.

    max  sum_j d_j pi_j + e_j w_j - sum_i capacity_i x_i mu_i
    s.t. pi_j - mu_i <= transport_ij,   0 <= pi_j <= penalty_j,   mu >= 0
         w_j = pi_j xi_j

The recourse cost is convex in xi, so a vertex of the budget set is worst: entries are 0
or 1, but for one that takes what the budget has left over. The products are then exact
in linear rows, with the penalty as their constant.
"""

import math
from typing import Any

import numpy as np

from boundwise.heuristics.scip.transfer import read_values
from boundwise.instances.robust.arrays import Floats
from boundwise.instances.robust.location import LocationInstance
from boundwise.solvers.robust.clock import Clock
from boundwise.solvers.robust.scip_models import new_model


def solve_worst_case(
    data: LocationInstance, x: Floats, clock: Clock
) -> tuple[Floats, float]:
    """Return the worst scenario and a bound on its recourse cost.

    Parameters
    ----------
    data
        The problem.
    x
        Open facilities.
    clock
        When to stop with what is known.
    """
    from pyscipopt import quicksum

    model = new_model()
    n, m = data.n, data.m
    whole = min(m, math.floor(data.gamma + 1e-9))
    fraction = max(0.0, min(1.0, data.gamma - whole)) if whole < m else 0.0
    try:
        price = [model.addVar(ub=float(data.penalty[j])) for j in range(m)]
        full = [model.addVar(vtype="B") for _ in range(m)]
        model.addCons(quicksum(full) <= whole)
        gain = [model.addVar(ub=float(data.penalty[j])) for j in range(m)]
        partial, partial_gain = _partial(model, data, price, fraction)
        for j in range(m):
            most = float(data.penalty[j])
            model.addCons(gain[j] <= price[j])
            model.addCons(gain[j] <= most * full[j])
            if fraction:
                model.addCons(full[j] + partial[j] <= 1)
        value = quicksum(
            float(data.demand[j]) * price[j] + float(data.surge[j]) * gain[j]
            for j in range(m)
        )
        if fraction:
            value += quicksum(
                float(data.surge[j]) * fraction * partial_gain[j] for j in range(m)
            )
        for i in range(n):
            if x[i] <= 0.5:
                continue
            rent = model.addVar()
            value -= float(data.capacity[i]) * rent
            for j in range(m):
                model.addCons(price[j] - rent <= float(data.transport[i, j]))
        model.setObjective(value, "maximize")
        clock.optimize(model)
        scenario = np.zeros(m)
        if model.getNSols():
            best = model.getBestSol()
            scenario = np.rint(read_values(model, best, full))
            if fraction:
                scenario += fraction * np.rint(read_values(model, best, partial))
        bound = min(float(model.getDualbound()), _most(data))
    finally:
        model.free()
    return scenario, bound


def _partial(
    model: Any, data: LocationInstance, price: list[Any], fraction: float
) -> tuple[list[Any], list[Any]]:
    """Add the choice of the one entry that takes a fraction, and its products."""
    from pyscipopt import quicksum

    if not fraction:
        return [], []
    chosen = [model.addVar(vtype="B") for _ in price]
    model.addCons(quicksum(chosen) <= 1)
    gains = []
    for j, variable in enumerate(price):
        most = float(data.penalty[j])
        gain = model.addVar(ub=most)
        model.addCons(gain <= variable)
        model.addCons(gain <= most * chosen[j])
        gains.append(gain)
    return chosen, gains


def _most(data: LocationInstance) -> float:
    """Return the cost of serving nobody, whatever the demands."""
    return float(data.penalty @ (data.demand + data.surge))
