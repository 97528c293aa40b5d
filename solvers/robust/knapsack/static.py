"""The static robust knapsack: one reaction (y, r) for all scenarios.

    min  sum_i (f_i - p_i) x_i - f_i y_i + Gamma u + sum_i max(0, d_i (y_i - r_i) - u)

For a fixed u each item has three options: not accepted; accepted and plain, which costs
max(0, d_i - u); accepted and repaired. The best u is 0 or one of the d_i, as the cost
is linear in u between them. So the static optimum is the best of n + 1 knapsacks, and
all of them are good decisions to start from.

Bertsimas, Sim (2003), Robust discrete optimization and network flows,
doi:10.1007/s10107-003-0396-4.
"""

import numpy as np

from boundwise.instances.robust.arrays import Floats
from boundwise.instances.robust.knapsack import KnapsackInstance
from boundwise.solvers.robust.knapsack.recourse import OUT, solve_recourse


def static_decisions(data: KnapsackInstance) -> tuple[Floats, Floats]:
    """Return the static solutions of all values of u, the best one first.

    Parameters
    ----------
    data
        The problem.

    Returns
    -------
    tuple
        Costs that are guaranteed without recourse, ascending, and the decisions x, a
        row each; equal decisions are listed once.
    """
    # Accepting what is then outsourced pays only if that earns more than the profit.
    base = np.maximum(0.0, data.profit - data.outsource)
    gains = data.profit - base
    everything = np.ones(data.n)
    costs, decisions = [], []
    for u in np.unique(np.concatenate([[0.0], data.degradation])):
        loss = np.maximum(0.0, data.degradation - u)
        gain, _, choice = solve_recourse(
            data.weight,
            data.repair,
            gains,
            loss,
            everything,
            data.capacity,
        )
        costs.append(data.gamma * float(u) - gain - float(base.sum()))
        decisions.append((choice != OUT) | (base > 0.0))
    order = np.argsort(costs, kind="stable")
    ranked = np.array(decisions, dtype=np.float64)[order]
    _, first = np.unique(ranked, axis=0, return_index=True)
    keep = np.sort(first)
    return np.array(costs)[order][keep], ranked[keep]
