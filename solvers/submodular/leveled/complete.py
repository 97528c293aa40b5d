"""Top up the maintained solution by lazy greedy over the other alive elements.

Dead picks and a guess that is not full leave fewer than k elements; adding the best of
the rest only helps. Singletons are the first upper bounds of the gains.
"""

import numpy as np

from boundwise.solvers.submodular.compiled import compiled
from boundwise.solvers.submodular.leveled.fields import (
    do,
    elements,
    marks,
    now,
    pending_address,
    pendings,
    rules,
    singles,
    solution,
)
from boundwise.solvers.submodular.leveled.oracle import marginal, pop, push
from boundwise.solvers.submodular.leveled.state import (
    ALIVE,
    CALLS_COMPLETE,
    CALLS_VALUE,
    DO_VALUE,
    N_ALIVE,
    K,
)
from boundwise.solvers.submodular.objectives.program import Floats, Ints
from boundwise.solvers.submodular.static.heap import drop_top, heapify, sift_down


@compiled()
def complete(state: int, length: int, top_up: bool) -> tuple[int, float]:
    """Extend the first ``length`` elements of the solution, into ``pending``.

    Returns how many elements it has then, and their value.
    """
    for c in range(length):
        pendings(state)[c] = solution(state)[c]
    value = 0.0
    if length > 0:
        value = do(state, DO_VALUE, pending_address(state), length)
        now(state)[CALLS_VALUE] += 1
    if not top_up or length == min(rules(state)[K], now(state)[N_ALIVE]):
        return length, value
    for c in range(length):
        push(state, 0, pendings(state)[c], c)
        marks(state)[pendings(state)[c]] = 1
    count, keys, items, stamps = _others(state)
    for c in range(length):
        marks(state)[pendings(state)[c]] = 0
    size = length
    while count > 0 and size < rules(state)[K]:
        if stamps[0] == size:
            e = items[0]
            push(state, 0, e, size)
            pendings(state)[size] = e
            value += keys[0]
            size += 1
            count = drop_top(keys, items, stamps, count)
            continue
        # Without any pick the singleton is the gain.
        if size > 0:
            keys[0] = marginal(state, 0, items[0], size)
            now(state)[CALLS_COMPLETE] += 1
        stamps[0] = size
        if keys[0] <= 0.0:
            count = drop_top(keys, items, stamps, count)
        else:
            sift_down(keys, items, stamps, count, 0)
    for c in range(size - 1, -1, -1):
        pop(state, 0, pendings(state)[c], c)
    return size, value


@compiled(internal=True)
def _others(
    state: int,
) -> tuple[int, Floats, Ints, Ints]:
    """Return a heap of the unmarked alive elements with a positive singleton."""
    alive = now(state)[N_ALIVE]
    keys = np.empty(alive)
    items = np.empty(alive, dtype=np.int64)
    stamps = np.full(alive, -1, dtype=np.int64)
    count = 0
    for a in range(alive):
        e = elements(state, ALIVE)[a]
        if marks(state)[e] == 0 and singles(state)[e] > 0.0:
            keys[count] = singles(state)[e]
            items[count] = e
            count += 1
    heapify(keys, items, stamps, count)
    return count, keys, items, stamps
