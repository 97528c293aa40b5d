"""Recourse of a knapsack: which accepted items to produce, repair or outsource.

    max  sum_i (f_i - loss_i) y_i + loss_i r_i - price z
    s.t. sum_i c_i y_i + t_i r_i <= C + z,   0 <= z <= extra
         r_i <= y_i <= x_i,  all binary

the gain over outsourcing everything, where more capacity z may be bought. Each item has
three options (weight, gain): out (0, 0), plain (c, f - loss), repaired (c + t, f). The
linear relaxation gives a multiplier, a start and, for each option, the regret of not
taking what the multiplier prefers. A dynamic program then changes items in the order of
their regrets; it keeps the states (weight, gain) that no other dominates and whose
bound exceeds the best solution so far: the relaxation's, or that of whole changes, at
least one of which a state needs that is too heavy. Weights may be any reals. Where very
many states remain (items of equal efficiency and real weights are a subset-sum
problem), a state must promise a relative gain of 3e-7 and differ from its neighbour, so
that time and memory stay bounded; the reaction is then good, not best, and the error
says by how much it may be worse.

Pisinger (1995), A minimal algorithm for the multiple-choice knapsack problem,
doi:10.1016/0377-2217(95)00015-I.
"""

import numpy as np
from numpy.typing import NDArray

from boundwise.heuristics.compiled import compiled
from boundwise.instances.robust.arrays import Floats
from boundwise.solvers.robust.knapsack.sorting import descending

Bytes = NDArray[np.int8]

#: What to do with an accepted item.
OUT, PLAIN, REPAIRED = 0, 1, 2
#: With more states than this, those that promise less than this relative gain are left,
#: and of those whose gains are nearly the same, only the lightest is kept.
_MANY, _LOOSE = 200_000, 3e-7
#: Of this many items that the multiplier does not tell apart, so few are moved.
_TIES, _FEW = 8, 3
#: Weights may exceed the capacity by this relative rounding error.
_ROUNDING = 1e-11


def solve_recourse(
    weight: Floats,
    repair: Floats,
    outsource: Floats,
    loss: Floats,
    accepted: Floats,
    capacity: float,
    *,
    extra: float = 0.0,
    price: float = 0.0,
    tolerance: float = 0.0,
    enough: float = np.inf,
) -> tuple[float, float, Bytes]:
    """Return the most that a reaction gains, by how much it may rise, and the reaction.

    Parameters
    ----------
    weight, repair, outsource
        c, t and f of all items.
    loss
        What plain items lose in the scenario.
    accepted
        x; items with x <= 0.5 are out.
    capacity
        C; nothing fits if it is negative.
    extra, price
        How much more capacity can be bought, and at which price.
    tolerance
        Relative error of the gain that may remain. Zero is exact; gains that are
        proportional to real weights need some, or no state could be ruled out.
    enough
        Stop at the first reaction that gains as much; infinity for the best one.

    Returns
    -------
    tuple
        Gain, error, and `OUT`, `PLAIN` or `REPAIRED` for each item.
    """
    choice = np.empty(len(weight), dtype=np.int8)
    # Copies: arrays that may be written and arrays that may not are compiled for apart.
    gain, error = best_recourse(
        np.array(weight, dtype=np.float64),
        np.array(repair, dtype=np.float64),
        np.array(outsource, dtype=np.float64),
        np.array(loss, dtype=np.float64),
        np.array(accepted, dtype=np.float64),
        float(capacity),
        float(extra),
        float(price),
        float(tolerance),
        float(enough),
        choice,
    )
    return gain, error, choice


@compiled()
def best_recourse(
    weight: Floats,
    repair: Floats,
    outsource: Floats,
    loss: Floats,
    accepted: Floats,
    capacity: float,
    extra: float,
    price: float,
    tolerance: float,
    enough: float,
    choice: Bytes,
) -> tuple[float, float]:
    """Write the reaction into ``choice``; see `solve_recourse`."""
    n = len(weight)
    room = capacity + _ROUNDING * abs(capacity)
    weights = np.zeros((n, 3))
    gains = np.zeros((n, 3))
    choice[:] = OUT
    multiplier = _split(
        weight,
        repair,
        outsource,
        loss,
        accepted,
        room,
        extra,
        price,
        weights,
        gains,
        choice,
    )
    error = 0.0
    if multiplier > 0.0:
        error = _improve(
            weights, gains, multiplier, room, extra, price, tolerance, enough, choice
        )
    used, gain = 0.0, 0.0
    for i in range(n):
        used += weights[i, choice[i]]
        gain += gains[i, choice[i]]
    return gain - price * max(0.0, used - room), error


