"""Sums and maxima over items: f(S) = sum_u w_u phi(agg_{e in S} a_eu), sparse a >= 0.

The aggregate is a sum under a concave phi (feature-based functions), or a maximum
(facility location). Each item keeps a chain of entries (previous entry, position,
aggregate since then), newest first. A gain at prefix i walks the chain down to an entry
older than i. Entries lie on a stack of their own, so that undoing frees them in order.
"""

import math

import numpy as np

from boundwise.solvers.submodular.compiled import compiled
from boundwise.solvers.submodular.objectives.kernels.kind import Kind
from boundwise.solvers.submodular.objectives.native import (
    Primitive,
    float64_at,
    int32_at,
    int64_at,
)
from boundwise.solvers.submodular.objectives.program import (
    CODE,
    DATA,
    EXTRA,
    INDICES,
    ITEMS,
    PARAMETER,
    ROWS,
    StateSize,
    Term,
)

#: Variants: a maximum, or a sum under one of these concave functions.
MAXIMUM, LINEAR, SQRT, LOG, CAPPED, POWER, SATURATING = range(7)

# The integers of the state: the number of entries, the newest entry of each item, and
# from there on the pairs (previous entry, position).


@compiled()
def _concave(code: int, x: float, parameter: float) -> float:
    """Return phi(x): zero at zero, increasing, concave."""
    if code == SQRT:
        return math.sqrt(x)
    if code == LOG:
        return math.log1p(x)
    if code == CAPPED:
        return min(x, parameter)
    if code == POWER:
        return float(x**parameter)
    if code == SATURATING:
        return -math.expm1(-parameter * x)
    return x


def _clear(term: int, ints: int, _reals: int, _element: int, _size: int) -> float:
    state = int32_at(ints)
    state[0] = 0
    for u in range(int64_at(term)[ITEMS]):
        state[1 + u] = -1
    return 0.0


def _gain(term: int, ints: int, reals: int, element: int, size: int) -> float:
    words, state, values = int64_at(term), int32_at(ints), float64_at(reals)
    rows, indices = int32_at(words[ROWS]), int32_at(words[INDICES])
    data, weights = float64_at(words[DATA]), float64_at(words[EXTRA])
    parameter = float64_at(term)[PARAMETER]
    pairs = 1 + words[ITEMS]
    code = words[CODE]
    total = 0.0
    for i in range(rows[element], rows[element + 1]):
        u = indices[i]
        entry = state[1 + u]
        while entry >= 0 and state[pairs + 2 * entry + 1] >= size:
            entry = state[pairs + 2 * entry]
        x = values[entry] if entry >= 0 else 0.0
        if code == MAXIMUM:
            total += max(0.0, data[i] - x)
        else:
            after = _concave(code, x + data[i], parameter)
            total += weights[u] * (after - _concave(code, x, parameter))
    return total


def _push(term: int, ints: int, reals: int, element: int, position: int) -> float:
    words, state, values = int64_at(term), int32_at(ints), float64_at(reals)
    rows, indices = int32_at(words[ROWS]), int32_at(words[INDICES])
    data = float64_at(words[DATA])
    pairs = 1 + words[ITEMS]
    for i in range(rows[element], rows[element + 1]):
        u = indices[i]
        newest = state[1 + u]
        x = values[newest] if newest >= 0 else 0.0
        if words[CODE] == MAXIMUM and data[i] <= x:
            continue
        entry = state[0]
        state[pairs + 2 * entry] = newest
        state[pairs + 2 * entry + 1] = position
        values[entry] = data[i] if words[CODE] == MAXIMUM else x + data[i]
        state[1 + u] = entry
        state[0] = entry + 1
    return 0.0


def _pop(term: int, ints: int, _reals: int, element: int, position: int) -> float:
    words, state = int64_at(term), int32_at(ints)
    rows, indices = int32_at(words[ROWS]), int32_at(words[INDICES])
    pairs = 1 + words[ITEMS]
    for i in range(rows[element], rows[element + 1]):
        u = indices[i]
        entry = state[1 + u]
        if entry >= 0 and state[pairs + 2 * entry + 1] == position:
            state[1 + u] = state[pairs + 2 * entry]
            state[0] -= 1
    return 0.0


def _state(term: Term, height: int) -> StateSize:
    # At most one entry for each entry of the rows on the stack.
    longest = np.sort(np.diff(term.rows))[::-1][:height]
    entries = int(longest.sum(dtype=np.int64))
    return StateSize(1 + term.n_items + 2 * entries, entries)


CHAIN = Kind(
    Primitive(_clear), Primitive(_gain), Primitive(_push), Primitive(_pop), _state
)
