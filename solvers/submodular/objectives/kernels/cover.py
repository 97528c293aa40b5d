"""Coverage: f(S) = weight of the items that some element of S covers.

The state holds, for each item, the position in the stack of the first element that
covers it. An item counts for a gain at prefix i if that position is at least i, so one
pass over a row answers for any prefix, and undoing touches only what is undone.
"""

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
    INDICES,
    ITEMS,
    ROWS,
    StateSize,
    Term,
)

#: Position that stands for "no element covers it".
NOWHERE = 2**31 - 1

#: Variants: any weights, all weights one.
WEIGHTED, UNIT = 0, 1


def _clear(term: int, ints: int, _reals: int, _element: int, _size: int) -> float:
    first = int32_at(ints)
    for u in range(int64_at(term)[ITEMS]):
        first[u] = NOWHERE
    return 0.0


def _gain(term: int, ints: int, _reals: int, element: int, size: int) -> float:
    words, first = int64_at(term), int32_at(ints)
    rows, indices = int32_at(words[ROWS]), int32_at(words[INDICES])
    begin, end = rows[element], rows[element + 1]
    if words[CODE] == UNIT:
        count = 0
        for i in range(begin, end):
            count += first[indices[i]] >= size
        return float(count)
    weights = float64_at(words[DATA])
    total = 0.0
    for i in range(begin, end):
        u = indices[i]
        if first[u] >= size:
            total += weights[u]
    return total


def _push(term: int, ints: int, _reals: int, element: int, position: int) -> float:
    words, first = int64_at(term), int32_at(ints)
    rows, indices = int32_at(words[ROWS]), int32_at(words[INDICES])
    for i in range(rows[element], rows[element + 1]):
        if first[indices[i]] == NOWHERE:
            first[indices[i]] = position
    return 0.0


def _pop(term: int, ints: int, _reals: int, element: int, position: int) -> float:
    words, first = int64_at(term), int32_at(ints)
    rows, indices = int32_at(words[ROWS]), int32_at(words[INDICES])
    for i in range(rows[element], rows[element + 1]):
        if first[indices[i]] == position:
            first[indices[i]] = NOWHERE
    return 0.0


def _state(term: Term, _height: int) -> StateSize:
    return StateSize(term.n_items, 0)


COVER = Kind(
    Primitive(_clear), Primitive(_gain), Primitive(_push), Primitive(_pop), _state
)
