"""Exact gains of moves for any sum of node costs, with screens that spare most fits.

A node's cost depends on the set of its predecessors only. Moving the node at q up to p
makes each node k passed gain one predecessor, whatever p is, and makes the moved node
lose some; so two tables hold all insertions:

    toggles[u, v]    change of u's cost when v joins or leaves its predecessors
    sequences[u, t]  cost of u if it stood at position t.

With an l1 penalty a predecessor of weight 0 leaves, and one with |gradient| <= lam
joins, without any change. A move leaves most entries valid: `refresh` recomputes those
whose predecessor sets changed.
"""

from typing import NamedTuple

import numpy as np

from boundwise.heuristics.compiled import compiled
from boundwise.solvers.dag.moments import Bools, Floats, Ints
from boundwise.solvers.dag.node_fit import Problem, Room, assign, fit_node, room


class State(NamedTuple):
    """An order with its node fits and tables of changes; all arrays are changed in place.

    Parameters
    ----------
    order
        Nodes, first to last.
    weights, gradients
        Row u: weights of the parents of u, gradient of r_u / 2.
    costs, screens
        Cost of each node, and its screen (see `node_fit.fit_node`).
    toggles, sequences
        See the module's docstring.
    """

    order: Ints
    weights: Floats
    gradients: Floats
    costs: Floats
    screens: Floats
    toggles: Floats
    sequences: Floats


def new_state(order: Ints) -> State:
    """Return a state whose fits are still to be made."""
    d = len(order)
    square = [np.zeros((d, d)) for _ in range(4)]
    return State(
        np.array(order, dtype=np.int64),
        square[0],
        square[1],
        np.zeros(d),
        np.zeros(d),
        square[2],
        square[3],
    )


def copy_state(source: State, target: State) -> None:
    """Copy all arrays of one state into another."""
    for old, new in zip(source, target, strict=True):
        new[...] = old


@compiled()
def _predecessors(problem: Problem, order: Ints, u: int, end: int, out: Bools) -> None:
    """Mark those among the first ``end`` nodes that may be parents of u."""
    for v in range(len(out)):
        out[v] = False
    for k in range(end):
        v = order[k]
        if v != u and problem.can[u, v]:
            out[v] = True


@compiled()
def refit(problem: Problem, state: State, first: int, last: int) -> None:
    """Fit the nodes at positions first..last given their predecessors."""
    d = len(state.order)
    scratch = room(d)
    allowed = np.zeros(d, dtype=np.bool_)
    for k in range(first, last + 1):
        u = state.order[k]
        _predecessors(problem, state.order, u, k, allowed)
        state.costs[u], state.screens[u] = fit_node(
            problem, u, allowed, state.weights[u], state.gradients[u], scratch, True
        )


@compiled(inline=True)
def _fill_toggles(
    problem: Problem, state: State, k: int, allowed: Bools, w: Floats, g: Floats,
    scratch: Room,
) -> None:
    order = state.order
    u = order[k]
    _predecessors(problem, order, u, k, allowed)
    for t in range(len(order)):
        v = order[t]
        state.toggles[u, v] = 0.0
        if t == k or not problem.can[u, v]:
            continue
        if t < k and state.weights[u, v] == 0.0:
            continue
        if t > k and abs(state.gradients[u, v]) <= state.screens[u]:
            continue
        allowed[v] = t > k
        assign(w, state.weights[u])
        cost, _ = fit_node(problem, u, allowed, w, g, scratch, False)
        allowed[v] = t < k
        state.toggles[u, v] = cost - state.costs[u]


@compiled(inline=True)
def _fill_sequence(
    problem: Problem, state: State, place: int, first: int, last: int, allowed: Bools,
    w: Floats, g: Floats, scratch: Room,
) -> None:
    """Fill the costs of the node at ``place`` for positions first..last."""
    order = state.order
    u = order[place]
    if first <= place <= last:
        state.sequences[u, place] = state.costs[u]
    top = min(last, place - 1)
    if top >= first:
        assign(w, state.weights[u])
        assign(g, state.gradients[u])
        cost = state.costs[u]
        _predecessors(problem, order, u, top + 1, allowed)
        stale = top < place - 1
        for t in range(top, first - 1, -1):
            v = order[t]
            allowed[v] = False
            if stale or w[v] != 0.0:
                cost, _ = fit_node(problem, u, allowed, w, g, scratch, False)
                stale = False
            state.sequences[u, t] = cost
    bottom = max(first, place + 1)
    if bottom <= last:
        assign(w, state.weights[u])
        assign(g, state.gradients[u])
        cost, screen = state.costs[u], state.screens[u]
        _predecessors(problem, order, u, bottom, allowed)
        stale = bottom > place + 1
        for t in range(bottom, last + 1):
            v = order[t]
            allowed[v] = problem.can[u, v]
            if stale or (allowed[v] and abs(g[v]) > screen):
                cost, screen = fit_node(problem, u, allowed, w, g, scratch, False)
                stale = False
            state.sequences[u, t] = cost


