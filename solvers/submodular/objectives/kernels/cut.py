"""Graph cut: f(S) = sum w_ij over all i and j in S, less lambda times that over i in S.

The state holds the position of each chosen element:

    f(e | S) = degree_e - 2 lambda sum_{j in S} w_ej.

With lambda = 1 this is the weight of the edges that leave S (not monotone).
"""

from boundwise.heuristics.compiled import compiled
from boundwise.solvers.submodular.objectives.kernels.cover import NOWHERE
from boundwise.solvers.submodular.objectives.program import (
    DATA,
    EXTRA,
    INDICES,
    ITEMS,
    ROWS,
    STATE_INTS,
    Ints32,
    Program,
)


@compiled()
def cut_clear(program: Program, t: int, ints: Ints32) -> None:
    """Forget all elements."""
    base = program.table[t, STATE_INTS]
    for u in range(base, base + program.table[t, ITEMS]):
        ints[u] = NOWHERE


@compiled()
def cut_gain(program: Program, t: int, ints: Ints32, element: int, size: int) -> float:
    """Return what an element adds to a prefix."""
    row = program.table[t, ROWS] + element
    start = program.table[t, INDICES]
    base = program.table[t, STATE_INTS]
    data = program.table[t, DATA]
    inside = 0.0
    for i in range(program.ints[row], program.ints[row + 1]):
        if ints[base + program.ints[start + i]] < size:
            inside += program.floats[data + i]
    degree = program.floats[program.table[t, EXTRA] + element]
    return degree - 2.0 * program.parameters[t] * inside
