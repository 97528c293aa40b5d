"""Graph cut: f(S) = sum w_ij over all i and j in S, less lambda times that over i in S.

The state holds the position of each chosen element:

    f(e | S) = degree_e - 2 lambda sum_{j in S} w_ej.
"""

from boundwise.solvers.submodular.objectives.kernels.cover import NOWHERE
from boundwise.solvers.submodular.objectives.kernels.kind import Kind
from boundwise.solvers.submodular.objectives.native import (
    Primitive,
    float64_at,
    int32_at,
    int64_at,
)
from boundwise.solvers.submodular.objectives.program import (
    DATA,
    ELEMENTS,
    EXTRA,
    INDICES,
    PARAMETER,
    ROWS,
    StateSize,
    Term,
)


def _clear(term: int, ints: int, _reals: int, _element: int, _size: int) -> float:
    place = int32_at(ints)
    for e in range(int64_at(term)[ELEMENTS]):
        place[e] = NOWHERE
    return 0.0


def _gain(term: int, ints: int, _reals: int, element: int, size: int) -> float:
    words, place = int64_at(term), int32_at(ints)
    rows, indices = int32_at(words[ROWS]), int32_at(words[INDICES])
    data = float64_at(words[DATA])
    inside = 0.0
    for i in range(rows[element], rows[element + 1]):
        if place[indices[i]] < size:
            inside += data[i]
    degree = float64_at(words[EXTRA])[element]
    return float(degree - 2.0 * float64_at(term)[PARAMETER] * inside)


def _push(_term: int, ints: int, _reals: int, element: int, position: int) -> float:
    int32_at(ints)[element] = position
    return 0.0


def _pop(_term: int, ints: int, _reals: int, element: int, _position: int) -> float:
    int32_at(ints)[element] = NOWHERE
    return 0.0


def _state(term: Term, _height: int) -> StateSize:
    return StateSize(term.n_elements, 0)


CUT = Kind(
    Primitive(_clear), Primitive(_gain), Primitive(_push), Primitive(_pop), _state
)
