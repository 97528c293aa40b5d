"""The mixed-integer program with one binary for each node and parent set.

    min   sum_jP c_jP x_jP,      c_jP = 1/2 Var(x_j | x_P) + price |P|
    s.t.  sum_P x_jP = 1,        g_ij = sum_{P contains i} x_jP <= o_ij,
          o a linear order

A parent set that costs no less than one of its subsets is left out. The relaxation of
each node's cost is its convex envelope, the tightest there is; there are 2^(d-1) sets
for each node to look at.

Jaakkola, Sontag, Globerson, Meila (2010), "Learning Bayesian network structure using LP
relaxations", AISTATS; Bartlett, Cussens (2017), doi:10.1016/j.artint.2015.03.003.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from boundwise.solvers.dag.mip.costs import least_variance
from boundwise.solvers.dag.mip.ordering import Pairs, add_order, order_values

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]

#: Largest number of nodes for which all parent sets are looked at.
MAX_NODES = 15
#: Saving, relative to the variance, below which a larger parent set is left out.
_DOMINATED = 1e-12


@dataclass(frozen=True, slots=True)
class ParentSets:
    """Hold the variables of the program.

    Parameters
    ----------
    edge, before
        Edges (expressions stand for nothing else), and order (pairs i < j only).
    sets
        For each node, (bits of the parent set, cost, variable), cheapest first.
    """

    edge: Pairs
    before: Pairs
    sets: tuple[tuple[tuple[int, float, Any], ...], ...]

    def values(self, W: Floats, order: Ints) -> list[tuple[Any, float]]:
        """Return the value of every variable at the best graph of an order.

        Parameters
        ----------
        W
            Not used: the cheapest parents that the order allows are taken.
        order
            The nodes, parents first.
        """
        pairs = order_values(self.before, order)
        seen = 0
        for j in order.tolist():
            inside = (k for k, s in enumerate(self.sets[j]) if not s[0] & ~seen)
            chosen = next(inside)
            bits = self.sets[j][chosen][0]
            pairs += [(s[2], float(k == chosen)) for k, s in enumerate(self.sets[j])]
            pairs += [
                (edge, float(bits >> i & 1))
                for (i, head), edge in self.edge.items()
                if head == j
            ]
            seen |= 1 << j
        return pairs


def build(S: Floats, price: float) -> tuple[Any, ParentSets]:
    """Build the model.

    Parameters
    ----------
    S
        Regular covariance of at most `MAX_NODES` columns.
    price
        Price of an edge.

    Returns
    -------
    tuple
        The ``pyscipopt.Model`` and its variables.
    """
    from pyscipopt import Model, quicksum

    d = len(S)
    model = Model("dag-parents")
    edge = {
        (i, j): model.addVar(f"g_{i}_{j}", lb=0.0, ub=1.0)
        for i in range(d)
        for j in range(d)
        if i != j
    }
    before = add_order(model, d, edge)
    sets = []
    for j in range(d):
        kept = sorted(undominated(S, j, price), key=lambda entry: entry[1])
        columns = tuple(
            (bits, cost, model.addVar(f"x_{j}_{bits}", vtype="B", obj=cost))
            for bits, cost in kept
        )
        model.addCons(quicksum(x for _, _, x in columns) == 1)
        for i in range(d):
            if i != j:
                inside = [x for bits, _, x in columns if bits >> i & 1]
                model.addCons(edge[i, j] == quicksum(inside))
        sets.append(columns)
    return model, ParentSets(edge, before, tuple(sets))


def undominated(S: Floats, node: int, price: float) -> list[tuple[int, float]]:
    """Return parent sets (as bits) and costs; each is cheaper than all its subsets.

    Parameters
    ----------
    S
        Regular covariance.
    node
        The node.
    price
        Price of a parent.
    """
    d = len(S)
    bit_of = 1 << np.arange(d)
    best = np.full(1 << d, np.inf)  # of the subsets of each set, itself included
    kept = []
    for bits in range(1 << d):
        if bits >> node & 1:
            continue
        parents = (bits & bit_of) > 0
        below = min((best[bits ^ int(b)] for b in bit_of[parents]), default=np.inf)
        # Even all variance explained would not pay for the parents.
        if price * int(parents.sum()) < below:
            variance = least_variance(S, node, parents)
            cost = 0.5 * variance + price * int(parents.sum())
            if cost < below - _DOMINATED * S[node, node]:
                kept.append((bits, cost))
                below = cost
        best[bits] = below
    return kept
