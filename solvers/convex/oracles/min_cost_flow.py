"""Flows in a network: supplies met within the capacities of the arcs.

    X = { x : sum out - sum in = supply at each node, lower <= x <= upper }

Successive shortest paths. Arcs of negative cost start at their upper bound, the rest
at their lower one, so that no residual cycle is negative; then the surplus goes along
shortest residual paths to where it is missing. With integral data the flow is integral.

References
----------
Ahuja, Magnanti, Orlin (1993), Network Flows, section 9.7.
"""

from typing import Any

import numpy as np

from boundwise.core.arguments import as_count
from boundwise.core.errors import InputError
from boundwise.core.tolerances import FEAS_TOL
from boundwise.heuristics.compiled import compiled
from boundwise.heuristics.frank_wolfe.protocols import Floats, Indices
from boundwise.solvers.convex.oracles.arguments import as_bounds, as_vector
from boundwise.solvers.convex.oracles.graph_arguments import as_edges

#: Distances that differ by less, relative to the costs, are equal: rounding would
#: make zero cycles negative.
_EQUAL = 1e-12
#: Flow below this, relative to the largest supply or bound, is rounding.
_NO_FLOW = 1e-12


@compiled()
def _residual_paths(
    costs: Floats,
    lower: Floats,
    upper: Floats,
    flow: Floats,
    surplus: Floats,
    arcs: Indices,
    starts: Indices,
    incident: Indices,
    noise: float,
    distance: Floats,
    last: Indices,
) -> None:
    """Find shortest residual paths from all nodes with surplus, by label correcting.

    ``last`` gets the arc that enters a node: e forwards, -2 - e backwards, -1 none.
    """
    n_nodes = surplus.shape[0]
    dearest = 0.0
    for e in range(costs.shape[0]):
        dearest = max(dearest, abs(costs[e]))
    slack = _EQUAL * (1.0 + dearest)
    queue = np.empty(n_nodes + 1, dtype=np.intp)
    is_queued = np.zeros(n_nodes, dtype=np.bool_)
    front = back = 0
    for node in range(n_nodes):
        last[node] = -1
        distance[node] = np.inf
        if surplus[node] > noise:
            distance[node] = 0.0
            queue[back] = node
            is_queued[node] = True
            back += 1
    while front != back:
        node = queue[front]
        front = (front + 1) % (n_nodes + 1)
        is_queued[node] = False
        for place in range(starts[node], starts[node + 1]):
            e = incident[place]
            if arcs[e, 0] == node:
                other, cost, room, mark = arcs[e, 1], costs[e], upper[e] - flow[e], e
            else:
                other, cost, room = arcs[e, 0], -costs[e], flow[e] - lower[e]
                mark = -2 - e
            if room > noise and distance[node] + cost < distance[other] - slack:
                distance[other] = distance[node] + cost
                last[other] = mark
                if not is_queued[other]:
                    is_queued[other] = True
                    queue[back] = other
                    back = (back + 1) % (n_nodes + 1)


