"""Maximum independent set by clique rows, and minimum vertex cover by edge rows.

max sum x,  sum of x over each clique <= 1       (Bergman et al. 2016)
min w x,    x_i + x_j >= 1 for each edge
"""

import numpy as np

from boundwise.core.arguments import as_count
from boundwise.core.rng import make_rng
from boundwise.instances.generators.graphs import clique_cover, random_graph
from boundwise.instances.generators.parts import RowBuilder
from boundwise.instances.instance import Instance


def maximum_independent_set(
    nodes: int = 1500,
    graph: str = "ba",
    affinity: int = 5,
    density: float = 0.1,
    seed: int | None = 0,
) -> Instance:
    """Generate a maximum independent set problem in clique formulation.

    Parameters
    ----------
    nodes
        Number of nodes.
    graph
        ``"ba"`` (Barabasi-Albert) or ``"er"`` (Erdos-Renyi).
    affinity
        Edges that each new node of a ``"ba"`` graph brings.
    density
        Probability of an edge of an ``"er"`` graph.
    seed
        Seed of the random numbers.

    Returns
    -------
    Instance
        The problem; each row is a clique of a greedy cover of the edges.

    Raises
    ------
    InputError
        If an argument is out of range.

    Notes
    -----
    On one thread, SCIP 10.0.2 stands at 1198 with the bound 1407 after 30 s for
    ``nodes=3000, seed=1``.

    References
    ----------
    Bergman, D., Cire, A. A., van Hoeve, W.-J., Hooker, J. (2016). Decision Diagrams
    for Optimization, section 4.6. doi:10.1007/978-3-319-42849-9
    """
    rng, seed = make_rng(seed)
    edges = random_graph(nodes, graph, density, affinity, rng)
    cliques = clique_cover(nodes, edges)
    builder = RowBuilder(nodes)
    builder.add(
        "clique",
        np.repeat(np.arange(len(cliques)), [len(c) for c in cliques]),
        np.concatenate([np.array(c) for c in cliques]),
        1.0,
        -np.inf,
        1.0,
        len(cliques),
    )
    kind = f"a{affinity}" if graph == "ba" else f"d{density:g}"
    return builder.instance(
        name=f"maximum_independent_set-n{nodes}-{graph}-{kind}-s{seed}",
        sense="maximize",
        objective=np.ones(nodes),
        names=[f"x{v}" for v in range(nodes)],
        is_integer=True,
        upper=1.0,
    )


def minimum_vertex_cover(
    nodes: int = 1000,
    graph: str = "ba",
    affinity: int = 10,
    density: float = 0.1,
    max_weight: int = 1,
    seed: int | None = 0,
) -> Instance:
    """Generate a minimum (weighted) vertex cover problem.

    Parameters
    ----------
    nodes
        Number of nodes.
    graph
        ``"ba"`` (Barabasi-Albert) or ``"er"`` (Erdos-Renyi).
    affinity
        Edges that each new node of a ``"ba"`` graph brings.
    density
        Probability of an edge of an ``"er"`` graph.
    max_weight
        Weights are integers from 1 to this.
    seed
        Seed of the random numbers.

    Returns
    -------
    Instance
        The problem.

    Raises
    ------
    InputError
        If an argument is out of range.

    Notes
    -----
    On one thread, SCIP 10.0.2 stands at 70645 with the bound 51812 after 30 s for
    ``nodes=2000, max_weight=100, seed=1``.

    References
    ----------
    Barabasi, A.-L., Albert, R. (1999). Emergence of scaling in random networks.
    doi:10.1126/science.286.5439.509
    """
    max_weight = as_count("max_weight", max_weight)
    rng, seed = make_rng(seed)
    edges = random_graph(nodes, graph, density, affinity, rng)
    weights = rng.integers(1, max_weight, size=nodes, endpoint=True)
    builder = RowBuilder(nodes)
    rows = np.repeat(np.arange(len(edges)), 2)
    builder.add("edge", rows, edges.ravel(), 1.0, 1.0, np.inf, len(edges))
    kind = f"a{affinity}" if graph == "ba" else f"d{density:g}"
    return builder.instance(
        name=f"minimum_vertex_cover-n{nodes}-{graph}-{kind}-w{max_weight}-s{seed}",
        sense="minimize",
        objective=weights,
        names=[f"x{v}" for v in range(nodes)],
        is_integer=True,
        upper=1.0,
    )
