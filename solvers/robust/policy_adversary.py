"""The adversary of a fixed x where rows are uncertain too, by reactions found so far.

    max t   s.t. for each reaction k:  t <= cost_k(xi),  or a row of k is violated at xi

The program's value bounds the worst case from above. Its scenario gets a new reaction,
until none is missing. The worst case may only be approached, where a reaction just
ceases to be feasible: a row counts as violated beyond 1e-6 for bounds, and beyond a
margin in the scenarios that are sought.

Hanasusanto, Kuhn, Wiesemann (2015), K-adaptability in two-stage robust binary
programming, doi:10.1287/opre.2015.1392.
"""

import math

import numpy as np

from boundwise.core.tolerances import FEAS_TOL
from boundwise.heuristics.scip.transfer import read_values
from boundwise.instances.robust.arrays import Floats
from boundwise.solvers.robust.adversary import Reaction
from boundwise.solvers.robust.clock import Clock
from boundwise.solvers.robust.problem import EXACT_TOL, WorstCase
from boundwise.solvers.robust.scip_models import (
    add_scenario_variables,
    least_over_box,
    linear,
    new_model,
)
from boundwise.solvers.robust.stages import Policy
from boundwise.solvers.robust.uncertainty import UncertaintySet

#: By how much a row is violated in the scenarios that are sought.
_MARGIN = 1e-5
#: SCIP's tolerance, which must be below that of rows.
_LP_TOLERANCE = 1e-9


def worst_case_by_policies(
    react: Reaction,
    uncertainty: UncertaintySet,
    *,
    clock: Clock,
    cutoff: float = math.inf,
) -> WorstCase:
    """Return the worst case of a decision.

    Parameters
    ----------
    react
        Returns the cheapest reaction to a scenario; infinite cost if there is none.
    uncertainty
        The scenarios.
    clock
        When to stop with what is known.
    cutoff
        Stop as soon as the cost is proven to exceed this.

    Returns
    -------
    WorstCase
        ``is_exact`` only if no scenario is worse, rows taken within 1e-6.
    """
    policies: list[Policy] = []
    scenario = worst = uncertainty.nominal
    cost = -math.inf
    while True:
        value, policy = react(scenario)
        if value > cost:
            worst, cost = scenario, value
        if cost > cutoff or cost == math.inf:
            return WorstCase(cost, math.inf, worst)
        policies.append(policy)
        bound, sought = _hardest(policies, uncertainty, clock, _MARGIN)
        closed = bound <= cost + EXACT_TOL * max(1.0, abs(cost))
        known = sought is None or np.abs(sought - scenario).max() < _MARGIN
        if sought is None or closed or known or clock.expired():
            break
        scenario = sought
    bound, _ = _hardest(policies, uncertainty, clock, FEAS_TOL)
    return WorstCase(cost, max(cost, bound), worst)


def _hardest(
    policies: list[Policy], uncertainty: UncertaintySet, clock: Clock, margin: float
) -> tuple[float, Floats | None]:
    """Return a bound and the scenario in which the reactions do worst."""
    lows = [p.cost + least_over_box(uncertainty, p.slope) for p in policies]
    highs = [p.cost - least_over_box(uncertainty, -p.slope) for p in policies]
    # Above all costs: reached where no reaction so far is feasible.
    limit = max(highs)
    top = limit + 1.0 + abs(limit)
    model = new_model()
    try:
        xi = add_scenario_variables(model, uncertainty)
        model.setParam("numerics/feastol", _LP_TOLERANCE)
        t = model.addVar("t", lb=None, ub=top)
        for policy, low in zip(policies, lows, strict=True):
            stands = model.addVar(vtype="B")
            cost = policy.cost + linear(policy.slope, xi)
            model.addCons(t <= cost + (top - low) * (1 - stands))
            choices = [stands]
            for constant, slope in zip(policy.rows, policy.row_slopes, strict=True):
                violated = model.addVar(vtype="B")
                least = float(constant) + least_over_box(uncertainty, slope)
                room = max(0.0, margin - least)
                row = float(constant) + linear(slope, xi)
                model.addCons(row >= margin - room * (1 - violated))
                choices.append(violated)
            model.addCons(sum(choices) == 1)
        model.setObjective(t, "maximize")
        clock.optimize(model)
        bound = float(model.getDualbound())
        if bound > limit + EXACT_TOL * (top - limit):
            bound = math.inf
        if not model.getNSols():
            return bound, None
        scenario = read_values(model, model.getBestSol(), xi)
    finally:
        model.free()
    return bound, np.clip(scenario, uncertainty.lower, uncertainty.upper)
