"""A linear order of the nodes as binaries o_ij (i before j), and edges within it.

    g_ij <= o_ij,   o_ij + o_ji = 1,   o_ij + o_jk + o_ki <= 2

Grötschel, Jünger, Reinelt (1984), doi:10.1287/opre.32.6.1195.
"""

from typing import Any

import numpy as np
import numpy.typing as npt

Pairs = dict[tuple[int, int], Any]


def add_order(model: Any, d: int, edge: Pairs) -> Pairs:
    """Add the order to a model, and let edges follow it.

    Parameters
    ----------
    model
        The ``pyscipopt.Model``.
    d
        Number of nodes.
    edge
        Variable of each edge.

    Returns
    -------
    dict
        The binary of each pair i < j, one if i comes before j.
    """
    before = {
        (i, j): model.addVar(f"o_{i}_{j}", vtype="B")
        for i in range(d)
        for j in range(i + 1, d)
    }
    for i, j in before:
        model.addCons(edge[i, j] <= before[i, j])
        model.addCons(edge[j, i] <= 1 - before[i, j])
        for k in range(j + 1, d):
            turn = before[i, j] + before[j, k] - before[i, k]
            model.addCons(turn <= 1)
            model.addCons(turn >= 0)
    return before


def order_values(
    before: Pairs, order: npt.NDArray[np.int64]
) -> list[tuple[Any, float]]:
    """Return the value of each binary at an order."""
    place = np.argsort(order)
    return [(o, float(place[i] < place[j])) for (i, j), o in before.items()]
