"""Log-determinant: f(S) = log det(I + K_S), by the rows of a growing Cholesky factor.

With L L' = I + K_S over the stack and c = L^-1 K_{S,e},

    f(e | S) = log d^2,   d^2 = 1 + K_ee - c'c,

and the row of a new element is (c, d). The leading block of L belongs to the prefix,
so one triangular solve answers for any prefix, and undoing costs nothing.
"""

import math

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
    HEIGHT,
    ITEMS,
    Floats,
    StateSize,
    Term,
)

#: Variants: the kernel is stored, or made of inner products of stored rows.
KERNEL, FEATURES = 0, 1


@compiled(reorder_sums=True)
def _dot(left: Floats, right: Floats, count: int) -> float:
    total = 0.0
    for i in range(count):
        total += left[i] * right[i]
    return total


@compiled()
def _entry(term: int, e: int, other: int) -> float:
    """Return K_{e,other}; a stored row has ITEMS numbers."""
    words = int64_at(term)
    width = words[ITEMS]
    row = words[DATA] + 8 * width * e
    if words[CODE] == KERNEL:
        return float(float64_at(row)[other])
    return _dot(float64_at(row), float64_at(words[DATA] + 8 * width * other), width)


@compiled()
def _solve(term: int, ints: int, reals: int, element: int, size: int) -> float:
    """Leave c in the row behind the factor; return d^2."""
    height = int64_at(term)[HEIGHT]
    chosen = int32_at(ints)
    c = float64_at(reals + 8 * height * height)
    for p in range(size):
        row = float64_at(reals + 8 * height * p)
        cross = _entry(term, element, chosen[p])
        c[p] = (cross - _dot(row, c, p)) / row[p]
    # At least one in exact arithmetic: K is positive semidefinite.
    return max(1.0, 1.0 + _entry(term, element, element) - _dot(c, c, size))


def _clear(_term: int, _ints: int, _reals: int, _element: int, _size: int) -> float:
    return 0.0


def _gain(term: int, ints: int, reals: int, element: int, size: int) -> float:
    return math.log(_solve(term, ints, reals, element, size))


def _push(term: int, ints: int, reals: int, element: int, position: int) -> float:
    d = math.sqrt(_solve(term, ints, reals, element, position))
    height = int64_at(term)[HEIGHT]
    row = float64_at(reals + 8 * height * position)
    c = float64_at(reals + 8 * height * height)
    for p in range(position):
        row[p] = c[p]
    row[position] = d
    int32_at(ints)[position] = element
    return 0.0


def _state(_term: Term, height: int) -> StateSize:
    return StateSize(height, height * height + height)


CHOLESKY = Kind(
    Primitive(_clear), Primitive(_gain), Primitive(_push), Primitive(_clear), _state
)
