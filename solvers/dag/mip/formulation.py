"""The mixed-integer program of a graph with a price per edge.

On standardised variables (correlation C, weights v_ij = w_ij s_i / s_j), with edges g,
a linear order o, and the loss t_j of node j as a share of its variance:

    min   sum_j s_j^2 t_j + price sum_ij g_ij
    s.t.  1/2 - C_j' v_j + 1/2 v_j' C v_j <= t_j
          -M_ij g_ij <= v_ij <= M_ij g_ij,       g_ij <= o_ij

With ``perspective``, a part diag(delta) of C that leaves it positive semidefinite is
taken out of the quadratic and bounded by cones v_ij^2 <= q_ij g_ij, which is tighter.

M_ij = sqrt((1 - 1/(C^-1)_jj) (C^-1)_ii) is valid: the variance that parents P explain
of node j is v'C_PP v, at most 1 - 1/(C^-1)_jj, and v_i^2 <= v'C_PP v (C_PP^-1)_ii.

Günlük, Linderoth (2010), doi:10.1007/s10107-010-0360-z, for the cones.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from boundwise.solvers.dag.mip.ordering import Pairs, add_order, order_values

Floats = npt.NDArray[np.float64]

#: Share of the smallest eigenvalue of C that goes into the cones.
_TAKEN = 0.95


@dataclass(frozen=True, slots=True)
class Variables:
    """Hold the variables of the program by pair (i, j), and the data behind them.

    Parameters
    ----------
    edge, before, weight
        Binary edges, binary order (pairs i < j only), standardised weights.
    loss
        Loss of each node as a share of its variance.
    cone
        Squared weights, with the perspective only.
    deviation, correlation
        Standard deviations and correlations.
    """

    edge: Pairs
    before: Pairs
    weight: Pairs
    loss: list[Any]
    cone: Pairs
    deviation: Floats
    correlation: Floats

    def values(
        self, W: Floats, order: npt.NDArray[np.int64]
    ) -> list[tuple[Any, float]]:
        """Return the value of every variable at a graph that respects an order.

        Parameters
        ----------
        W
            Weights, each node's the least squares fit on its parents.
        order
            The nodes, parents first.
        """
        V = W * self.deviation[:, None] / self.deviation
        pairs = order_values(self.before, order)
        for (i, j), edge in self.edge.items():
            pairs.append((edge, float(W[i, j] != 0.0)))
            pairs.append((self.weight[i, j], float(V[i, j])))
            if self.cone:
                pairs.append((self.cone[i, j], float(V[i, j] ** 2)))
        B = np.eye(len(V)) - V
        shares = np.einsum("ij,ij->j", B, self.correlation @ B)
        for loss, share in zip(self.loss, shares.tolist(), strict=True):
            least, most = loss.getLbOriginal(), loss.getUbOriginal()
            pairs.append((loss, min(max(0.5 * share, least), most)))
        return pairs


def build(S: Floats, price: float, perspective: bool) -> tuple[Any, Variables]:
    """Build the model.

    Parameters
    ----------
    S
        Regular covariance.
    price
        Price of an edge.
    perspective
        Whether to bound a diagonal part by cones.

    Returns
    -------
    tuple
        The ``pyscipopt.Model`` and its variables.
    """
    from pyscipopt import Model, quicksum

    d = len(S)
    deviation = np.sqrt(np.diag(S))
    C = S / np.outer(deviation, deviation)
    model = Model("dag")
    pairs = [(i, j) for i in range(d) for j in range(d) if i != j]
    inflation = np.diag(np.linalg.inv(C))
    M = np.sqrt(np.outer(inflation, np.maximum(1.0 - 1.0 / inflation, 0.0)))
    edge = {(i, j): model.addVar(f"g_{i}_{j}", vtype="B") for i, j in pairs}
    before = add_order(model, d, edge)
    weight = {
        (i, j): model.addVar(f"v_{i}_{j}", lb=-float(M[i, j]), ub=float(M[i, j]))
        for i, j in pairs
    }
    loss = [
        model.addVar(f"t_{j}", lb=0.5 * float(1.0 / inflation[j]) * (1 - 1e-9), ub=0.5)
        for j in range(d)
    ]
    cone = (
        {(i, j): model.addVar(f"q_{i}_{j}", lb=0.0, ub=float(M[i, j]) ** 2)
         for i, j in pairs}
        if perspective
        else {}
    )  # fmt: skip
    found = Variables(edge, before, weight, loss, cone, deviation, C)
    for i, j in pairs:
        model.addCons(weight[i, j] <= float(M[i, j]) * edge[i, j])
        model.addCons(weight[i, j] >= -float(M[i, j]) * edge[i, j])
        if cone:
            model.addCons(weight[i, j] * weight[i, j] <= cone[i, j] * edge[i, j])
    _add_losses(model, C, found)
    model.setObjective(
        quicksum(float(deviation[j] ** 2) * loss[j] for j in range(d))
        + price * quicksum(edge.values()),
        "minimize",
    )
    return model, found


def _add_losses(model: Any, C: Floats, variables: Variables) -> None:
    from pyscipopt import quicksum

    d = len(C)
    taken = _TAKEN * float(np.linalg.eigvalsh(C)[0]) if variables.cone else 0.0
    for j in range(d):
        others = [i for i in range(d) if i != j]
        v = {i: variables.weight[i, j] for i in others}
        terms = [0.5 - quicksum(float(C[i, j]) * v[i] for i in others)]
        for i in others:
            terms.append(0.5 * float(C[i, i] - taken) * v[i] * v[i])
            if variables.cone:
                terms.append(0.5 * taken * variables.cone[i, j])
            terms.extend(
                float(C[i, k]) * v[i] * v[k] for k in others if k > i and C[i, k] != 0
            )
        model.addCons(quicksum(terms) <= variables.loss[j])
