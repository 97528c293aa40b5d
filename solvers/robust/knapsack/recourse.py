"""Recourse of a knapsack: which accepted items to produce, repair or outsource.

    max  sum_i (f_i - loss_i) y_i + loss_i r_i    (the gain over outsourcing everything)
    s.t. sum_i c_i y_i + t_i r_i <= C,   r_i <= y_i <= x_i  binary

Each item has three options (weight, gain): out (0, 0), plain (c, f - loss), repaired
(c + t, f). The linear relaxation gives a multiplier, a start and, for each option, the
regret of not taking what the multiplier prefers. A dynamic program then changes items
in the order of their regrets; it keeps the states (weight, gain) that no other
dominates and whose bound exceeds the best solution so far. Weights may be any reals.

Pisinger (1995), A minimal algorithm for the multiple-choice knapsack problem,
doi:10.1016/0377-2217(95)00015-I.
"""

import numpy as np
from numpy.typing import NDArray

from boundwise.heuristics.compiled import compiled
from boundwise.instances.robust.arrays import Floats

Bytes = NDArray[np.int8]

#: What to do with an accepted item.
OUT, PLAIN, REPAIRED = 0, 1, 2
#: Weights may exceed the capacity by this relative rounding error.
_ROUNDING = 1e-11


@compiled()
def solve_recourse(
    weight: Floats,
    repair: Floats,
    outsource: Floats,
    loss: Floats,
    accepted: Floats,
    capacity: float,
    choice: Bytes,
) -> float:
    """Write the best option of each item and return the gain.

    Parameters
    ----------
    weight, repair, outsource
        c, t and f of all items.
    loss
        What plain items lose in the scenario.
    accepted
        x; items with x <= 0.5 are out.
    capacity
        C.
    choice
        Receives `OUT`, `PLAIN` or `REPAIRED` for each item.
    """
    n = len(weight)
    room = capacity * (1.0 + _ROUNDING)
    weights = np.zeros((n, 3))
    gains = np.zeros((n, 3))
    choice[:] = OUT
    multiplier = _split(
        weight, repair, outsource, loss, accepted, room, weights, gains, choice
    )
    if multiplier <= 0.0:
        return _total(gains, choice)
    return _improve(weights, gains, multiplier, room, choice)


@compiled()
def solve_recourses(
    weight: Floats,
    repair: Floats,
    outsource: Floats,
    losses: Floats,
    accepted: Floats,
    capacity: float,
) -> Floats:
    """Return the gains of many scenarios, each row of ``losses`` one of them."""
    result = np.empty(len(losses))
    choice = np.empty(len(weight), np.int8)
    for k in range(len(losses)):
        result[k] = solve_recourse(
            weight, repair, outsource, losses[k], accepted, capacity, choice
        )
    return result


@compiled()
def _split(
    weight: Floats,
    repair: Floats,
    outsource: Floats,
    loss: Floats,
    accepted: Floats,
    room: float,
    weights: Floats,
    gains: Floats,
    choice: Bytes,
) -> float:
    """Fill the knapsack by efficiency; return that of the step that does not fit.

    Returns 0 if everything worth it fits: then ``choice`` is optimal.
    """
    n = len(weight)
    efficiency = np.empty(2 * n)
    item = np.empty(2 * n, np.int64)
    target = np.empty(2 * n, np.int8)
    count = 0
    for i in range(n):
        if accepted[i] <= 0.5 or outsource[i] <= 0.0:
            continue
        plain, whole = outsource[i] - loss[i], outsource[i]
        heavy = weight[i] + repair[i]
        weights[i, PLAIN], gains[i, PLAIN] = weight[i], plain
        weights[i, REPAIRED], gains[i, REPAIRED] = heavy, whole
        first = _ratio(plain, weight[i])
        second = _ratio(loss[i], repair[i])
        if plain > 0.0 and first >= second:
            efficiency[count], item[count], target[count] = first, i, PLAIN
            efficiency[count + 1], item[count + 1] = second, i
            target[count + 1] = REPAIRED
            count += 2 if loss[i] > 0.0 else 1
        else:
            efficiency[count] = _ratio(whole, heavy)
            item[count], target[count] = i, REPAIRED
            count += 1
    used = 0.0
    # A stable order keeps the two steps of an item in their order on ties.
    for k in np.argsort(-efficiency[:count], kind="mergesort"):
        i = item[k]
        step = weights[i, target[k]] - weights[i, choice[i]]
        if used + step > room:
            return efficiency[k]
        used += step
        choice[i] = target[k]
    return 0.0


