"""The loop of local search: repair violated rows, lower the objective, learn weights.

Until the effort is used: if no row is violated, descend by lift moves and keep the
solution, which makes the objective row violated again; else look at some variables of
some violated rows and make the best move if it brings anything; else raise the weights
of the violated rows and make the best move of one of them all the same. The objective
row gains weight only when it is the only one violated.

Effort is counted in nonzeros looked at, never in seconds, so that the same seed gives
the same run.
"""

import numpy as np

from boundwise.heuristics.compiled import compiled
from boundwise.heuristics.local_search.arrays import Search
from boundwise.heuristics.local_search.moves import (
    apply_move,
    draw,
    jump_step,
    recompute,
    score_by_amounts,
    score_by_levels,
    tight_step,
    within_bounds,
)

#: Violated rows looked at for one move.
_ROWS = 6
#: Moves looked at in one row, and entries passed over to find them.
_MOVES, _ENTRIES = 12, 120
#: Steps for which a move must not be undone: a constant and a random part.
_TABU, _TABU_RANDOM = 3, 10
#: One in so many local minima is left by a random move.
_NOISE = 10
#: One in so many local minima lowers the weights of satisfied rows.
_SMOOTHING = 1000
#: Activities are computed anew after so many times the effort that this takes.
_FRESH = 30
#: Moves of continuous variables shorter than this are not worth making.
_SHORT = 1e-7


@compiled()
def run(search: Search, budget: int, by_amounts: bool) -> int:
    """Search on until the budget is used; return the effort.

    The search also ends at a solution if there is no objective to improve.
    """
    objective = len(search.row) - 1
    size = len(search.row_entry) + len(search.row)
    effort, fresh_until = 0, 0
    while effort < budget:
        if effort >= fresh_until:
            recompute(search)
            effort += size
            fresh_until = effort + _FRESH * size
        if _is_better(search):
            effort += _keep(search)
            if search.row_start[objective] == search.row_start[objective + 1]:
                break
            continue
        search.own[0].step += 1
        j, step, cost = _best_of_many(search, by_amounts)
        effort += cost
        if j < 0:
            effort += _raise_weights(search)
            i = search.violated[draw(search, search.own[0].n_violated)]
            moves = 1 if draw(search, _NOISE) == 0 else _MOVES
            j, step, _, cost = _best_in_row(search, i, by_amounts, False, moves)
            effort += cost
        if j >= 0:
            until = search.own[0].step + _TABU + draw(search, _TABU_RANDOM)
            if step > 0:
                search.col[j].no_down = until
            else:
                search.col[j].no_up = until
            effort += apply_move(search, j, step)
    return effort


@compiled(internal=True, words=True)
def _is_better(search: Search) -> bool:
    """Tell whether the point is a solution better than the best."""
    own = search.own[0]
    objective = len(search.row) - 1
    if own.n_violated == 0:
        return True
    if own.n_violated > 1 or search.row[objective].place < 0 or own.best == np.inf:
        return False
    gain = max(0.5 * own.grid, 1e-9 * abs(own.best))
    return bool(search.row[objective].activity < own.best - gain)


@compiled(internal=True, words=True)
def _keep(search: Search) -> int:
    """Descend from a solution, keep it and ask for a better one."""
    objective = len(search.row) - 1
    effort = _descend(search)
    value = search.row[objective].activity
    search.own[0].n_found += 1
    search.own[0].improved_at = search.own[0].step
    search.own[0].best = value
    for j in range(len(search.col)):
        search.col[j].best = search.col[j].x
    gain = max(search.own[0].grid, 1e-4 * abs(value), 1e-6)
    search.row[objective].upper = value - gain
    recompute(search)
    return effort + len(search.row_entry)


@compiled(internal=True, words=True)
def _descend(search: Search) -> int:
    """Make lift moves, which lower the objective and keep all rows satisfied."""
    effort = 0
    moved = True
    while moved:
        moved = False
        n = len(search.col)
        first = draw(search, n)
        for k in range(n):
            j = (first + k) % n
            if search.col[j].place < 0:
                continue
            step = _lift_step(search, j)
            effort += search.col_start[j + 1] - search.col_start[j]
            if step != 0.0:
                effort += apply_move(search, j, step)
                moved = True
        effort += n
    return effort


