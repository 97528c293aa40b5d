"""What moving one variable costs and brings.

Two scores. The weighted violation, piecewise linear and convex in the step t of a
variable j from the present activities r,

    f_j(t) = sum_i w_i / s_i max(0, l_i - r_i - a_ij t, r_i + a_ij t - u_i),

whose minimiser is the jump of Luteberget and Sartor (2023); and the levels of Lin,
Cai, Zou, Lin (2023), where a row counts by whether it gets satisfied, violated, better
or worse, and not by how much.

References
----------
B. Luteberget, G. Sartor (2023), Feasibility Jump: an LP-free Lagrangian MIP heuristic,
doi:10.1007/s12532-023-00234-8. P. Lin, S. Cai, M. Zou, J. Lin (2023), New
characterizations and efficient local search for general integer linear programming,
arXiv:2305.00188.
"""

import numpy as np

from boundwise.heuristics.compiled import compiled
from boundwise.heuristics.local_search.arrays import Records, Search

#: Rounding that is forgiven when a step of an integer variable is rounded.
_SLACK = 1e-9
#: Values from here on are not moved to: doubles next to them are too far apart.
_FAR = 1e12
#: Part of a row's weight for making it better or worse without deciding it.
_PART = 0.5


@compiled(internal=True, words=True)
def draw(search: Search, below: int) -> int:
    """Return a random integer in [0, below), by a xorshift generator."""
    state = search.own[0].random
    state ^= state << np.uint64(13)
    state ^= state >> np.uint64(7)
    state ^= state << np.uint64(17)
    search.own[0].random = state
    return int(np.int64(state >> np.uint64(33))) % below


@compiled(internal=True, words=True)
def violation(search: Search, i: int, activity: float) -> float:
    """Return how much an activity misses the sides of a row, 0 within tolerance."""
    row = search.row[i]
    missed = max(row.lower - activity, activity - row.upper)
    return missed if missed > row.tolerance else 0.0


@compiled(internal=True, words=True)
def set_activity(search: Search, i: int, activity: float) -> None:
    """Set the activity of a row and keep the list of violated rows."""
    search.row[i].activity = activity
    is_violated = violation(search, i, activity) > 0.0
    at = search.row[i].place
    if is_violated == (at >= 0):
        return
    if is_violated:
        at = search.own[0].n_violated
        search.violated[at] = i
        search.row[i].place = at
        search.own[0].n_violated = at + 1
        return
    last = search.own[0].n_violated - 1
    moved = search.violated[last]
    search.violated[at] = moved
    search.row[moved].place = at
    search.row[i].place = -1
    search.own[0].n_violated = last


@compiled(internal=True, words=True)
def update_improver(search: Search, j: int) -> None:
    """Keep the list of variables that can move towards a lower objective."""
    col = search.col[j]
    improves = (col.cost > 0.0 and col.x > col.lower) or (
        col.cost < 0.0 and col.x < col.upper
    )
    at = col.place
    if improves == (at >= 0):
        return
    if improves:
        at = search.own[0].n_improvers
        search.improvers[at] = j
        search.col[j].place = at
        search.own[0].n_improvers = at + 1
        return
    last = search.own[0].n_improvers - 1
    moved = search.improvers[last]
    search.improvers[at] = moved
    search.col[moved].place = at
    search.col[j].place = -1
    search.own[0].n_improvers = last


@compiled(internal=True, words=True)
def recompute(search: Search) -> None:
    """Compute activities and both lists anew from the point."""
    for i in range(len(search.row)):
        total = 0.0
        for k in range(search.row_start[i], search.row_start[i + 1]):
            total += search.row_entry[k].coef * search.col[search.row_entry[k].at].x
        set_activity(search, i, total)
    for j in range(len(search.col)):
        update_improver(search, j)


@compiled(internal=True, words=True)
def apply_move(search: Search, j: int, step: float) -> int:
    """Move a variable; return the number of rows touched."""
    x = search.col[j].x + step
    search.col[j].x = np.rint(x) if search.col[j].integral else x
    update_improver(search, j)
    begin, end = int(search.col_start[j]), int(search.col_start[j + 1])
    for k in range(begin, end):
        i = search.col_entry[k].at
        change = search.col_entry[k].coef * step
        set_activity(search, i, search.row[i].activity + change)
    return end - begin


@compiled(internal=True, words=True)
def score_by_levels(search: Search, j: int, step: float) -> float:
    """Return the weight of rows that get better minus that of rows that get worse."""
    total = 0.0
    for k in range(search.col_start[j], search.col_start[j + 1]):
        i = search.col_entry[k].at
        row = search.row[i]
        after = violation(search, i, row.activity + search.col_entry[k].coef * step)
        if row.place < 0:
            if after > 0.0:
                total -= row.weight
        elif after == 0.0:
            total += row.weight
        elif after < max(row.lower - row.activity, row.activity - row.upper):
            total += _PART * row.weight
        else:
            total -= _PART * row.weight
    return total


