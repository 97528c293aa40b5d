"""Greedy choices on a stack, compiled: lazy, plain, stochastic and by thresholds.

Each function completes a stack that holds ``size`` elements to at most k, from the
first ``count`` entries of ``items`` with upper bounds ``keys`` of their gains, and
returns (size, oracle calls). Gains of the chosen elements are left in ``won``. An
element without gain is never chosen.
"""

import math

import numpy as np

from boundwise.solvers.submodular.compiled import compiled
from boundwise.solvers.submodular.objectives.primitives import gain, push
from boundwise.solvers.submodular.objectives.program import Floats, Ints, Ints32
from boundwise.solvers.submodular.static.heap import drop_top, heapify, sift_down


@compiled()
def lazy(
    program: Ints,
    ints: Ints32,
    reals: Floats,
    keys: Floats,
    items: Ints,
    count: int,
    chosen: Ints,
    won: Floats,
    size: int,
    k: int,
) -> tuple[int, int]:
    """Choose the largest gain each time, asking only while a bound is above it.

    Minoux (1978), doi:10.1007/BFb0006528.
    """
    stamps = np.full(count, -1, dtype=np.int64)
    heapify(keys, items, stamps, count)
    calls = 0
    # A bound for the empty stack that came from a singleton value is exact.
    while size < k and count > 0 and keys[0] > 0.0:
        if stamps[0] == size or size == 0:
            chosen[size], won[size] = items[0], keys[0]
            push(program, ints, reals, items[0], size)
            size += 1
            count = drop_top(keys, items, stamps, count)
            continue
        keys[0] = gain(program, ints, reals, items[0], size)
        stamps[0] = size
        calls += 1
        sift_down(keys, items, stamps, count, 0)
    return size, calls


@compiled()
def plain(
    program: Ints,
    ints: Ints32,
    reals: Floats,
    keys: Floats,
    items: Ints,
    count: int,
    chosen: Ints,
    won: Floats,
    size: int,
    k: int,
) -> tuple[int, int]:
    """Choose the largest gain each time, asking for all of them."""
    calls = 0
    while size < k and count > 0:
        best = 0
        for i in range(count):
            if size > 0:
                keys[i] = gain(program, ints, reals, items[i], size)
                calls += 1
            if keys[i] > keys[best] or (
                keys[i] == keys[best] and items[i] < items[best]
            ):
                best = i
        if keys[best] <= 0.0:
            break
        chosen[size], won[size] = items[best], keys[best]
        push(program, ints, reals, items[best], size)
        size += 1
        count -= 1
        items[best], keys[best] = items[count], keys[count]
    return size, calls


@compiled()
def stochastic(
    program: Ints,
    ints: Ints32,
    reals: Floats,
    keys: Floats,
    items: Ints,
    count: int,
    chosen: Ints,
    won: Floats,
    size: int,
    k: int,
    eps: float,
    generator: np.random.Generator,
) -> tuple[int, int]:
    """Choose the largest gain of a fresh sample each time.

    Samples of (n/k) ln(1/eps) elements give 1 - 1/e - eps in expectation:
    Mirzasoleiman et al. (2015), arXiv:1409.7938.
    """
    calls = 0
    wanted = max(1, math.ceil(count / k * math.log(1.0 / eps)))
    while size < k and count > 0:
        best, top = -1, 0.0
        for i in range(min(wanted, count)):
            # A random entry moves to place i.
            j = i + int(generator.random() * (count - i))
            items[i], items[j] = items[j], items[i]
            keys[i], keys[j] = keys[j], keys[i]
            value = keys[i]
            if size > 0:
                value = gain(program, ints, reals, items[i], size)
                calls += 1
            if value > top:
                best, top = i, value
        if best < 0:
            # Nothing in the sample: look at everything once before giving up.
            if wanted >= count:
                break
            wanted = count
            continue
        chosen[size], won[size] = items[best], top
        push(program, ints, reals, items[best], size)
        size += 1
        count -= 1
        items[best], keys[best] = items[count], keys[count]
    return size, calls


@compiled()
def threshold(
    program: Ints,
    ints: Ints32,
    reals: Floats,
    keys: Floats,
    items: Ints,
    count: int,
    chosen: Ints,
    won: Floats,
    size: int,
    k: int,
    eps: float,
) -> tuple[int, int]:
    """Take what passes a threshold that falls by 1 - eps from pass to pass.

    1 - 1/e - eps with (n/eps) log(n/eps) calls: Badanidiyuru & Vondrak (2014),
    doi:10.1137/1.9781611973402.110. Elements whose last known gain is below the
    threshold are not asked again.
    """
    calls = 0
    top = 0.0
    for i in range(count):
        top = max(top, keys[i])
    level, last = top, eps * top / max(1, count)
    while size < k and count > 0 and level > 0.0 and level >= last:
        i = 0
        while i < count and size < k:
            if keys[i] < level:
                i += 1
                continue
            if size > 0:
                keys[i] = gain(program, ints, reals, items[i], size)
                calls += 1
            if keys[i] >= level:
                chosen[size], won[size] = items[i], keys[i]
                push(program, ints, reals, items[i], size)
                size += 1
                count -= 1
                items[i], keys[i] = items[count], keys[count]
            else:
                i += 1
        level *= 1.0 - eps
    return size, calls


@compiled()
def all_gains(
    program: Ints,
    ints: Ints32,
    reals: Floats,
    items: Ints,
    count: int,
    size: int,
    out: Floats,
) -> None:
    """Write the gains of elements over the first ``size`` of the stack."""
    for i in range(count):
        out[i] = gain(program, ints, reals, items[i], size)
