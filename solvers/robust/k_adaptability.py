"""K-adaptability: choose K reactions before the scenario, use the best one in it.

    min_{x, y_1..y_K}  max_xi  min { cost(x, y_k, xi) : y_k feasible in xi }

Branch and bound: a node says for each scenario found so far which reaction has to
stand it. Its main problem is a mixed-integer program; the adversary then seeks a
scenario that none of the K reactions stands, by the program

    max t   s.t. for each k one violation: cost_k(xi) - z >= t  or  row_ki(xi) >= t

and the new scenario is given to each reaction in turn. The value of the best tree node
without violation is a guarantee; the decision x is evaluated with full recourse too.

Subramanyam, Gounaris, Wiesemann (2020), K-adaptability in two-stage mixed-integer
robust optimization, doi:10.1007/s12532-019-00174-2.
"""

import heapq
import itertools
import math
from typing import Any

import numpy as np

from boundwise.heuristics.scip.transfer import read_values
from boundwise.instances.robust.arrays import Floats
from boundwise.solvers.robust.run import Run
from boundwise.solvers.robust.scip_models import (
    add_first_stage,
    add_recourse,
    add_scenario_variables,
    first_cost,
    least_over_box,
    linear,
    new_model,
    scenario_cost,
    scenario_rows,
)
from boundwise.solvers.robust.stages import Policy

#: A violation below this (relative to the cost) is none.
_TOLERANCE = 1e-4

#: For each reaction the scenarios it has to stand.
Assignment = tuple[tuple[int, ...], ...]


def solve_k_adaptability(run: Run, policies: int) -> None:
    """Search for the best K reactions until the tree is empty or the clock ends.

    ``run.stats`` gets the guaranteed value ``k_objective`` and its bound ``k_bound``,
    which are of the K-adaptable problem, not of the robust one.

    Parameters
    ----------
    run
        The run; the decisions of all nodes without violation are evaluated.
    policies
        K.
    """
    scenarios = [run.problem.uncertainty.nominal]
    ticket = itertools.count()
    root: Assignment = ((0,), *(() for _ in range(policies - 1)))
    tree: list[tuple[float, int, Assignment]] = [(-math.inf, next(ticket), root)]
    best = math.inf
    bound = -math.inf
    while tree and not run.clock.expired():
        run.iterations += 1
        bound, _, node = heapq.heappop(tree)
        if bound >= best - _TOLERANCE * max(1.0, abs(best)):
            tree = []
            break
        solved = _solve_main(run, scenarios, node)
        if solved is None:
            continue
        value, x, reactions, worst = solved
        bound = value
        if value >= best:
            continue
        scenario = _violation(run, worst, reactions)
        if scenario is None:
            best = worst
            run.evaluate(x, "k-adaptability")
            continue
        scenarios.append(scenario)
        run.store(scenario)
        for child in _children(node, len(scenarios) - 1):
            heapq.heappush(tree, (value, next(ticket), child))
    sign = -1.0 if run.problem.sense == "maximize" else 1.0
    remaining = min([bound, *(entry[0] for entry in tree)]) if tree else best
    run.stats["k_objective"] = sign * best
    run.stats["k_bound"] = sign * min(best, remaining)


def _children(node: Assignment, scenario: int) -> list[Assignment]:
    """Give a scenario to each reaction; of those without any, to the first alone."""
    children, empty_seen = [], False
    for k, own in enumerate(node):
        if not own:
            if empty_seen:
                continue
            empty_seen = True
        children.append((*node[:k], (*own, scenario), *node[k + 1 :]))
    return children


def _solve_main(
    run: Run, scenarios: list[Floats], node: Assignment
) -> tuple[float, Floats, list[Policy], float] | None:
    """Return bound, decision, reactions and value of a node; None if it has none."""
    problem = run.problem
    model = new_model()
    try:
        x = add_first_stage(model, problem)
        z = model.addVar("z", lb=None)
        certain = first_cost(problem, x)
        copies = [add_recourse(model, problem, x) for _ in node]
        for y, own in zip(copies, node, strict=True):
            for s in own:
                cost = scenario_cost(problem, x, y, scenarios[s])
                model.addCons(z >= certain + cost)
                for row in scenario_rows(problem, x, y, scenarios[s]):
                    model.addCons(row <= 0)
        model.setObjective(z)
        model.setParam("limits/gap", 0.1 * _TOLERANCE)
        status = run.clock.optimize(model)
        if status not in ("optimal", "gaplimit"):
            return None
        solution = model.getBestSol()
        values = _rounded(
            read_values(model, solution, x), problem.first_stage.is_integer
        )
        whole = problem.second_stage.is_integer
        reactions = [
            problem.policy(values, _rounded(read_values(model, solution, y), whole))
            for y in copies
        ]
        return (
            float(model.getDualbound()),
            values,
            reactions,
            float(model.getSolVal(solution, z)),
        )
    finally:
        model.free()


def _violation(run: Run, value: float, reactions: list[Policy]) -> Floats | None:
    """Return a scenario that no reaction stands, None if there is none."""
    problem = run.problem
    scale = max(1.0, abs(value))
    model = new_model()
    try:
        xi = add_scenario_variables(model, problem.uncertainty)
        t = model.addVar("t", lb=None, ub=scale)
        for policy in reactions:
            choices = []
            slopes = np.vstack([policy.slope / scale, policy.row_slopes])
            constants = np.append((policy.cost - value) / scale, policy.rows)
            for constant, slope in zip(constants, slopes, strict=True):
                chosen = model.addVar(vtype="B")
                choices.append(chosen)
                low = constant + least_over_box(problem.uncertainty, slope)
                much = 1.0 + scale - low
                model.addCons(
                    t <= float(constant) + linear(slope, xi) + much * (1 - chosen)
                )
            model.addCons(sum(choices) == 1)
        model.setObjective(t, "maximize")
        status = run.clock.optimize(model)
        if not model.getNSols() or status == "infeasible":
            return None
        solution = model.getBestSol()
        if model.getSolVal(solution, t) <= _TOLERANCE:
            return None
        return read_values(model, solution, xi)
    finally:
        model.free()


def _rounded(values: Floats, whole: Any) -> Floats:
    return np.where(whole, np.rint(values), values)
