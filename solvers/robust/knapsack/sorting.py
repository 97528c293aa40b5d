"""A stable merge sort of short lists, quick to run and quick to compile."""

import numpy as np
from numpy.typing import NDArray

from boundwise.heuristics.compiled import compiled
from boundwise.instances.robust.arrays import Floats


@compiled(internal=True)
def descending(keys: Floats, count: int) -> NDArray[np.int64]:
    """Return the positions of ``count`` keys, largest first, ties in order."""
    order = np.arange(count)
    merged = np.empty(count, np.int64)
    width = 1
    while width < count:
        begin = 0
        while begin < count:
            middle, end = min(begin + width, count), min(begin + 2 * width, count)
            left, right = begin, middle
            for k in range(begin, end):
                if right >= end or (
                    left < middle and keys[order[left]] >= keys[order[right]]
                ):
                    merged[k] = order[left]
                    left += 1
                else:
                    merged[k] = order[right]
                    right += 1
            begin = end
        order, merged = merged, order
        width *= 2
    return order
