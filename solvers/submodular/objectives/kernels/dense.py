"""Facility location with a dense kernel: f(S) = sum_u max_{e in S} a_eu.

The state holds the vector of maxima of every prefix, so a gain at any prefix is one
pass over two contiguous rows, and undoing costs nothing.
"""

from boundwise.solvers.submodular.objectives.kernels.kind import Kind
from boundwise.solvers.submodular.objectives.native import (
    Primitive,
    float64_at,
    int64_at,
)
from boundwise.solvers.submodular.objectives.program import (
    DATA,
    ITEMS,
    StateSize,
    Term,
)


def _clear(term: int, _ints: int, reals: int, _element: int, _size: int) -> float:
    best = float64_at(reals)
    for u in range(int64_at(term)[ITEMS]):
        best[u] = 0.0
    return 0.0


def _gain(term: int, _ints: int, reals: int, element: int, size: int) -> float:
    words = int64_at(term)
    m = words[ITEMS]
    row = float64_at(words[DATA] + 8 * m * element)
    best = float64_at(reals + 8 * m * size)
    total = 0.0
    for u in range(m):
        total += max(0.0, row[u] - best[u])
    return total


def _push(term: int, _ints: int, reals: int, element: int, position: int) -> float:
    words = int64_at(term)
    m = words[ITEMS]
    row = float64_at(words[DATA] + 8 * m * element)
    old = float64_at(reals + 8 * m * position)
    new = float64_at(reals + 8 * m * (position + 1))
    for u in range(m):
        new[u] = max(old[u], row[u])
    return 0.0


def _pop(_term: int, _ints: int, _reals: int, _element: int, _position: int) -> float:
    return 0.0


def _state(term: Term, height: int) -> StateSize:
    return StateSize(0, (height + 1) * term.n_items)


DENSE = Kind(
    Primitive(_clear),
    Primitive(_gain, reorder_sums=True),
    Primitive(_push),
    Primitive(_pop),
    _state,
)
