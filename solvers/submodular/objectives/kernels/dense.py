"""Facility location with a dense kernel: f(S) = sum_u max_{e in S} a_eu.

The state holds the vector of maxima of every prefix, so a gain at any prefix is one
pass over two contiguous rows, and undoing costs nothing.
"""

from boundwise.heuristics.compiled import compiled
from boundwise.solvers.submodular.objectives.program import (
    DATA,
    ITEMS,
    STATE_FLOATS,
    Floats,
    Program,
)


@compiled()
def dense_clear(program: Program, t: int, reals: Floats) -> None:
    """Set the maxima of the empty prefix to zero."""
    base = program.table[t, STATE_FLOATS]
    reals[base : base + program.table[t, ITEMS]] = 0.0


@compiled(reorder_sums=True)
def dense_gain(
    program: Program, t: int, reals: Floats, element: int, size: int
) -> float:
    """Return what an element adds to a prefix."""
    m = program.table[t, ITEMS]
    begin = program.table[t, DATA] + element * m
    row = program.floats[begin : begin + m]
    begin = program.table[t, STATE_FLOATS] + size * m
    best = reals[begin : begin + m]
    total = 0.0
    for u in range(m):
        total += max(0.0, row[u] - best[u])
    return total


@compiled()
def dense_push(
    program: Program, t: int, reals: Floats, element: int, position: int
) -> None:
    """Write the maxima of the prefix that ends with an element."""
    m = program.table[t, ITEMS]
    begin = program.table[t, DATA] + element * m
    row = program.floats[begin : begin + m]
    begin = program.table[t, STATE_FLOATS] + position * m
    old = reals[begin : begin + m]
    new = reals[begin + m : begin + 2 * m]
    for u in range(m):
        new[u] = max(old[u], row[u])
