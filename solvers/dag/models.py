"""Fits and tables of a decomposable score: compiled for linear models, or by calls.

Both kinds of model offer the same few steps to `prefix_search`: refit nodes, fill the
tables of `prefix`, bound the gains of swaps, cost all sets of predecessors.
"""

from typing import Protocol

import numpy as np

from boundwise.solvers.dag import prefix
from boundwise.solvers.dag.constraints import Constraints
from boundwise.solvers.dag.cost_table import gram_table
from boundwise.solvers.dag.linear_scores import LinearScore
from boundwise.solvers.dag.moments import Bools, Floats, Ints, Moments
from boundwise.solvers.dag.node_fit import Problem
from boundwise.solvers.dag.prefix import State
from boundwise.solvers.dag.scores import NodeCosts
from boundwise.solvers.dag.stopping import Check, never


class NodeModel(Protocol):
    """What the search over decomposable scores needs of a score."""

    check: Check
    d: int

    def refit(self, state: State, first: int, last: int) -> None:
        """Fit the nodes at positions first..last given their predecessors."""

    def fill(self, state: State, low: Ints, high: Ints, reach: int) -> None:
        """Compute the table entries that moves of at most ``reach`` need."""

    def swap_gains(
        self, state: State, low: Ints, high: Ints, least: float, gains: Floats
    ) -> None:
        """Set the gains of swaps (or bounds of at most ``least``)."""

    def pair_gains(self, state: State, pairs: Ints) -> Floats:
        """Return the decrease of the costs for each swap of positions (p, q)."""

    def table(self) -> Floats:
        """Return the cost of each node for each set of predecessors (bits)."""


class GramModel:
    """Node costs of a linear score, from the covariance.

    Parameters
    ----------
    moments
        The data.
    score
        The score.
    constraints
        Allowed and required edges.
    """

    def __init__(
        self, moments: Moments, score: LinearScore, constraints: Constraints
    ) -> None:
        self.check: Check = never
        self.d = moments.d
        self._lam = score.lam
        price = score.price(moments) if score.name == "bic" else 0.0
        self._problem = Problem(
            score.node_kind,
            np.array(moments.S),
            np.ascontiguousarray(constraints.allowed.T),
            np.ascontiguousarray(constraints.required.T),
            0.0 if score.name == "bic" else float(score.lam),
            price,
        )

    @property
    def can(self) -> Bools:
        """``can[u, v]``: v may be a parent of u."""
        return self._problem.can

    def set_scale(self, scale: float) -> None:
        """Set the common scale: the l1 penalty becomes ``lam * scale``."""
        self._problem = self._problem._replace(lam=self._lam * scale)

    def refit(self, state: State, first: int, last: int) -> None:
        """Fit the nodes at positions first..last given their predecessors."""
        prefix.refit(self._problem, state, first, last)

    def fill(self, state: State, low: Ints, high: Ints, reach: int) -> None:
        """Compute the table entries that moves of at most ``reach`` need."""
        # In pieces, so that a limit or Ctrl-C is seen.
        step = max(1, 20_000 // self.d)
        for first in range(0, self.d, step):
            last = min(self.d, first + step) - 1
            prefix.fill(self._problem, state, low, high, reach, first, last)
            self.check()

    def swap_gains(
        self, state: State, low: Ints, high: Ints, least: float, gains: Floats
    ) -> None:
        """Set the gains of swaps (or bounds of at most ``least``)."""
        prefix.swap_gains(self._problem, state, low, high, least, gains)

    def pair_gains(self, state: State, pairs: Ints) -> Floats:
        """Return the decrease of the costs for each swap of positions (p, q)."""
        gains = np.empty(len(pairs))
        for first in range(0, len(pairs), self.d):
            piece = slice(first, first + self.d)
            prefix.pair_gains(self._problem, state, pairs[piece], gains[piece])
            self.check()
        return gains

    def table(self) -> Floats:
        """Return the cost of each node for each set of predecessors (bits)."""
        return gram_table(self._problem)


class CallbackModel:
    """Node costs from a Python object, each fitted once for a set of predecessors.

    Parameters
    ----------
    costs
        The node costs.
    constraints
        Allowed edges.
    """

    def __init__(self, costs: NodeCosts, constraints: Constraints) -> None:
        self.check: Check = never
        self.d = len(constraints.allowed)
        self._costs = costs
        self._can = constraints.allowed.T
        self._known: dict[tuple[int, bytes], tuple[float, Floats]] = {}

    def _fit(self, u: int, nodes: Ints) -> tuple[float, Floats, Ints]:
        allowed = np.sort(nodes[self._can[u, nodes]])
        key = (u, allowed.tobytes())
        if key not in self._known:
            self.check()
            cost, weights = self._costs.cost(u, allowed)
            self._known[key] = (float(cost), np.asarray(weights, dtype=np.float64))
        return *self._known[key], allowed

    def cost(self, u: int, nodes: Ints) -> float:
        """Return the cost of a node given those of some nodes that are allowed."""
        return self._fit(u, nodes)[0]

    def refit(self, state: State, first: int, last: int) -> None:
        """Fit the nodes at positions first..last given their predecessors."""
        for k in range(first, last + 1):
            u = int(state.order[k])
            state.costs[u], weights, allowed = self._fit(u, state.order[:k])
            state.weights[u] = 0.0
            state.weights[u, allowed] = weights

    def fill(self, state: State, low: Ints, high: Ints, reach: int) -> None:
        """Compute the table entries that moves of at most ``reach`` need."""
        order = state.order
        for k in range(self.d):
            u = int(order[k])
            near = range(max(0, k - reach), min(self.d, k + reach + 1))
            for t in near:
                v = int(order[t])
                passes = low[t] <= k if t > k else high[t] >= k
                if t != k and passes and np.isnan(state.toggles[u, v]):
                    others = order[:k]
                    others = np.append(others, v) if t > k else np.delete(others, t)
                    state.toggles[u, v] = self.cost(u, others) - state.costs[u]
            for t in near:
                if low[k] <= t <= high[k] and np.isnan(state.sequences[u, t]):
                    others = order[:t] if t <= k else np.delete(order[: t + 1], k)
                    state.sequences[u, t] = self.cost(u, others)

    def swap_gains(
        self, state: State, low: Ints, high: Ints, least: float, gains: Floats
    ) -> None:
        """Set the gains of swaps, from scratch (each fit is remembered)."""
        gains[:] = -np.inf
        pairs = np.array(
            [
                (p, q)
                for p in range(self.d)
                for q in range(p + 1, self.d)
                if low[q] <= p and high[p] >= q
            ],
            dtype=np.int64,
        ).reshape(-1, 2)
        gains[pairs[:, 0], pairs[:, 1]] = self.pair_gains(state, pairs)

    def pair_gains(self, state: State, pairs: Ints) -> Floats:
        """Return the decrease of the costs for each swap of positions (p, q)."""
        gains = np.empty(len(pairs))
        for t, (p, q) in enumerate(pairs):
            trial = state.order.copy()
            trial[p], trial[q] = trial[q], trial[p]
            gains[t] = sum(
                state.costs[trial[k]] - self.cost(int(trial[k]), trial[:k])
                for k in range(p, q + 1)
            )
        return gains

    def table(self) -> Floats:
        """Return the cost of each node for each set of predecessors (bits)."""
        d = self.d
        table = np.empty((d, 1 << d))
        nodes = np.arange(d)
        for subset in range(1 << d):
            members = nodes[(subset >> nodes) & 1 == 1]
            for u in range(d):
                if not (subset >> u) & 1:
                    table[u, subset] = self.cost(u, members)
        return table
