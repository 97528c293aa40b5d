"""Local search over orders for scores sum_k phi(D_k), on the factors of `factor`.

Insertions until none improves, then swaps, and back; each round applies the best set of
disjoint windows at once. At a local optimum every window of a few positions may be
reordered optimally. Then the order is perturbed and the search goes on from there
(iterated local search); a worse result is dropped.
"""

import numpy as np
import numpy.typing as npt

from boundwise.heuristics.compiled import compiled
from boundwise.solvers.dag.factor import move_node, swap_nodes
from boundwise.solvers.dag.moments import Bools, Floats, Ints
from boundwise.solvers.dag.moves import (
    best_windows,
    feasible_ranges,
    insertion_gains,
    phi,
    swap_gains,
    total_cost,
)
from boundwise.solvers.dag.subset_dp import best_order_of_covariance

#: Gains relative to the score below this are rounding.
GAIN_TOL = 1e-12


@compiled()
def _apply(order: Ints, R: Floats, V: Floats, rows: Ints) -> None:
    for t in range(len(rows)):
        p, q, kind = rows[t, 0], rows[t, 1], rows[t, 2]
        if kind == 0:
            move_node(order, R, V, q, p)
        elif kind == 1:
            move_node(order, R, V, p, q)
        else:
            swap_nodes(order, R, V, p, q)


@compiled()
def _window_round(
    order: Ints,
    R: Floats,
    V: Floats,
    kind: int,
    before: Bools,
    width: int,
    least: float,
) -> bool:
    """Reorder disjoint windows optimally, the best set of them; tell if any gains."""
    d = len(order)
    n_windows = d - width + 1
    gains = np.zeros(n_windows)
    answers = np.empty((n_windows, width), dtype=np.int64)
    inner = np.empty((width, width), dtype=np.bool_)
    block = np.empty((width, width))
    for p in range(n_windows):
        now = 0.0
        for i in range(width):
            now += phi(kind, R[p + i, p + i] * R[p + i, p + i])
            for j in range(width):
                inner[i, j] = before[order[p + i], order[p + j]]
                block[i, j] = 0.0
                for t in range(min(i, j) + 1):
                    block[i, j] += R[p + t, p + i] * R[p + t, p + j]
        best, value = best_order_of_covariance(block, kind, inner)
        for t in range(width):
            answers[p, t] = order[p + best[t]]
        gains[p] = now - value
    f = np.zeros(d + 1)
    taken = np.zeros(d, dtype=np.bool_)
    for p in range(n_windows - 1, -1, -1):
        f[p] = f[p + 1]
        if gains[p] > least and gains[p] + f[p + width] > f[p]:
            f[p] = gains[p] + f[p + width]
            taken[p] = True
    p, found = 0, False
    while p < n_windows:
        if not taken[p]:
            p += 1
            continue
        found = True
        for t in range(width):
            for k in range(p + t, p + width):
                if order[k] == answers[p, t]:
                    move_node(order, R, V, k, p + t)
                    break
        p += width
    return found


@compiled()
def apply_moves(
    order: Ints,
    R: Floats,
    V: Floats,
    kind: int,
    before: Bools,
    use_swaps: bool,
    budget: float,
) -> tuple[bool, int]:
    """Make rounds of insertions and swaps, as `descend` does."""
    d = len(order)
    insertions = np.empty((d, d))
    swaps = np.empty((d, d))
    none = np.empty((0, 0))
    low, high = feasible_ranges(order, before)
    constrained = False
    for k in range(d):
        constrained |= low[k] > 0 or high[k] < d - 1
    rounds, spent = 0, 0.0
    while True:
        least = GAIN_TOL * max(abs(total_cost(R, kind)), 1e-300)
        if constrained:
            low, high = feasible_ranges(order, before)
        insertion_gains(R, V, kind, insertions)
        rows, _ = best_windows(insertions, none, low, high, least)
        spent += 20.0 * d * d
        if len(rows) == 0 and use_swaps:
            swap_gains(R, V, kind, swaps)
            rows, _ = best_windows(insertions, swaps, low, high, least)
            spent += 2.0 * d * d * d
        if len(rows) == 0:
            return True, rounds
        _apply(order, R, V, rows)
        rounds += 1
        if spent > budget:
            return False, rounds