@compiled(internal=True, words=True)
def score_by_amounts(search: Search, j: int, step: float) -> float:
    """Return by how much the weighted violation falls."""
    total = 0.0
    for k in range(search.col_start[j], search.col_start[j + 1]):
        row = search.row[search.col_entry[k].at]
        after = row.activity + search.col_entry[k].coef * step
        missed = max(row.lower - row.activity, row.activity - row.upper, 0.0)
        misses = max(row.lower - after, after - row.upper, 0.0)
        total += row.weight / row.unit * (missed - misses)
    return total


@compiled(internal=True, words=True)
def within_bounds(search: Search, j: int, step: float) -> float:
    """Return the part of a step that stays within bounds; 0 for one too far."""
    col = search.col[j]
    step = min(max(step, col.lower - col.x), col.upper - col.x)
    return step if abs(col.x + step) < _FAR else 0.0


@compiled(internal=True, words=True)
def tight_step(search: Search, i: int, j: int, coef: float) -> float:
    """Return the least step of a variable that repairs a row, or what bounds allow."""
    row = search.row[i]
    side = row.lower if row.activity < row.lower else row.upper
    step = (side - row.activity) / coef
    if search.col[j].integral:
        step = np.ceil(step - _SLACK) if step > 0 else np.floor(step + _SLACK)
    return within_bounds(search, j, step)


@compiled(internal=True, words=True)
def jump_step(search: Search, j: int) -> float:
    """Return the step to the best other value of a variable, by weighted violation.

    Returns
    -------
    float
        0 if there is no other value, or if a continuous variable is at its best.
    """
    col = search.col[j]
    if col.integral and col.upper - col.lower == 1.0:
        return 1.0 if col.x == col.lower else -1.0
    low, high = _minimisers(search, j)
    if not col.integral:
        if low <= 0.0 <= high:
            return 0.0
        return within_bounds(search, j, low if low > 0.0 else high)
    if np.floor(low) <= 0.0 <= np.ceil(high):
        # Nothing beyond the next values is better than they, by convexity.
        return _better(search, j, -1.0, 1.0)
    if np.ceil(low) > np.floor(high):
        return _better(search, j, np.floor(low), np.ceil(low))
    step = np.ceil(low) if low > 0.0 else np.floor(high)
    return within_bounds(search, j, step)


@compiled(internal=True, words=True)
def _better(search: Search, j: int, down: float, up: float) -> float:
    """Return the better of two steps, as far as bounds allow; 0 is no step."""
    down, up = within_bounds(search, j, down), within_bounds(search, j, up)
    gain = score_by_amounts(search, j, up) - score_by_amounts(search, j, down)
    if down == 0.0 or (up != 0.0 and gain > 0.0):
        return up
    if up == 0.0 or gain < 0.0:
        return down
    return up if draw(search, 2) == 0 else down


@compiled(internal=True, words=True)
def _minimisers(search: Search, j: int) -> tuple[float, float]:
    """Return the interval of steps of least weighted violation, within bounds."""
    breaks = search.breaks
    n_breaks = 0
    slope = 0.0
    for k in range(search.col_start[j], search.col_start[j + 1]):
        row = search.row[search.col_entry[k].at]
        coef = search.col_entry[k].coef
        change = row.weight / row.unit * abs(coef)
        enter = ((row.lower if coef > 0 else row.upper) - row.activity) / coef
        leave = ((row.upper if coef > 0 else row.lower) - row.activity) / coef
        # Left of `enter` the row is violated and falls; right of `leave` it rises.
        if enter > -np.inf:
            slope -= change
            breaks[n_breaks].time, breaks[n_breaks].slope = enter, change
            n_breaks += 1
        if leave < np.inf:
            breaks[n_breaks].time, breaks[n_breaks].slope = leave, change
            n_breaks += 1
    _sort(breaks, n_breaks)
    low, high = -np.inf, np.inf
    for k in range(n_breaks):
        if slope < -_SLACK:
            low = breaks[k].time
        slope += breaks[k].slope
        if slope > _SLACK:
            high = breaks[k].time
            break
    col = search.col[j]
    first, last = col.lower - col.x, col.upper - col.x
    return min(max(low, first), last), min(max(high, first), last)


@compiled(internal=True, words=True)
def _sort(breaks: Records, n: int) -> None:
    """Sort the first n breakpoints by time (Shell's method: short lists)."""
    gap = n // 2
    while gap > 0:
        for k in range(gap, n):
            time, slope = breaks[k].time, breaks[k].slope
            at = k
            while at >= gap and breaks[at - gap].time > time:
                breaks[at].time = breaks[at - gap].time
                breaks[at].slope = breaks[at - gap].slope
                at -= gap
            breaks[at].time, breaks[at].slope = time, slope
        gap = gap // 2
