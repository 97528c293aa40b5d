"""A proof of what a knapsack decision earns, which trusts no recourse solver.

    profit >= (p - f) x + sum_k l_k f y^k
              - max_{xi} sum_i d_i xi_i sum_k l_k (y^k_i - r^k_i)

for any feasible reactions (y^k, r^k) and weights l >= 0 of sum 1: whoever answers with
the best reaction earns no less than the mixture. The reactions are checked against the
capacity, and the last maximum, over the budget set, is the sum of the largest terms.
Weights and reactions are found by column generation; the proof does not depend on how.
"""

import numpy as np
from scipy.optimize import linprog

from boundwise.core.errors import InputError
from boundwise.instances.robust.arrays import Floats
from boundwise.instances.robust.knapsack import KnapsackInstance
from boundwise.solvers.robust import RobustKnapsack

#: Column generation ends once a reaction gains less than this (relative).
_GAIN = 1e-9
_MOST_REACTIONS = 2_000


def certified_profit(data: KnapsackInstance, x: Floats) -> float:
    """Return a profit that a decision earns in every scenario, the best that is found.

    Parameters
    ----------
    data
        The knapsack.
    x
        The decision, of zeros and ones.
    """
    problem = RobustKnapsack.from_instance(data)
    scenario = problem.uncertainty.nominal
    reactions: list[Floats] = []
    best = -np.inf
    while len(reactions) < _MOST_REACTIONS:
        answer = problem.recourse(x, scenario)
        assert answer.y is not None
        promised = float(problem.policy(x, answer.y).cost_at(scenario))
        if -promised - best <= _GAIN * max(1.0, abs(promised)):
            break
        reactions.append(answer.y)
        weights, scenario = _mixture(data, np.array(reactions))
        best = max(best, mixed_profit(data, x, np.array(reactions), weights))
    return best


def mixed_profit(
    data: KnapsackInstance, x: Floats, reactions: Floats, weights: Floats
) -> float:
    """Return what a mixture of reactions earns in its worst scenario.

    Parameters
    ----------
    data
        The knapsack.
    x
        The decision.
    reactions
        (y, r) of each reaction, a row each.
    weights
        Their weights; they are scaled to sum 1.

    Raises
    ------
    InputError
        If a reaction is not feasible or a weight is negative.
    """
    produced, repaired = reactions[:, : data.n], reactions[:, data.n :]
    used = produced @ data.weight + repaired @ data.repair
    rule = (produced <= x).all() and (repaired <= produced).all()
    binary = np.isin(reactions, (0.0, 1.0)).all()
    if not (rule and binary and (used <= data.capacity).all()):
        raise InputError("reactions must be feasible for the decision.")
    if (weights < 0.0).any():
        raise InputError("weights must not be negative.")
    weights = weights / weights.sum()
    losses = np.sort(data.degradation * (weights @ (produced - repaired)))[::-1]
    whole = min(int(data.gamma), data.n)
    worst = float(losses[:whole].sum())
    if whole < data.n:
        worst += (data.gamma - whole) * float(losses[whole])
    earned = float((weights @ produced) @ data.outsource)
    return float((data.profit - data.outsource) @ x) + earned - worst


def _mixture(data: KnapsackInstance, reactions: Floats) -> tuple[Floats, Floats]:
    """Return the best weights of reactions and the scenario that is worst for them.

    min  - sum_k l_k f y^k + Gamma u + sum_i v_i
    s.t. u + v_i >= d_i sum_k l_k (y^k - r^k)_i,   sum_k l_k = 1,   l, u, v >= 0
    """
    n, count = data.n, len(reactions)
    produced, repaired = reactions[:, :n], reactions[:, n:]
    cost = np.concatenate([-(produced @ data.outsource), [data.gamma], np.ones(n)])
    plain = ((produced - repaired) * data.degradation).T
    found = linprog(
        cost,
        A_ub=np.hstack([plain, -np.ones((n, 1)), -np.eye(n)]),
        b_ub=np.zeros(n),
        A_eq=np.concatenate([np.ones(count), np.zeros(n + 1)])[None, :],
        b_eq=[1.0],
        method="highs",
    )
    scenario = np.clip(-found.ineqlin.marginals, 0.0, 1.0)
    assert found.x is not None
    return np.maximum(found.x[:count], 0.0), scenario