def descend(
    order: Ints,
    R: Floats,
    V: Floats,
    kind: int,
    before: Bools,
    use_swaps: bool,
    width: int,
    budget: float,
) -> tuple[bool, int]:
    """Improve an order in place until it is locally optimal or the budget is spent.

    Parameters
    ----------
    order, R, V
        State, changed in place.
    kind
        Kind of phi.
    before
        ``before[i, j]`` demands that i comes before j.
    use_swaps
        Look at swaps where no insertion improves.
    width
        Positions of the windows that are reordered optimally where neither improves;
        0 for none.
    budget
        Rough number of operations after which to return (at least one round is done).

    Returns
    -------
    tuple
        Whether the order is a local optimum, and the number of rounds that improved.
    """
    width, rounds = min(width, len(order)), 0
    while True:
        done, count = apply_moves(order, R, V, kind, before, use_swaps, budget)
        rounds += count
        if not done or width < 2:
            return done, rounds
        least = GAIN_TOL * max(abs(total_cost(R, kind)), 1e-300)
        if not _window_round(order, R, V, kind, before, width, least):
            return True, rounds
        rounds += 1
        if np.isfinite(budget):
            return False, rounds


@compiled()
def next_random(state: npt.NDArray[np.uint64]) -> int:
    """Return a random integer of 31 bits (splitmix64) and advance the state."""
    state[0] += np.uint64(0x9E3779B97F4A7C15)
    z = state[0]
    z = (z ^ (z >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    z = (z ^ (z >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    z = z ^ (z >> np.uint64(31))
    return np.int64(z >> np.uint64(33))  # type: ignore[return-value]


@compiled()
def perturb(
    order: Ints,
    R: Floats,
    V: Floats,
    before: Bools,
    moves: int,
    state: npt.NDArray[np.uint64],
) -> None:
    """Move a few random nodes to random positions that the constraints allow."""
    d = len(order)
    for _ in range(moves):
        low, high = feasible_ranges(order, before)
        source = next_random(state) % d
        target = low[source] + next_random(state) % (high[source] - low[source] + 1)
        if target != source:
            move_node(order, R, V, source, target)


@compiled()
def _copy(
    order: Ints, R: Floats, V: Floats, to_order: Ints, to_R: Floats, to_V: Floats
) -> None:
    """Copy a state (assignments of whole arrays would compile for seconds)."""
    for i in range(len(order)):
        to_order[i] = order[i]
        for j in range(len(order)):
            to_R[i, j], to_V[i, j] = R[i, j], V[i, j]


@compiled()
def iterate(
    order: Ints,
    R: Floats,
    V: Floats,
    kind: int,
    before: Bools,
    use_swaps: bool,
    kicks: int,
    moves: int,
    state: npt.NDArray[np.uint64],
) -> int:
    """Perturb and descend ``kicks`` times from a local optimum, in place.

    Returns
    -------
    int
        The last kick that improved the score, counted from 1; 0 if none did.
    """
    best = total_cost(R, kind)
    d = len(order)
    kept_order = np.empty(d, dtype=np.int64)
    kept_R, kept_V = np.empty((d, d)), np.empty((d, d))
    _copy(order, R, V, kept_order, kept_R, kept_V)
    last = 0
    for kick in range(kicks):
        perturb(order, R, V, before, moves, state)
        apply_moves(order, R, V, kind, before, use_swaps, np.inf)
        value = total_cost(R, kind)
        if value <= best + GAIN_TOL * abs(best):
            if value < best - GAIN_TOL * abs(best):
                last = kick + 1
            best = min(best, value)
            _copy(order, R, V, kept_order, kept_R, kept_V)
        else:
            _copy(kept_order, kept_R, kept_V, order, R, V)
    return last
