"""Sums and maxima over items: f(S) = sum_u w_u phi(agg_{e in S} a_eu), sparse a >= 0.

The aggregate is a sum under a concave phi (feature-based functions), or a maximum
(facility location). Each item keeps a chain of entries (previous entry, position,
aggregate since then), newest first. A gain at prefix i walks the chain down to an entry
older than i. Entries lie on a stack of their own, so that undoing frees them in order.
"""

import math

from boundwise.heuristics.compiled import compiled
from boundwise.solvers.submodular.objectives.program import (
    CODE,
    DATA,
    EXTRA,
    INDICES,
    ITEMS,
    ROWS,
    STATE_FLOATS,
    STATE_INTS,
    Floats,
    Ints32,
    Program,
)

#: Variants: a maximum, or a sum under one of these concave functions.
MAXIMUM, LINEAR, SQRT, LOG, CAPPED, POWER, SATURATING = range(7)


@compiled()
def concave(code: int, x: float, parameter: float) -> float:
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


@compiled()
def chain_clear(program: Program, t: int, ints: Ints32) -> None:
    """Forget all elements."""
    base = program.table[t, STATE_INTS]
    ints[base] = 0
    for u in range(base + 1, base + 1 + program.table[t, ITEMS]):
        ints[u] = -1


@compiled()
def _before(
    ints: Ints32, reals: Floats, head: int, entries: int, values: int, size: int
) -> float:
    """Return the aggregate that an item has in a prefix."""
    entry = ints[head]
    while entry >= 0 and ints[entries + 2 * entry + 1] >= size:
        entry = ints[entries + 2 * entry]
    return reals[values + entry] if entry >= 0 else 0.0


@compiled()
def chain_gain(
    program: Program, t: int, ints: Ints32, reals: Floats, element: int, size: int
) -> float:
    """Return what an element adds to a prefix."""
    row = program.table[t, ROWS] + element
    start = program.table[t, INDICES]
    heads = program.table[t, STATE_INTS] + 1
    entries = heads + program.table[t, ITEMS]
    values = program.table[t, STATE_FLOATS]
    data, extra = program.table[t, DATA], program.table[t, EXTRA]
    code, parameter = program.table[t, CODE], program.parameters[t]
    total = 0.0
    for i in range(program.ints[row], program.ints[row + 1]):
        u = program.ints[start + i]
        a = program.floats[data + i]
        x = _before(ints, reals, heads + u, entries, values, size)
        if code == MAXIMUM:
            total += max(0.0, a - x)
        else:
            change = concave(code, x + a, parameter) - concave(code, x, parameter)
            total += program.floats[extra + u] * change
    return total


@compiled()
def chain_push(
    program: Program,
    t: int,
    ints: Ints32,
    reals: Floats,
    element: int,
    position: int,
) -> None:
    """Add an element at a position: one entry for each item that it changes."""
    row = program.table[t, ROWS] + element
    start = program.table[t, INDICES]
    counter = program.table[t, STATE_INTS]
    heads = counter + 1
    entries = heads + program.table[t, ITEMS]
    values = program.table[t, STATE_FLOATS]
    data = program.table[t, DATA]
    code = program.table[t, CODE]
    for i in range(program.ints[row], program.ints[row + 1]):
        head = heads + program.ints[start + i]
        a = program.floats[data + i]
        x = reals[values + ints[head]] if ints[head] >= 0 else 0.0
        if code == MAXIMUM and a <= x:
            continue
        entry = ints[counter]
        ints[entries + 2 * entry] = ints[head]
        ints[entries + 2 * entry + 1] = position
        reals[values + entry] = a if code == MAXIMUM else x + a
        ints[head] = entry
        ints[counter] = entry + 1


@compiled()
def chain_pop(
    program: Program, t: int, ints: Ints32, element: int, position: int
) -> None:
    """Remove the top element, which was pushed at a position."""
    row = program.table[t, ROWS] + element
    start = program.table[t, INDICES]
    counter = program.table[t, STATE_INTS]
    heads = counter + 1
    entries = heads + program.table[t, ITEMS]
    for i in range(program.ints[row], program.ints[row + 1]):
        head = heads + program.ints[start + i]
        entry = ints[head]
        if entry >= 0 and ints[entries + 2 * entry + 1] == position:
            ints[head] = ints[entries + 2 * entry]
            ints[counter] -= 1