@compiled()
def _solve(
    costs: Floats,
    lower: Floats,
    upper: Floats,
    supplies: Floats,
    arcs: Indices,
    starts: Indices,
    incident: Indices,
) -> tuple[Floats, bool]:
    count, n_nodes = costs.shape[0], supplies.shape[0]
    flow = np.empty(count)
    surplus = supplies.copy()
    scale = 1.0
    for node in range(n_nodes):
        scale = max(scale, abs(supplies[node]))
    for e in range(count):
        if lower[e] > upper[e]:
            return flow, False
        flow[e] = upper[e] if costs[e] < 0.0 else lower[e]
        scale = max(scale, abs(lower[e]), abs(upper[e]))
        surplus[arcs[e, 0]] -= flow[e]
        surplus[arcs[e, 1]] += flow[e]
    noise = _NO_FLOW * scale
    distance = np.empty(n_nodes)
    last = np.empty(n_nodes, dtype=np.intp)
    while True:
        _residual_paths(
            costs, lower, upper, flow, surplus, arcs, starts, incident, noise,
            distance, last,
        )  # fmt: skip
        target = -1
        missing = 0.0
        for node in range(n_nodes):
            missing = max(missing, -surplus[node])
            if surplus[node] < -noise and distance[node] < (
                np.inf if target < 0 else distance[target]
            ):
                target = node
        if target < 0:
            return flow, missing <= FEAS_TOL * scale
        amount = -surplus[target]
        node = target
        while last[node] != -1:
            mark = last[node]
            if mark >= 0:
                amount = min(amount, upper[mark] - flow[mark])
                node = arcs[mark, 0]
            else:
                amount = min(amount, flow[-2 - mark] - lower[-2 - mark])
                node = arcs[-2 - mark, 1]
        amount = min(amount, surplus[node])
        surplus[node] -= amount
        surplus[target] += amount
        node = target
        while last[node] != -1:
            mark = last[node]
            if mark >= 0:
                flow[mark] += amount
                node = arcs[mark, 0]
            else:
                flow[-2 - mark] -= amount
                node = arcs[-2 - mark, 1]


class MinCostFlow:
    """Flows that meet supplies within capacities.

    Parameters
    ----------
    n_nodes
        Number of nodes.
    arcs
        Pairs (tail, head) of nodes in 0..n_nodes-1, one a variable.
    supplies
        What each node sends out, negative where it takes in, shape (n_nodes,).
    upper
        Capacities, finite, shape (m,).
    lower
        Least flows; default 0.
    integral
        Whether all flows are integers; then supplies must be integral.

    Raises
    ------
    InputError
        If supplies do not sum to zero, or no flow meets them.

    Examples
    --------
    >>> import numpy as np
    >>> flows = MinCostFlow(
    ...     3, [(0, 1), (1, 2), (0, 2)], [2.0, 0.0, -2.0], [1.0, 1.0, 2.0]
    ... )
    >>> flows.extreme_point(np.array([1.0, 1.0, 3.0]), flows.lower, flows.upper)
    array([1., 1., 1.])
    """

    def __init__(
        self,
        n_nodes: int,
        arcs: Any,
        supplies: Any,
        upper: Any,
        *,
        lower: Any = None,
        integral: bool = True,
    ) -> None:
        self.n_nodes = as_count("n_nodes", n_nodes, least=2)
        self.arcs = as_edges(arcs, self.n_nodes)
        count = len(self.arcs)
        self.supplies = as_vector("supplies", supplies, self.n_nodes)
        scale = max(1.0, float(np.abs(self.supplies).max()))
        if abs(self.supplies.sum()) > FEAS_TOL * scale:
            raise InputError(
                f"supplies must sum to zero, got {float(self.supplies.sum())!r}."
            )
        if integral and not np.array_equal(self.supplies, np.rint(self.supplies)):
            raise InputError("supplies must be integers with integer flows.")
        self.lower, self.upper, self.integers = as_bounds(
            np.zeros(count) if lower is None else as_vector("lower", lower, count),
            as_vector("upper", upper, count),
            range(count) if integral else (),
        )
        ends = self.arcs.ravel()
        self._incident = np.argsort(ends, kind="stable") // 2
        degrees = np.bincount(ends, minlength=self.n_nodes)
        self._starts = np.concatenate(([0], np.cumsum(degrees))).astype(np.intp)
        if self.extreme_point(np.zeros(count), self.lower, self.upper) is None:
            raise InputError("supplies must be met by a flow within the capacities.")

    def extreme_point(
        self, direction: Floats, lower: Floats, upper: Floats
    ) -> Floats | None:
        """Return the cheapest flow within the box."""
        flow, is_feasible = _solve(
            direction,
            lower,
            upper,
            self.supplies,
            self.arcs,
            self._starts,
            self._incident,
        )
        return flow if is_feasible else None
