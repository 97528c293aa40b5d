"""Exact gains of moves for any sum of node costs, with screens that spare most fits.

A node's cost depends on the set of its predecessors only. Moving the node at q up to p
makes each node k passed gain one predecessor, whatever p is, and makes the moved node
lose some; so two tables hold all insertions:

    toggles[u, v]    change of u's cost when v joins or leaves its predecessors
    sequences[u, t]  cost of u if it stood at position t.

With an l1 penalty a predecessor of weight 0 leaves, and one with |gradient| <= lam
joins, without any change. A move leaves most entries valid: `invalidate` sets those
whose predecessor sets changed to NaN, and `fill` computes what is NaN.
"""

from typing import NamedTuple

import numpy as np

from boundwise.heuristics.compiled import compiled
from boundwise.solvers.dag.moments import Bools, Floats, Ints
from boundwise.solvers.dag.node_fit import Problem, Room, assign, fit_node, room

_REFIT, _FILL, _SWAPS, _PAIRS = 0, 1, 2, 3
_NO_INTS = np.empty(0, dtype=np.int64)
_NO_PAIRS = np.empty((0, 2), dtype=np.int64)
_NO_GAINS = np.empty((0, 0))


class State(NamedTuple):
    """An order with its node fits and tables of changes, all changed in place.

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


@compiled(inline=True)
def _refit(
    problem: Problem,
    state: State,
    first: int,
    last: int,
    thorough: bool,
    allowed: Bools,
    scratch: Room,
) -> None:
    for k in range(first, last + 1):
        u = state.order[k]
        _predecessors(problem, state.order, u, k, allowed)
        state.costs[u], state.screens[u] = fit_node(
            problem, u, allowed, state.weights[u], state.gradients[u], scratch, thorough
        )


@compiled()
def invalidate(state: State, first: int, last: int) -> None:
    """Forget the table entries that a change inside positions first..last touches."""
    order = state.order
    for k in range(first, last + 1):
        u = order[k]
        for v in range(len(order)):
            state.toggles[u, v] = np.nan
            state.sequences[v, k] = np.nan


@compiled(inline=True)
def _fill_toggles(
    problem: Problem,
    state: State,
    k: int,
    reach: int,
    allowed: Bools,
    w: Floats,
    g: Floats,
    thorough: bool,
    scratch: Room,
) -> None:
    order = state.order
    u = order[k]
    _predecessors(problem, order, u, k, allowed)
    for t in range(max(0, k - reach), min(len(order), k + reach + 1)):
        v = order[t]
        if t == k or not np.isnan(state.toggles[u, v]):
            continue
        if (
            not problem.can[u, v]
            or (t < k and state.weights[u, v] == 0.0)
            or (t > k and abs(state.gradients[u, v]) <= state.screens[u])
        ):
            state.toggles[u, v] = 0.0
            continue
        allowed[v] = t > k
        assign(w, state.weights[u])
        cost, _ = fit_node(problem, u, allowed, w, g, scratch, thorough)
        allowed[v] = t < k
        state.toggles[u, v] = cost - state.costs[u]


@compiled(inline=True)
def _fill_sequence(
    problem: Problem,
    state: State,
    place: int,
    first: int,
    last: int,
    allowed: Bools,
    w: Floats,
    g: Floats,
    thorough: bool,
    scratch: Room,
) -> None:
    """Fill the costs of the node at ``place`` for positions first..last."""
    order = state.order
    u = order[place]
    state.sequences[u, place] = state.costs[u]
    for downwards in range(2):
        assign(w, state.weights[u])
        assign(g, state.gradients[u])
        cost, screen = state.costs[u], state.screens[u]
        _predecessors(problem, order, u, place, allowed)
        # Whether the fit at hand is that of the present predecessors.
        valid = True
        steps = last - place if downwards else place - first
        for step in range(1, steps + 1):
            t = place + step if downwards else place - step
            v = order[t]
            if downwards:
                allowed[v] = problem.can[u, v]
                if allowed[v] and abs(g[v]) > screen:
                    valid = False
            else:
                allowed[v] = False
                if w[v] != 0.0:
                    valid = False
            if np.isnan(state.sequences[u, t]):
                if not valid:
                    cost, screen = fit_node(
                        problem, u, allowed, w, g, scratch, thorough
                    )
                    valid = True
                state.sequences[u, t] = cost


@compiled(inline=True)
def _swap_gains(
    problem: Problem,
    state: State,
    low: Ints,
    high: Ints,
    least: float,
    gains: Floats,
    allowed: Bools,
    w: Floats,
    unused: Floats,
    thorough: bool,
    scratch: Room,
) -> None:
    order = state.order
    d = len(order)
    solved = np.zeros(d, dtype=np.bool_)
    without, slopes = np.zeros((d, d)), np.zeros((d, d))
    costs, screens = np.zeros(d), np.zeros(d)
    passed = np.zeros(d)
    for p in range(d - 2, -1, -1):
        a = order[p]
        for k in range(d):
            solved[k] = False
        for q in range(p + 1, d):
            b = order[q]
            if q > p + 1:
                passed[q] -= state.toggles[order[p + 1], b]
            gains[p, q] = -np.inf
            if low[q] > p or high[p] < q:
                continue
            total = (
                passed[q]
                + (state.costs[a] - state.sequences[a, q])
                + (state.costs[b] - state.sequences[b, p])
            )
            for k in range(p + 1, q):
                if total <= least:
                    break
                u = order[k]
                loses = state.weights[u, a] != 0.0
                if not loses and state.toggles[u, b] == 0.0:
                    continue
                _predecessors(problem, order, u, k, allowed)
                allowed[a] = False
                if loses and not solved[k]:
                    assign(without[k], state.weights[u])
                    costs[k], screens[k] = fit_node(
                        problem, u, allowed, without[k], slopes[k], scratch, thorough
                    )
                    solved[k] = True
                if loses and not (problem.can[u, b] and abs(slopes[k, b]) > screens[k]):
                    cost = costs[k]
                else:
                    # Even a parent of weight 0 may have got one beside the new node.
                    allowed[b] = True
                    assign(w, without[k] if loses else state.weights[u])
                    cost, _ = fit_node(
                        problem, u, allowed, w, unused, scratch, thorough
                    )
                total -= cost - state.costs[u] - state.toggles[u, b]
            gains[p, q] = total


@compiled(inline=True)
def _pair_gains(
    problem: Problem,
    state: State,
    pairs: Ints,
    gains: Floats,
    allowed: Bools,
    w: Floats,
    g: Floats,
    thorough: bool,
    scratch: Room,
) -> None:
    order = state.order
    for t in range(len(pairs)):
        p, q = pairs[t, 0], pairs[t, 1]
        a, b = order[p], order[q]
        order[p], order[q] = b, a
        total = 0.0
        for k in range(p, q + 1):
            u = order[k]
            unchanged = (
                p < k < q
                and state.weights[u, a] == 0.0
                and (
                    not problem.can[u, b]
                    or abs(state.gradients[u, b]) <= state.screens[u]
                )
            )
            if not unchanged:
                _predecessors(problem, order, u, k, allowed)
                assign(w, state.weights[u])
                cost, _ = fit_node(problem, u, allowed, w, g, scratch, thorough)
                total += state.costs[u] - cost
        order[p], order[q] = a, b
        gains[t] = total


@compiled()
def _work(
    task: int,
    problem: Problem,
    state: State,
    low: Ints,
    high: Ints,
    reach: int,
    first: int,
    last: int,
    least: float,
    pairs: Ints,
    gains: Floats,
) -> None:
    """Do one task: whatever fits nodes is one kernel, as compiling a fit is slow."""
    d = len(state.order)
    scratch = room(d)
    allowed = np.zeros(d, dtype=np.bool_)
    w, g = np.zeros(d), np.zeros(d)
    thorough = task == _REFIT
    if task == _REFIT:
        _refit(problem, state, first, last, thorough, allowed, scratch)
    elif task == _FILL:
        for k in range(first, last + 1):
            _fill_toggles(problem, state, k, reach, allowed, w, g, thorough, scratch)
            top, bottom = max(low[k], k - reach), min(high[k], k + reach)
            _fill_sequence(
                problem, state, k, top, bottom, allowed, w, g, thorough, scratch
            )
    elif task == _SWAPS:
        _swap_gains(
            problem, state, low, high, least, gains, allowed, w, g, thorough, scratch
        )
    else:
        _pair_gains(problem, state, pairs, gains[0], allowed, w, g, thorough, scratch)


def refit(problem: Problem, state: State, first: int, last: int) -> None:
    """Fit the nodes at positions first..last given their predecessors."""
    _work(
        _REFIT,
        problem,
        state,
        _NO_INTS,
        _NO_INTS,
        0,
        first,
        last,
        0.0,
        _NO_PAIRS,
        _NO_GAINS,
    )


def fill(
    problem: Problem,
    state: State,
    low: Ints,
    high: Ints,
    reach: int,
    first: int,
    last: int,
) -> None:
    """Compute the table entries that moves of at most ``reach`` positions need.

    Those of the nodes at positions first..last; ``low`` and ``high`` are the first and
    last position that each position's node may move to.
    """
    _work(
        _FILL,
        problem,
        state,
        low,
        high,
        reach,
        first,
        last,
        0.0,
        _NO_PAIRS,
        _NO_GAINS,
    )


def swap_gains(
    problem: Problem, state: State, low: Ints, high: Ints, least: float, gains: Floats
) -> None:
    """Set ``gains[p, q]``, p < q, to the decrease when the nodes at p, q swap.

    The tables must be filled; swaps that are not allowed are left out. Where an upper
    bound tells that the gain does not exceed ``least``, the bound is set instead: a
    node between loses the node at p as well, so its cost is at least what joining the
    node at q alone would make it.
    """
    _work(_SWAPS, problem, state, low, high, 0, 0, 0, least, _NO_PAIRS, gains)


def pair_gains(problem: Problem, state: State, pairs: Ints, gains: Floats) -> None:
    """Set the decrease for each swap of positions (p, q), p < q, without tables."""
    row = gains.reshape(1, -1)
    pairs = np.ascontiguousarray(pairs, dtype=np.int64)
    _work(_PAIRS, problem, state, _NO_INTS, _NO_INTS, 0, 0, 0, 0.0, pairs, row)


@compiled()
def insertion_gains(
    state: State, low: Ints, high: Ints, reach: int, gains: Floats
) -> None:
    """Set ``gains[a, b]`` to the decrease when the node at b moves to a.

    Moves that are not allowed, or longer than ``reach``, have gain minus infinity.
    """
    order = state.order
    d = len(order)
    for a in range(d):
        for b in range(d):
            gains[a, b] = -np.inf
    for b in range(d):
        u = order[b]
        passed = 0.0
        for a in range(b - 1, max(low[b], b - reach) - 1, -1):
            passed -= state.toggles[order[a], u]
            gains[a, b] = passed + state.costs[u] - state.sequences[u, a]
        passed = 0.0
        for a in range(b + 1, min(high[b], b + reach) + 1):
            passed -= state.toggles[order[a], u]
            gains[a, b] = passed + state.costs[u] - state.sequences[u, a]


@compiled()
def apply_rows(state: State, rows: Ints) -> None:
    """Carry out disjoint moves (p, q, kind) on the order alone."""
    order = state.order
    for t in range(len(rows)):
        p, q, kind = rows[t, 0], rows[t, 1], rows[t, 2]
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
