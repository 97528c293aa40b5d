"""A uniformly random set of k alive elements: the least that a method must beat.

Every insertion draws a priority; the set holds the k alive elements of the smallest.
"""

import numpy as np
import numpy.typing as npt

from boundwise.solvers.submodular.baselines.base import Baseline
from boundwise.solvers.submodular.baselines.ground import (
    VALUES,
    Ground,
    arrive,
    leave,
    note_solution,
    replay,
)
from boundwise.solvers.submodular.compiled import compiled
from boundwise.solvers.submodular.objectives.program import Floats, Ints


@compiled()
def _refill(ground: Ground, chosen: Ints, priorities: Floats, size: int) -> int:
    """Add the alive element of the smallest priority outside the set, if any."""
    anchor = ground.alive.shape[0]
    best = -1
    element = ground.after[anchor]
    while element != anchor:
        if best < 0 or priorities[element] < priorities[best]:
            inside = False
            for i in range(size):
                inside = inside or chosen[i] == element
            if not inside:
                best = int(element)
        element = ground.after[element]
    if best < 0:
        return size
    chosen[size] = best
    return size + 1


@compiled()
def _apply(
    ground: Ground,
    chosen: Ints,
    priorities: Floats,
    sizes: Ints,
    elements: Ints,
    insertions: npt.NDArray[np.bool_],
    generator: np.random.Generator,
) -> None:
    """Carry out updates; ``sizes`` holds the size of the set."""
    size = sizes[0]
    for step in range(elements.shape[0]):
        element = elements[step]
        changed = False
        if insertions[step]:
            arrive(ground, element)
            priorities[element] = generator.random()
            if size < len(chosen):
                chosen[size] = element
                size, changed = size + 1, True
            else:
                worst = 0
                for i in range(1, size):
                    if priorities[chosen[i]] > priorities[chosen[worst]]:
                        worst = i
                if priorities[element] < priorities[chosen[worst]]:
                    chosen[worst], changed = element, True
        else:
            leave(ground, element)
            for i in range(size):
                if chosen[i] == element:
                    chosen[i] = chosen[size - 1]
                    size = _refill(ground, chosen, priorities, size - 1)
                    changed = True
                    break
        if changed:
            note_solution(ground, chosen, size)
    sizes[0] = size


class RandomSubset(Baseline):
    """Maintain a random set of k alive elements.

    Parameters
    ----------
    objective
        A monotone submodular function.
    k
        Largest number of elements.
    seed
        Seed of the choice.
    """

    def value(self) -> float:
        """Return the value of the present set; it costs one call."""
        self._ground.counters[VALUES] += 1
        return float(replay(self._ground, self._set, self._sizes[0]))

    def _prepare(self) -> None:
        self._set = np.zeros(self.k, dtype=np.int64)
        self._priorities = np.zeros(self._objective.n)
        self._sizes = np.zeros(1, dtype=np.int64)

    def _apply(self, elements: Ints, insertions: npt.NDArray[np.bool_]) -> None:
        _apply(
            self._ground,
            self._set,
            self._priorities,
            self._sizes,
            elements,
            insertions,
            self._generator,
        )

    def _chosen(self) -> Ints:
        return self._set[: self._sizes[0]]
