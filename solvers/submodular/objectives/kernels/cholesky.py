"""Log-determinant: f(S) = log det(I + K_S), by the rows of a growing Cholesky factor.

With L L' = I + K_S over the stack and c = L^-1 K_{S,e},

    f(e | S) = log d^2,   d^2 = 1 + K_ee - c'c,

and the row of a new element is (c, d). The leading block of L belongs to the prefix,
so one triangular solve answers for any prefix, and undoing costs nothing.
"""

import math

from boundwise.heuristics.compiled import compiled
from boundwise.solvers.submodular.objectives.program import (
    CODE,
    DATA,
    ELEMENTS,
    ITEMS,
    STATE_FLOATS,
    STATE_INTS,
    Floats,
    Ints32,
    Program,
)

#: Variants: the kernel is stored, or made of inner products of stored rows.
KERNEL, FEATURES = 0, 1


@compiled(reorder_sums=True)
def _dot(left: Floats, right: Floats) -> float:
    total = 0.0
    for i in range(left.shape[0]):
        total += left[i] * right[i]
    return total


@compiled()
def _entry(program: Program, t: int, e: int, other: int) -> float:
    """Return K_{e,other}."""
    data = program.table[t, DATA]
    if program.table[t, CODE] == KERNEL:
        return program.floats[data + e * program.table[t, ELEMENTS] + other]
    d = int(program.parameters[t])
    a, b = data + e * d, data + other * d
    return _dot(program.floats[a : a + d], program.floats[b : b + d])


@compiled()
def _solve(
    program: Program, t: int, ints: Ints32, reals: Floats, element: int, size: int
) -> float:
    """Leave c in the scratch row; return d^2."""
    height = program.table[t, ITEMS]
    base = program.table[t, STATE_FLOATS]
    picks = program.table[t, STATE_INTS]
    scratch = base + height * height
    c = reals[scratch : scratch + size]
    for p in range(size):
        row = base + p * height
        cross = _entry(program, t, element, ints[picks + p])
        c[p] = (cross - _dot(reals[row : row + p], c[:p])) / reals[row + p]
    # At least one in exact arithmetic: K is positive semidefinite.
    return max(1.0, 1.0 + _entry(program, t, element, element) - _dot(c, c))


@compiled()
def cholesky_gain(
    program: Program, t: int, ints: Ints32, reals: Floats, element: int, size: int
) -> float:
    """Return what an element adds to a prefix."""
    return math.log(_solve(program, t, ints, reals, element, size))


@compiled()
def cholesky_push(
    program: Program,
    t: int,
    ints: Ints32,
    reals: Floats,
    element: int,
    position: int,
) -> None:
    """Append the row of an element to the factor."""
    d = math.sqrt(_solve(program, t, ints, reals, element, position))
    height = program.table[t, ITEMS]
    row = program.table[t, STATE_FLOATS] + position * height
    scratch = program.table[t, STATE_FLOATS] + height * height
    reals[row : row + position] = reals[scratch : scratch + position]
    reals[row + position] = d
    ints[program.table[t, STATE_INTS] + position] = element
