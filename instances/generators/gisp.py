"""Generalized independent set: edges may be removed at a cost.

max w x - c y,  x_i + x_j <= 1 on fixed edges,  x_i + x_j - y_ij <= 1 on removable
ones, all binary (Hochbaum & Pathria 1997; Colombi, Mansini, Savelsbergh 2017).
"""

import numpy as np

from boundwise.core.arguments import as_count, as_number
from boundwise.core.rng import make_rng
from boundwise.instances.generators.graphs import random_graph
from boundwise.instances.generators.parts import RowBuilder
from boundwise.instances.instance import Instance


def generalized_independent_set(
    nodes: int = 150,
    density: float = 0.6,
    removable: float = 0.75,
    revenue: int = 100,
    cost: int = 1,
    seed: int | None = 0,
) -> Instance:
    """Generate a generalized independent set problem.

    The graph is Erdos-Renyi; each edge is removable with the given probability.
    Revenues and costs are constant, as in the second set of Colombi et al.

    Parameters
    ----------
    nodes
        Number of nodes.
    density
        Probability of an edge.
    removable
        Probability that an edge can be removed.
    revenue, cost
        Revenue of a node and cost of removing an edge.
    seed
        Seed of the random numbers.

    Returns
    -------
    Instance
        The problem; nodes ``x``, removable edges ``y``.

    Raises
    ------
    InputError
        If an argument is out of range.

    Notes
    -----
    On one thread, SCIP 10.0.2 stands at 700 with the bound 5593 after 30 s for
    ``nodes=200, seed=1``.

    References
    ----------
    Hochbaum, D. S., Pathria, A. (1997). Forest harvesting and minimum cuts.
    Forest Science 43(4).
    Colombi, M., Mansini, R., Savelsbergh, M. (2017). The generalized independent
    set problem. doi:10.1016/j.ejor.2016.11.050
    """
    removable = as_number("removable", removable, at_least=0, at_most=1)
    revenue = as_count("revenue", revenue)
    cost = as_count("cost", cost)
    rng, seed = make_rng(seed)
    edges = random_graph(nodes, "er", density, 1, rng)
    is_removable = rng.random(len(edges)) < removable
    soft, hard = edges[is_removable], edges[~is_removable]
    builder = RowBuilder(nodes + len(soft))
    soft_rows = np.arange(len(soft))
    builder.add(
        "soft",
        np.concatenate([soft_rows, soft_rows, soft_rows]),
        np.concatenate([soft[:, 0], soft[:, 1], nodes + soft_rows]),
        np.repeat([1.0, 1.0, -1.0], len(soft)),
        -np.inf,
        1.0,
        len(soft),
    )
    hard_rows = np.repeat(np.arange(len(hard)), 2)
    builder.add("hard", hard_rows, hard.ravel(), 1.0, -np.inf, 1.0, len(hard))
    return builder.instance(
        name=(
            f"generalized_independent_set-n{nodes}-d{density:g}-a{removable:g}"
            f"-w{revenue}-c{cost}-s{seed}"
        ),
        sense="maximize",
        objective=np.concatenate(
            [np.full(nodes, float(revenue)), np.full(len(soft), -float(cost))]
        ),
        names=[
            *(f"x{v}" for v in range(nodes)),
            *(f"y{a}_{b}" for a, b in soft.tolist()),
        ],
        is_integer=True,
        upper=1.0,
    )