@compiled()
def refresh(problem: Problem, state: State, first: int, last: int) -> None:
    """Recompute the table entries that a change inside positions first..last touches.

    The nodes there must have been refitted.
    """
    d = len(state.order)
    scratch = room(d)
    allowed = np.zeros(d, dtype=np.bool_)
    w, g = np.zeros(d), np.zeros(d)
    for k in range(first, last + 1):
        _fill_toggles(problem, state, k, allowed, w, g, scratch)
    for k in range(d):
        _fill_sequence(problem, state, k, first, last, allowed, w, g, scratch)


@compiled()
def insertion_gains(state: State, gains: Floats) -> None:
    """Set ``gains[a, b]`` to the decrease when the node at b moves to a."""
    order = state.order
    d = len(order)
    for b in range(d):
        u = order[b]
        passed = 0.0
        gains[b, b] = 0.0
        for a in range(b - 1, -1, -1):
            passed -= state.toggles[order[a], u]
            gains[a, b] = passed + state.costs[u] - state.sequences[u, a]
        passed = 0.0
        for a in range(b + 1, d):
            passed -= state.toggles[order[a], u]
            gains[a, b] = passed + state.costs[u] - state.sequences[u, a]


@compiled()
def swap_gains(problem: Problem, state: State, least: float, gains: Floats) -> None:
    """Set ``gains[p, q]``, p < q, to the decrease when the nodes at p, q swap.

    Where an upper bound tells that the gain does not exceed ``least``, the bound is
    set instead: a node between loses the node at p as well, so its cost is at least
    what joining the node at q alone would make it.
    """
    order = state.order
    d = len(order)
    scratch = room(d)
    allowed = np.zeros(d, dtype=np.bool_)
    children = np.zeros(d, dtype=np.int64)
    without, slopes = np.zeros((d, d)), np.zeros((d, d))
    costs, screens = np.zeros(d), np.zeros(d)
    w, unused, passed = np.zeros(d), np.zeros(d), np.zeros(d)
    for p in range(d - 2, -1, -1):
        a = order[p]
        count, solved = 0, 0
        for k in range(p + 1, d):
            if state.weights[order[k], a] != 0.0:
                children[count] = k
                count += 1
        for q in range(p + 1, d):
            b = order[q]
            if q > p + 1:
                passed[q] -= state.toggles[order[p + 1], b]
            total = (
                passed[q]
                + (state.costs[a] - state.sequences[a, q])
                + (state.costs[b] - state.sequences[b, p])
            )
            for c in range(count):
                k = children[c]
                if k >= q or total <= least:
                    break
                u = order[k]
                _predecessors(problem, order, u, k, allowed)
                allowed[a] = False
                if c == solved:
                    assign(without[c], state.weights[u])
                    costs[c], screens[c] = fit_node(
                        problem, u, allowed, without[c], slopes[c], scratch, False
                    )
                    solved += 1
                cost = costs[c]
                if problem.can[u, b] and abs(slopes[c, b]) > screens[c]:
                    allowed[b] = True
                    assign(w, without[c])
                    cost, _ = fit_node(problem, u, allowed, w, unused, scratch, False)
                total -= cost - state.costs[u] - state.toggles[u, b]
            gains[p, q] = total


@compiled()
def apply_rows(state: State, rows: Ints) -> None:
    """Carry out disjoint moves (p, q, kind) on the order alone."""
    order = state.order
    for t in range(len(rows)):
        p, q, kind = rows[t]
        if kind == 0:
            node = order[q]
            for k in range(q, p, -1):
                order[k] = order[k - 1]
            order[p] = node
        elif kind == 1:
            node = order[p]
            for k in range(p, q):
                order[k] = order[k + 1]
            order[q] = node
        else:
            order[p], order[q] = order[q], order[p]
