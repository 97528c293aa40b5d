"""The robust knapsack with a column for each reaction: exact, for few items.

    min  (f - p) x - sum_k lambda_k f y^k + Gamma u + sum_i v_i
    s.t. sum_k lambda_k = 1,   sum_k lambda_k y^k_i <= x_i,   x binary
         u + v_i >= d_i sum_k lambda_k (y^k_i - r^k_i),   lambda, u, v >= 0

over all feasible (y^k, r^k) that no further repair fits into. The adversary answers to
a mixture of reactions, which is the same as choosing the reaction after him.

Arslan, Detienne (2022), doi:10.1287/ijoc.2021.1061.
"""

import itertools

import numpy as np

from boundwise.core.errors import InputError
from boundwise.heuristics.scip.transfer import read_values
from boundwise.instances.robust.arrays import Floats
from boundwise.instances.robust.knapsack import KnapsackInstance
from boundwise.solvers.robust.knapsack.problem import RobustKnapsack
from boundwise.solvers.robust.run import Run
from boundwise.solvers.robust.scip_models import (
    add_first_stage,
    first_cost,
    linear,
    new_model,
)

#: Items beyond which there would be too many columns.
_MOST_ITEMS = 10


def solve_columns(run: Run) -> None:
    """Solve a small knapsack exactly.

    Raises
    ------
    InputError
        If the problem is no knapsack, or has more than ten items.
    """
    from pyscipopt import quicksum

    problem = run.problem
    if not isinstance(problem, RobustKnapsack):
        raise InputError(
            f"method='columns' is for RobustKnapsack, got {type(problem).__name__}."
        )
    data = problem.instance
    if data.n > _MOST_ITEMS:
        raise InputError(
            f"method='columns' is for at most {_MOST_ITEMS} items, got {data.n}."
        )
    produced, repaired = reactions(data)
    model = new_model()
    try:
        x = add_first_stage(model, problem)
        share = [model.addVar() for _ in produced]
        model.addCons(quicksum(share) == 1)
        u = model.addVar()
        cost = first_cost(problem, x) + data.gamma * u
        cost -= linear(produced @ data.outsource, share)
        for i in range(data.n):
            v = model.addVar()
            cost += v
            plain = data.degradation[i] * (produced[:, i] - repaired[:, i])
            model.addCons(linear(produced[:, i], share) <= x[i])
            model.addCons(u + v >= linear(plain, share))
        model.setObjective(cost)
        run.clock.optimize(model)
        run.raise_bound(float(model.getDualbound()), "columns")
        if not model.getNSols():
            return
        best = np.rint(read_values(model, model.getBestSol(), x))
    finally:
        model.free()
    run.evaluate(best, "columns")


def reactions(data: KnapsackInstance) -> tuple[Floats, Floats]:
    """Return all feasible (y, r) into which no further repair fits, a row each."""
    produced, repaired = [], []
    for choice in itertools.product(range(3), repeat=data.n):
        options = np.array(choice)
        y, r = options >= 1, options == 2
        free = data.capacity - data.weight @ y - data.repair @ r
        plain = y & ~r
        if free >= 0 and not (data.repair[plain] <= free).any():
            produced.append(y)
            repaired.append(r)
    return np.array(produced, dtype=np.float64), np.array(repaired, dtype=np.float64)