@compiled(internal=True, words=True)
def _lift_step(search: Search, j: int) -> float:
    """Return the longest step that lowers the objective and violates no row."""
    objective = len(search.row) - 1
    col = search.col[j]
    sign = -1.0 if col.cost > 0 else 1.0
    room = col.upper - col.x if sign > 0 else col.x - col.lower
    for k in range(search.col_start[j], search.col_start[j + 1]):
        i = search.col_entry[k].at
        if i == objective:
            continue
        row = search.row[i]
        change = sign * search.col_entry[k].coef
        side = row.upper if change > 0 else row.lower
        room = min(room, (side - row.activity) / change)
        if room <= 0.0:
            return 0.0
    if col.integral:
        room = np.floor(room + 1e-9)
    if room < _SHORT * max(1.0, abs(col.x)):
        return 0.0
    return within_bounds(search, j, sign * room)


@compiled(internal=True, words=True)
def _best_of_many(search: Search, by_amounts: bool) -> tuple[int, float, int]:
    """Return the best move of some violated rows that brings anything, or -1."""
    best_j, best_step, best_score = -1, 0.0, 1e-9
    effort = 0
    n_violated = search.own[0].n_violated
    for r in range(min(n_violated, _ROWS)):
        at = r if n_violated <= _ROWS else draw(search, n_violated)
        i = search.violated[at]
        j, step, score, cost = _best_in_row(search, i, by_amounts, True, _MOVES)
        effort += cost
        if score > best_score:
            best_j, best_step, best_score = j, step, score
    return best_j, best_step, effort


@compiled(internal=True, words=True)
def _best_in_row(
    search: Search, i: int, by_amounts: bool, obey: bool, moves: int
) -> tuple[int, float, float, int]:
    """Return the best of some moves that help a violated row; -1 if there is none."""
    is_objective = i == len(search.row) - 1
    begin = search.row_start[i]
    length = search.row_start[i + 1] - begin
    if is_objective:
        length = search.own[0].n_improvers
    now = search.own[0].step
    best_j, best_step, best_score = -1, 0.0, -np.inf
    best_age = 0
    effort = 1
    left = moves
    first = draw(search, length) if length > 0 else 0
    for k in range(min(length, _ENTRIES)):
        at = (first + k) % length if length <= _ENTRIES else draw(search, length)
        if is_objective:
            j = int(search.improvers[at])
            coef = search.col[j].cost
        else:
            j = int(search.row_entry[begin + at].at)
            coef = search.row_entry[begin + at].coef
        step = tight_step(search, i, j, coef)
        if by_amounts and step != 0.0:
            step = jump_step(search, j)
        elif abs(step) > 1.0 and moves == 1 and search.col[j].integral:
            step = 1.0 if step > 0 else -1.0
        if step == 0.0:
            continue
        col = search.col[j]
        if obey and (col.no_up if step > 0 else col.no_down) > now:
            continue
        if by_amounts:
            score = score_by_amounts(search, j, step)
        else:
            score = score_by_levels(search, j, step)
        effort += search.col_start[j + 1] - search.col_start[j]
        age = max(col.no_up, col.no_down)
        if score > best_score or (score == best_score and age < best_age):
            best_j, best_step, best_score, best_age = j, step, score, age
        left -= 1
        if left == 0:
            break
    return best_j, best_step, best_score, effort


@compiled(internal=True, words=True)
def _raise_weights(search: Search) -> int:
    """Raise the weights of violated rows, or now and then lower those of others."""
    objective = len(search.row) - 1
    n_violated = int(search.own[0].n_violated)
    if draw(search, _SMOOTHING) == 0:
        for i in range(len(search.row)):
            if search.row[i].place < 0 and search.row[i].weight > 1.0:
                search.row[i].weight -= 1.0
        return len(search.row)
    for at in range(n_violated):
        i = search.violated[at]
        if i != objective or n_violated == 1:
            search.row[i].weight += 1.0
    return n_violated
