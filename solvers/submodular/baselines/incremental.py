"""Exact greedy at every update, from the first prefix that an update changes.

The greedy solution S = (s_1, ..., s_m) is kept with the gain of each element over its
prefix. An inserted element e changes it from the first i with f(e | S_{i-1}) above the
gain of s_i; a deleted one from its own place. From there on, lazy greedy completes it.
"""

import numpy as np
import numpy.typing as npt

from boundwise.solvers.submodular.baselines.base import Baseline
from boundwise.solvers.submodular.baselines.ground import (
    GAINS,
    REBUILDS,
    Ground,
    arrive,
    leave,
    note_solution,
)
from boundwise.solvers.submodular.baselines.periodic import collect_alive
from boundwise.solvers.submodular.compiled import compiled
from boundwise.solvers.submodular.objectives.primitives import gain, pop, push
from boundwise.solvers.submodular.objectives.program import Floats, Ints
from boundwise.solvers.submodular.static.greedy import lazy


@compiled()
def _first_place(
    ground: Ground, chosen: Ints, won: Floats, size: int, element: int
) -> int:
    """Return the first place at which greedy would choose the element, or ``size``."""
    bound = ground.single[element]
    for i in range(size):
        # The last gain asked for bounds all later ones.
        if bound < won[i] or (bound == won[i] and element > chosen[i]):
            continue
        if i > 0:
            bound = gain(ground.program, ground.ints, ground.reals, element, i)
            ground.counters[GAINS] += 1
        if bound > won[i] or (bound == won[i] and element < chosen[i]):
            return i
    return size


@compiled()
def _complete(ground: Ground, chosen: Ints, won: Floats, size: int, keep: int) -> int:
    """Keep a prefix and choose the rest anew; return the new size."""
    ground.counters[REBUILDS] += 1
    for i in range(size - 1, keep - 1, -1):
        pop(ground.program, ground.ints, ground.reals, chosen[i], i)
    for i in range(keep):
        # Kept elements stay out of the candidates.
        ground.alive[chosen[i]] = False
    count = collect_alive(ground)
    kept = 0
    for i in range(count):
        if ground.alive[ground.pool[i]]:
            ground.pool[kept], ground.keys[kept] = ground.pool[i], ground.keys[i]
            kept += 1
    for i in range(keep):
        ground.alive[chosen[i]] = True
    size, calls = lazy(
        ground.program,
        ground.ints,
        ground.reals,
        ground.keys,
        ground.pool,
        kept,
        chosen,
        won,
        keep,
        len(chosen),
    )
    ground.counters[GAINS] += calls
    return size


@compiled()
def _append(ground: Ground, chosen: Ints, won: Floats, size: int, element: int) -> int:
    """Put an element at the end of a set that nothing else adds to; return 0 or 1."""
    won[size] = ground.single[element]
    if size > 0 and won[size] > 0.0:
        won[size] = gain(ground.program, ground.ints, ground.reals, element, size)
        ground.counters[GAINS] += 1
    if won[size] <= 0.0:
        return 0
    push(ground.program, ground.ints, ground.reals, element, size)
    chosen[size] = element
    note_solution(ground, chosen, size + 1)
    return 1


@compiled()
def _apply(
    ground: Ground,
    chosen: Ints,
    won: Floats,
    sizes: Ints,
    elements: Ints,
    insertions: npt.NDArray[np.bool_],
) -> None:
    """Carry out updates; ``sizes`` holds the size of the set."""
    size = sizes[0]
    for i in range(elements.shape[0]):
        element = elements[i]
        if insertions[i]:
            arrive(ground, element)
            place = _first_place(ground, chosen, won, size, element)
            changed = place < size
            if not changed and size < len(chosen):
                size += _append(ground, chosen, won, size, element)
        else:
            leave(ground, element)
            place = 0
            while place < size and chosen[place] != element:
                place += 1
            changed = place < size
        if changed:
            size = _complete(ground, chosen, won, size, place)
            note_solution(ground, chosen, size)
    sizes[0] = size


class IncrementalGreedy(Baseline):
    """Maintain exactly what lazy greedy would choose, at every update.

    Parameters
    ----------
    objective
        A monotone submodular function.
    k
        Largest number of elements.
    seed
        Not used: the method makes no random choice.
    """

    def value(self) -> float:
        """Return the value of the present set."""
        return float(self._won[: self._sizes[0]].sum())

    def _prepare(self) -> None:
        self._set = np.zeros(self.k, dtype=np.int64)
        self._won = np.zeros(self.k)
        self._sizes = np.zeros(1, dtype=np.int64)

    def _apply(self, elements: Ints, insertions: npt.NDArray[np.bool_]) -> None:
        _apply(self._ground, self._set, self._won, self._sizes, elements, insertions)

    def _chosen(self) -> Ints:
        return self._set[: self._sizes[0]]
