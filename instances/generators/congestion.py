"""Network design with congestion: open arcs, route demands, pay for crowded arcs.

min  sum_e (open_e z_e + cost_e f_e + crowd_e f_e^2)
flow of each commodity conserved,  f_e = sum_k x_ek <= capacity_e z_e
"""

import numpy as np
from scipy.sparse import coo_array, csr_array

from boundwise.core.arguments import as_count
from boundwise.core.rng import make_rng
from boundwise.instances.convex import ConvexProblem, Part, polyhedron


def network_design(
    nodes: int = 6, arcs: int = 18, commodities: int = 3, seed: int | None = 0
) -> ConvexProblem:
    """Generate a network design problem with quadratic congestion.

    Nodes lie in the unit square; a ring of arcs in both directions keeps every demand
    feasible, further arcs are random. Costs are lengths; each arc can carry everything.

    Parameters
    ----------
    nodes
        Number of nodes.
    arcs
        Number of arcs, at least twice the number of nodes.
    commodities
        Number of demands, between random nodes.
    seed
        Seed of the random numbers.

    Returns
    -------
    ConvexProblem
        The problem: for each commodity and arc a flow, for each arc its total, then
        its binary.

    Raises
    ------
    InputError
        If an argument is out of range.
    """
    nodes = as_count("nodes", nodes, least=3)
    arcs = as_count("arcs", arcs, least=2 * nodes)
    commodities = as_count("commodities", commodities)
    rng, seed = make_rng(seed)
    places = rng.uniform(size=(nodes, 2))
    ring = [(i, (i + 1) % nodes) for i in range(nodes)]
    ring += [(b, a) for a, b in ring]
    rest = [
        (i, j)
        for i in range(nodes)
        for j in range(nodes)
        if i != j and (i, j) not in set(ring)
    ]
    picked = rng.permutation(len(rest))[: arcs - len(ring)]
    chosen = np.array(ring + [rest[i] for i in picked])
    arcs = len(chosen)
    length = np.linalg.norm(places[chosen[:, 0]] - places[chosen[:, 1]], axis=1)
    ends = np.array(
        [rng.choice(nodes, size=2, replace=False) for _ in range(commodities)]
    )
    demand = rng.integers(1, 5, size=commodities, endpoint=True).astype(np.float64)
    n = arcs * (commodities + 2)
    matrix, sides, upper_sides = _rows(chosen, ends, demand, nodes)
    crowd = length * rng.uniform(0.05, 0.3, size=arcs)
    linear = np.zeros(n)
    linear[-2 * arcs : -arcs] = length
    linear[-arcs:] = length * rng.uniform(2.0, 6.0, size=arcs)
    diagonal = np.zeros(n)
    diagonal[-2 * arcs : -arcs] = 2.0 * crowd
    upper = np.concatenate(
        [np.repeat(demand, arcs), np.full(arcs, demand.sum()), np.ones(arcs)]
    )
    name = f"network_design-n{nodes}-a{arcs}-k{commodities}-s{seed}"
    labels = [f"{a}_{b}" for a, b in chosen.tolist()]
    return ConvexProblem(
        name=name,
        objective=Part(
            "quadratic",
            {"Q": diagonal, "linear": linear, "constant": np.array(0.0)},
        ),
        feasible=polyhedron(
            name,
            matrix=matrix,
            row_lower=sides,
            row_upper=upper_sides,
            lower=0.0,
            upper=upper,
            is_integer=np.arange(n) >= n - arcs,
            names=(
                *(f"x{k}_{label}" for k in range(commodities) for label in labels),
                *(f"f{label}" for label in labels),
                *(f"z{label}" for label in labels),
            ),
        ),
    )


def _rows(
    chosen: np.ndarray, ends: np.ndarray, demand: np.ndarray, nodes: int
) -> tuple[csr_array, np.ndarray, np.ndarray]:
    """Return conservation, totals and switches as one matrix with its sides."""
    arcs, commodities = len(chosen), len(ends)
    e = np.arange(arcs)
    rows, columns, values = [], [], []

    def add(i: np.ndarray, j: np.ndarray, v: float | np.ndarray) -> None:
        rows.append(i)
        columns.append(j)
        values.append(np.broadcast_to(np.asarray(v, dtype=np.float64), i.shape))

    supply = np.zeros(commodities * nodes)
    for k, (source, sink) in enumerate(ends):
        add(k * nodes + chosen[:, 0], k * arcs + e, 1.0)
        add(k * nodes + chosen[:, 1], k * arcs + e, -1.0)
        supply[k * nodes + source] = demand[k]
        supply[k * nodes + sink] = -demand[k]
    total = commodities * nodes
    for k in range(commodities):
        add(total + e, k * arcs + e, 1.0)
    add(total + e, commodities * arcs + e, -1.0)
    switch = total + arcs
    add(switch + e, commodities * arcs + e, 1.0)
    add(switch + e, (commodities + 1) * arcs + e, -float(demand.sum()))
    matrix = csr_array(
        coo_array(
            (np.concatenate(values), (np.concatenate(rows), np.concatenate(columns))),
            shape=(switch + arcs, arcs * (commodities + 2)),
        )
    )
    lower = np.concatenate([supply, np.zeros(arcs), np.full(arcs, -np.inf)])
    upper = np.concatenate([supply, np.zeros(2 * arcs)])
    return matrix, lower, upper
