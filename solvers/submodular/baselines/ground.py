"""The alive elements, the calls and the changes of the solution: the same for all.

Every method is charged alike: one call for the value of an element when it is
inserted, one for a marginal gain, one for the value of a set that is asked anew.
Building up a stack of elements whose gains are known costs nothing, and neither does
the value of a set all of whose gains were asked.
"""

from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from boundwise.solvers.submodular.compiled import compiled
from boundwise.solvers.submodular.objectives.primitives import clear, gain, push
from boundwise.solvers.submodular.objectives.program import (
    Floats,
    Ints,
    Ints32,
)

#: Places of the counters.
SINGLETONS, GAINS, VALUES, REBUILDS, CHANGES, UPDATES, EPOCH, LENGTH = range(8)
N_COUNTERS = 8


class Ground(NamedTuple):
    """Hold the ground set, and one scratch stack of the objective.

    Parameters
    ----------
    program
        The objective.
    ints, reals
        State of the scratch stack.
    alive
        Whether an element is there.
    single
        Its value, asked at the last insertion.
    after, before
        Circular list of the alive elements by arrival; place n is the anchor.
    marks
        The epoch in which an element was last in the solution.
    counters
        See the names above.
    pool, keys
        Scratch room for one entry an element.
    """

    program: Ints
    ints: Ints32
    reals: Floats
    alive: npt.NDArray[np.bool_]
    single: Floats
    after: Ints
    before: Ints
    marks: Ints
    counters: Ints
    pool: Ints
    keys: Floats


@compiled()
def arrive(ground: Ground, element: int) -> float:
    """Add an element and return its value, one call."""
    anchor = ground.alive.shape[0]
    last = ground.before[anchor]
    ground.after[last] = element
    ground.before[element] = last
    ground.after[element] = anchor
    ground.before[anchor] = element
    ground.alive[element] = True
    ground.counters[UPDATES] += 1
    ground.counters[SINGLETONS] += 1
    value = gain(ground.program, ground.ints, ground.reals, element, 0)
    ground.single[element] = value
    return value


@compiled()
def leave(ground: Ground, element: int) -> None:
    """Remove an element."""
    before, after = ground.before[element], ground.after[element]
    ground.after[before] = after
    ground.before[after] = before
    ground.alive[element] = False
    ground.counters[UPDATES] += 1


@compiled()
def replay(ground: Ground, chosen: Ints, size: int) -> float:
    """Build the scratch stack anew from known elements; return its value."""
    clear(ground.program, ground.ints, ground.reals)
    total = 0.0
    for i in range(size):
        total += gain(ground.program, ground.ints, ground.reals, chosen[i], i)
        push(ground.program, ground.ints, ground.reals, chosen[i], i)
    return total


@compiled()
def note_solution(ground: Ground, chosen: Ints, size: int) -> None:
    """Count the elements that enter or leave the solution."""
    epoch = ground.counters[EPOCH]
    same = 0
    for i in range(size):
        same += ground.marks[chosen[i]] == epoch
        ground.marks[chosen[i]] = epoch + 1
    ground.counters[CHANGES] += ground.counters[LENGTH] + size - 2 * same
    ground.counters[EPOCH] = epoch + 1
    ground.counters[LENGTH] = size


@compiled()
def singletons(ground: Ground, out: Floats) -> None:
    """Write the value of every element of the ground set."""
    for element in range(out.shape[0]):
        out[element] = gain(ground.program, ground.ints, ground.reals, element, 0)
