"""A heap of elements by upper bounds of their gains, largest first.

Ties go to the smaller element, so that lazy and plain greedy choose alike.
"""

import numpy.typing as npt
from numpy import float64, int64

from boundwise.solvers.submodular.compiled import compiled

Floats = npt.NDArray[float64]
Ints = npt.NDArray[int64]


@compiled()
def before(keys: Floats, items: Ints, i: int, j: int) -> bool:
    """Tell whether place i comes before place j."""
    if keys[i] != keys[j]:
        return bool(keys[i] > keys[j])
    return bool(items[i] < items[j])


@compiled()
def sift_down(keys: Floats, items: Ints, stamps: Ints, count: int, at: int) -> None:
    """Move the entry at a place down to where it belongs."""
    while True:
        child = 2 * at + 1
        if child >= count:
            return
        if child + 1 < count and before(keys, items, child + 1, child):
            child += 1
        if not before(keys, items, child, at):
            return
        keys[at], keys[child] = keys[child], keys[at]
        items[at], items[child] = items[child], items[at]
        stamps[at], stamps[child] = stamps[child], stamps[at]
        at = child


@compiled()
def heapify(keys: Floats, items: Ints, stamps: Ints, count: int) -> None:
    """Order all entries."""
    for at in range(count // 2 - 1, -1, -1):
        sift_down(keys, items, stamps, count, at)


@compiled()
def drop_top(keys: Floats, items: Ints, stamps: Ints, count: int) -> int:
    """Remove the first entry; return how many are left."""
    last = count - 1
    keys[0], items[0], stamps[0] = keys[last], items[last], stamps[last]
    sift_down(keys, items, stamps, last, 0)
    return last