@compiled(internal=True)
def _split(
    weight: Floats,
    repair: Floats,
    outsource: Floats,
    loss: Floats,
    accepted: Floats,
    room: float,
    extra: float,
    price: float,
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
    for k in descending(efficiency, count):
        i = item[k]
        worth = efficiency[k] > price
        if used > room and not worth:
            # What has been bought pays, nothing further does.
            return 0.0
        used += weights[i, target[k]] - weights[i, choice[i]]
        if used > (room + extra if worth else room):
            return float(efficiency[k])
        choice[i] = target[k]
    return 0.0


@compiled(internal=True)
def _improve(
    weights: Floats,
    gains: Floats,
    multiplier: float,
    room: float,
    extra: float,
    price: float,
    tolerance: float,
    enough: float,
    choice: Bytes,
) -> float:
    """Replace ``choice`` by the best one; return how much better one may still be."""
    n = len(weights)
    used, gain = 0.0, 0.0
    for i in range(n):
        used += weights[i, choice[i]]
        gain += gains[i, choice[i]]
    best = gain - price * max(0.0, used - room)
    # The most that capacity is worth at the multiplier; buying pays at its ends.
    potential = max(multiplier * room, multiplier * (room + extra) - price * extra)
    ceiling = gain - multiplier * used + potential
    if best >= enough:
        return max(0.0, ceiling - best)
    slack = max(tolerance, 1e-13) * (1.0 + abs(best))
    regret = _regrets(weights, gains, multiplier, choice)
    base = choice.copy()
    order = _take_ties(weights, gains, multiplier, regret, 1e-12 * (1.0 + best), base)
    best += _fill(weights, gains, room - used, order, choice)
    used, gain = 0.0, 0.0
    for i in range(n):
        used += weights[i, base[i]]
        gain += gains[i, base[i]]
    steps = _later_steps(weights, gains, multiplier, base, order)
    size = 1024
    state_weight, state_gain = np.empty(size), np.empty(size)
    parent, taken = np.empty(size, np.int32), np.empty(size, np.int8)
    state_weight[0], state_gain[0] = used, gain
    stage_end = np.empty(n + 1, np.int64)
    stage_end[0] = 1
    begin, end, best_state, stages = 0, 1, -1, 0
    trim, trimmed = 0.0, 0.0
    # All later items have larger regrets: once one cannot pay, none can.
    while stages < n and begin < end and best + slack + regret[order[stages]] < ceiling:
        if end - begin > _MANY:
            slack = max(slack, _LOOSE * (1.0 + abs(best)))
            # Half as many as allowed, evenly over the gains.
            trim = 2.0 * (state_gain[end - 1] - state_gain[begin]) / _MANY
        if ceiling <= best + slack or best >= enough:
            break
        i = order[stages]
        stages += 1
        if end + 3 * (end - begin) > size:
            size = 2 * (end + 3 * (end - begin))
            state_weight = np.append(state_weight[:end], np.empty(size - end))
            state_gain = np.append(state_gain[:end], np.empty(size - end))
            parent = np.append(parent[:end], np.empty(size - end, np.int32))
            taken = np.append(taken[:end], np.empty(size - end, np.int8))
        write, last = end, -np.inf
        trimmed += trim
        cursor = np.full(3, begin)
        while True:
            # The lightest of the three lists' next states; the best on ties.
            option, w, g = -1, np.inf, -np.inf
            for o in range(3):
                if cursor[o] < end:
                    v = state_weight[cursor[o]] + weights[i, o] - weights[i, base[i]]
                    h = state_gain[cursor[o]] + gains[i, o] - gains[i, base[i]]
                    if v < w or (v == w and h > g):
                        option, w, g = o, v, h
            if option < 0:
                break
            cursor[option] += 1
            if g <= last + trim or g - multiplier * w + potential <= best + slack:
                continue
            value = g - price * max(0.0, w - room)
            better = w <= room + extra and value > best
            if extra == 0.0 and not better:
                reach = _reach(w, g, multiplier, room, steps[stages])
                if reach <= best + slack:
                    continue
            last = g
            state_weight[write], state_gain[write] = w, g
            parent[write], taken[write] = cursor[option] - 1, option
            if better:
                best, best_state = value, write
                if best >= enough:
                    write += 1
                    break
            write += 1
        begin, end = end, write
        stage_end[stages] = end
    if best_state >= 0:
        choice[:] = base
    state = best_state
    while state > 0:
        while state < stage_end[stages - 1]:
            stages -= 1
        choice[order[stages - 1]] = taken[state]
        state = parent[state]
    left = max(0.0, ceiling - best)
    return left if best >= enough else min(slack + trimmed, left)


@compiled(internal=True)
def _fill(
    weights: Floats,
    gains: Floats,
    room: float,
    order: NDArray[np.int64],
    choice: Bytes,
) -> float:
    """Take what still fits, item by item; return what it gains."""
    total = 0.0
    for i in order:
        for option in (REPAIRED, PLAIN):
            weight = weights[i, option] - weights[i, choice[i]]
            gain = gains[i, option] - gains[i, choice[i]]
            if gain > 0.0 and weight <= room:
                choice[i] = option
                room -= weight
                total += gain
                break
    return total


@compiled(internal=True)
def _take_ties(
    weights: Floats,
    gains: Floats,
    multiplier: float,
    regret: Floats,
    tolerance: float,
    base: Bytes,
) -> NDArray[np.int64]:
    """Move a few ties of ``base`` to where the others are; return the items' order.

    Items whose options the multiplier does not tell apart are a subset-sum problem.
    If nearly all of them are in (or out), few subsets matter: those that are left out
    of all (or put into none), the lightest item first.
    """
    n = len(weights)
    other = np.full(n, -1)
    add, remove = 0, 0
    for i in range(n):
        if regret[i] > tolerance:
            continue
        mine = gains[i, base[i]] - multiplier * weights[i, base[i]]
        for option in range(3):
            loss = mine - gains[i, option] + multiplier * weights[i, option]
            if option != base[i] and loss <= tolerance:
                other[i] = option
        if other[i] < 0:
            continue
        if weights[i, other[i]] > weights[i, base[i]]:
            add += 1
        else:
            remove += 1
    if add + remove < _TIES or min(add, remove) > _FEW:
        return descending(-regret, n)
    lightest = np.zeros(n)
    for i in range(n):
        if other[i] < 0:
            continue
        step = weights[i, other[i]] - weights[i, base[i]]
        lightest[i] = -abs(step)
        if (step > 0.0) == (add <= remove):
            base[i] = other[i]
    first = descending(lightest, n)
    return first[descending(-regret[first], n)]


@compiled(internal=True)
def _later_steps(
    weights: Floats,
    gains: Floats,
    multiplier: float,
    base: Bytes,
    order: NDArray[np.int64],
) -> Floats:
    """Return the least steps that are left once so many items have been decided.

    For each number of decided items: the least weight that a change can add, the least
    it can remove, and the least regrets of both.
    """
    n = len(weights)
    steps = np.full((n + 1, 4), np.inf)
    for k in range(n - 1, -1, -1):
        i = order[k]
        steps[k] = steps[k + 1]
        mine = gains[i, base[i]] - multiplier * weights[i, base[i]]
        for option in range(3):
            step = weights[i, option] - weights[i, base[i]]
            loss = mine - gains[i, option] + multiplier * weights[i, option]
            side = 0 if step > 0.0 else 1
            if option != base[i] and weights[i, REPAIRED] > 0.0:
                steps[k, side] = min(steps[k, side], abs(step))
                steps[k, 2 + side] = min(steps[k, 2 + side], max(0.0, loss))
    return steps


@compiled(inline=True)
def _reach(w: float, g: float, multiplier: float, room: float, steps: Floats) -> float:
    """Return the most that a state can gain by further changes."""
    relaxed = g + multiplier * (room - w)
    both = relaxed - steps[2] - steps[3]
    if w > room:
        return float(max(both, g - multiplier * max(w - room, steps[1])))
    if w + steps[0] <= room:
        return float(max(both, relaxed - steps[2]))
    return float(both)


@compiled(internal=True)
def _regrets(
    weights: Floats, gains: Floats, multiplier: float, choice: Bytes
) -> Floats:
    """Return the least price of another option for each item."""
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
    return regret


@compiled(inline=True)
def _ratio(gain: float, weight: float) -> float:
    return gain / weight if weight > 0.0 else np.inf
