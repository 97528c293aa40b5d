"""Coverage: f(S) = weight of the items that some element of S covers.

The state holds, for each item, the position in the stack of the first element that
covers it. An item counts for a gain at prefix i if that position is at least i, so one
pass over a row answers for any prefix, and undoing touches only what is undone.
"""

from boundwise.heuristics.compiled import compiled
from boundwise.solvers.submodular.objectives.program import (
    CODE,
    DATA,
    INDICES,
    ITEMS,
    ROWS,
    STATE_INTS,
    Ints32,
    Program,
)

#: Position that stands for "no element covers it".
NOWHERE = 2**31 - 1

#: Variants: any weights, all weights one.
WEIGHTED, UNIT = 0, 1


@compiled()
def cover_clear(program: Program, t: int, ints: Ints32) -> None:
    """Forget all elements."""
    base = program.table[t, STATE_INTS]
    for u in range(base, base + program.table[t, ITEMS]):
        ints[u] = NOWHERE


@compiled()
def cover_gain(
    program: Program, t: int, ints: Ints32, element: int, size: int
) -> float:
    """Return the weight that an element adds to a prefix."""
    pool = program.ints
    row = program.table[t, ROWS] + element
    base = program.table[t, STATE_INTS]
    start = program.table[t, INDICES]
    begin, end = start + pool[row], start + pool[row + 1]
    if program.table[t, CODE] == UNIT:
        count = 0
        for i in range(begin, end):
            count += ints[base + pool[i]] >= size
        return float(count)
    weight = program.table[t, DATA]
    total = 0.0
    for i in range(begin, end):
        u = pool[i]
        if ints[base + u] >= size:
            total += program.floats[weight + u]
    return total


@compiled()
def cover_push(
    program: Program, t: int, ints: Ints32, element: int, position: int
) -> None:
    """Let an element cover its items from a position on."""
    pool = program.ints
    row = program.table[t, ROWS] + element
    base = program.table[t, STATE_INTS]
    start = program.table[t, INDICES]
    for i in range(start + pool[row], start + pool[row + 1]):
        u = base + pool[i]
        if ints[u] == NOWHERE:
            ints[u] = position


@compiled()
def cover_pop(
    program: Program, t: int, ints: Ints32, element: int, position: int
) -> None:
    """Take back what an element covered first."""
    pool = program.ints
    row = program.table[t, ROWS] + element
    base = program.table[t, STATE_INTS]
    start = program.table[t, INDICES]
    for i in range(start + pool[row], start + pool[row + 1]):
        u = base + pool[i]
        if ints[u] >= position:
            ints[u] = NOWHERE