@compiled()
def _improve(
    weights: Floats, gains: Floats, multiplier: float, room: float, choice: Bytes
) -> float:
    """Replace ``choice`` by the best one; return its gain."""
    n = len(weights)
    regret = np.full(n, np.inf)
    for i in range(n):
        if weights[i, REPAIRED] == 0.0 and gains[i, REPAIRED] == 0.0:
            continue
        mine = gains[i, choice[i]] - multiplier * weights[i, choice[i]]
        for option in range(3):
            if option != choice[i]:
                other = gains[i, option] - multiplier * weights[i, option]
                regret[i] = min(regret[i], max(0.0, mine - other))
    order = np.argsort(regret)
    used, best = 0.0, 0.0
    for i in range(n):
        used += weights[i, choice[i]]
        best += gains[i, choice[i]]
    slack = 1e-13 * (1.0 + abs(best))
    potential = multiplier * room
    size = 1024
    state_weight, state_gain = np.empty(size), np.empty(size)
    parent, taken = np.empty(size, np.int32), np.empty(size, np.int8)
    changed = np.empty(n, np.int64)
    stage_end = np.empty(n + 1, np.int64)
    state_weight[0], state_gain[0], parent[0], taken[0] = used, best, -1, -1
    begin, end, best_state = 0, 1, 0
    stage_end[0] = 1
    stages = 0
    for i in order:
        # All later items have larger regrets: nothing can pay any more.
        if best + regret[i] >= potential + _base(state_gain[0], multiplier, used):
            break
        if end + 3 * (end - begin) > size:
            size = 2 * (end + 3 * (end - begin))
            state_weight = _grown(state_weight, end, size)
            state_gain = _grown(state_gain, end, size)
            parent = _grown_ints(parent, end, size)
            taken = _grown_bytes(taken, end, size)
        changed[stages] = i
        stages += 1
        second = (choice[i] + 1) % 3
        third = (choice[i] + 2) % 3
        w2 = weights[i, second] - weights[i, choice[i]]
        g2 = gains[i, second] - gains[i, choice[i]]
        w3 = weights[i, third] - weights[i, choice[i]]
        g3 = gains[i, third] - gains[i, choice[i]]
        a, b, c = begin, begin, begin
        write = end
        last = -np.inf
        while a < end or b < end or c < end:
            which = -1
            w, g = np.inf, -np.inf
            if a < end:
                which, w, g = 0, state_weight[a], state_gain[a]
            if b < end:
                v, h = state_weight[b] + w2, state_gain[b] + g2
                if v < w or (v == w and h > g):
                    which, w, g = 1, v, h
            if c < end:
                v, h = state_weight[c] + w3, state_gain[c] + g3
                if v < w or (v == w and h > g):
                    which, w, g = 2, v, h
            if which == 0:
                source, option = a, choice[i]
                a += 1
            elif which == 1:
                source, option = b, second
                b += 1
            else:
                source, option = c, third
                c += 1
            if g <= last or g + multiplier * (room - w) <= best + slack:
                continue
            last = g
            state_weight[write], state_gain[write] = w, g
            parent[write], taken[write] = source, option
            if w <= room and g > best:
                best, best_state = g, write
            write += 1
        begin, end = end, write
        stage_end[stages] = end
        if begin == end:
            break
    state = best_state
    while state > 0:
        stage = np.searchsorted(stage_end[: stages + 1], state, side="right")
        choice[changed[stage - 1]] = taken[state]
        state = parent[state]
    return best


@compiled(inline=True)
def _base(gain: float, multiplier: float, used: float) -> float:
    return gain - multiplier * used


@compiled(inline=True)
def _ratio(gain: float, weight: float) -> float:
    return gain / weight if weight > 0.0 else np.inf


@compiled()
def _total(gains: Floats, choice: Bytes) -> float:
    total = 0.0
    for i in range(len(choice)):
        total += gains[i, choice[i]]
    return total


@compiled()
def _grown(old: Floats, used: int, size: int) -> Floats:
    new = np.empty(size)
    new[:used] = old[:used]
    return new


@compiled()
def _grown_ints(old: NDArray[np.int32], used: int, size: int) -> NDArray[np.int32]:
    new = np.empty(size, np.int32)
    new[:used] = old[:used]
    return new


@compiled()
def _grown_bytes(old: Bytes, used: int, size: int) -> Bytes:
    new = np.empty(size, np.int8)
    new[:used] = old[:used]
    return new
