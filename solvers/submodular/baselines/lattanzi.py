"""The simple fully dynamic algorithm of Lattanzi et al.

For each guess gamma of the optimum, with tau = gamma / (2k) and T = ceil(log2 n),
levels l = 0, ..., T hold candidates A_l, a buffer B_l and chosen elements:

    insert e:      if f(e) >= tau, put e into every B_l; at the smallest l with
                   |B_l| >= 2^(T-l), while the set is not full, construct(l)
    construct(l):  keep what is chosen below l; A = A_l + B_l, shuffled, without
                   gains below tau; from level l' = l on, A_l' = A, and while
                   |A| >= 2^(T-l') choose the first of A and filter again
    delete e:      remove it everywhere; if the set lost it and its value is below
                   (1 - eps) gamma / 2, construct(the lowest level that lost one)

Lattanzi, Mitrovic, Norouzi-Fard, Tarnawski, Zadimoghaddam (2020), "Fully Dynamic
Algorithm for Constrained Submodular Optimization", NeurIPS, arXiv:2006.04704; the
simple variant, as in the experiments of its authors.
"""

from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from boundwise.solvers.submodular.baselines.base import GuessBaseline
from boundwise.solvers.submodular.baselines.ground import (
    GAINS,
    REBUILDS,
    VALUES,
    Ground,
    arrive,
    leave,
    note_solution,
    replay,
)
from boundwise.solvers.submodular.compiled import compiled
from boundwise.solvers.submodular.objectives.primitives import gain, push
from boundwise.solvers.submodular.objectives.program import Floats, Ints

#: Depth of an element that a guess does not hold.
_ABSENT = -2


class Levels(NamedTuple):
    """Hold the levels of every guess.

    An element is in B_l for l < ``fresh`` and in A_l for fresh <= l <= some depth; the
    lists link the elements of one depth, the deepest l with e in A_l + B_l.
    """

    gammas: Floats
    fresh: npt.NDArray[np.int64]
    depth: npt.NDArray[np.int64]
    after: Ints
    before: Ints
    heads: Ints
    buffered: Ints
    chosen: Ints
    level: npt.NDArray[np.int64]
    sizes: Ints
    values: Floats
    damaged: Ints
    is_chosen: npt.NDArray[np.bool_]


@compiled()
def _link(levels: Levels, g: int, element: int, depth: int) -> None:
    levels.depth[g, element] = depth
    if depth < 0:
        return
    head = levels.heads[g, depth]
    levels.after[g, element] = head
    levels.before[g, element] = -1
    if head >= 0:
        levels.before[g, head] = element
    levels.heads[g, depth] = element


@compiled()
def _unlink(levels: Levels, g: int, element: int) -> None:
    depth = levels.depth[g, element]
    if depth < 0:
        return
    before, after = levels.before[g, element], levels.after[g, element]
    if before >= 0:
        levels.after[g, before] = after
    else:
        levels.heads[g, depth] = after
    if after >= 0:
        levels.before[g, after] = before


@compiled()
def _filter(
    ground: Ground, levels: Levels, g: int, count: int, size: int, depth: int
) -> int:
    """Drop candidates of small gain to a depth; return how many are left."""
    tau = levels.gammas[g] / (2.0 * levels.chosen.shape[1])
    kept = 0
    for i in range(count):
        element = ground.pool[i]
        key = gain(ground.program, ground.ints, ground.reals, element, size)
        if key >= tau:
            ground.pool[kept], ground.keys[kept] = element, key
            kept += 1
        else:
            _link(levels, g, element, depth)
    ground.counters[GAINS] += count
    return kept


@compiled()
def _gather(
    ground: Ground, levels: Levels, g: int, level: int, generator: np.random.Generator
) -> int:
    """Take A + B of a level out of the lists, shuffled; return how many there are."""
    count = 0
    for depth in range(level, levels.heads.shape[1]):
        element = levels.heads[g, depth]
        while element >= 0:
            levels.fresh[g, element] = level
            ground.pool[count] = element
            count += 1
            element = levels.after[g, element]
        levels.heads[g, depth] = -1
    for i in range(count - 1, 0, -1):
        j = int(generator.random() * (i + 1))
        ground.pool[i], ground.pool[j] = ground.pool[j], ground.pool[i]
    return count


@compiled()
def _construct(
    ground: Ground, levels: Levels, g: int, level: int, generator: np.random.Generator
) -> None:
    """Choose anew from a level on."""
    ground.counters[REBUILDS] += 1
    top, k = levels.buffered.shape[1] - 1, levels.chosen.shape[1]
    size = 0
    while size < levels.sizes[g] and levels.level[g, size] < level:
        size += 1
    for i in range(size, levels.sizes[g]):
        levels.is_chosen[g, levels.chosen[g, i]] = False
    value = replay(ground, levels.chosen[g], size)
    count = _gather(ground, levels, g, level, generator)
    for here in range(level, top + 1):
        levels.buffered[g, here] = 0
    if levels.damaged[g] >= level:
        levels.damaged[g] = top + 1
    count = _filter(ground, levels, g, count, size, level - 1)
    for here in range(level, top + 1):
        while count >= 1 << (top - here) and size < k:
            element = ground.pool[0]
            value += ground.keys[0]
            push(ground.program, ground.ints, ground.reals, element, size)
            levels.chosen[g, size], levels.level[g, size] = element, here
            levels.is_chosen[g, element] = True
            size += 1
            _link(levels, g, element, here)
            count -= 1
            for i in range(count):
                ground.pool[i] = ground.pool[i + 1]
            if size < k:
                count = _filter(ground, levels, g, count, size, here)
        if size == k:
            break
    for i in range(count):
        _link(levels, g, ground.pool[i], top)
    levels.sizes[g], levels.values[g] = size, value


@compiled()
def _insert(
    ground: Ground, levels: Levels, element: int, generator: np.random.Generator
) -> bool:
    """Insert an element; return whether a set may have changed."""
    value = arrive(ground, element)
    top, k = levels.buffered.shape[1] - 1, levels.chosen.shape[1]
    changed = False
    for g in range(len(levels.gammas)):
        if value < levels.gammas[g] / (2.0 * k):
            break
        levels.fresh[g, element] = top + 1
        _link(levels, g, element, top)
        for level in range(top + 1):
            levels.buffered[g, level] += 1
        if levels.sizes[g] == k:
            continue
        for level in range(top + 1):
            if levels.buffered[g, level] >= 1 << (top - level):
                _construct(ground, levels, g, level, generator)
                changed = True
                break
    return changed


@compiled()
def _lose(ground: Ground, levels: Levels, g: int, element: int) -> None:
    """Take an element out of the set of a guess; ask for the value that is left."""
    size = levels.sizes[g]
    at = 0
    while levels.chosen[g, at] != element:
        at += 1
    levels.damaged[g] = min(levels.damaged[g], levels.level[g, at])
    for i in range(at, size - 1):
        levels.chosen[g, i] = levels.chosen[g, i + 1]
        levels.level[g, i] = levels.level[g, i + 1]
    levels.is_chosen[g, element] = False
    levels.sizes[g] = size - 1
    levels.values[g] = replay(ground, levels.chosen[g], size - 1)
    ground.counters[VALUES] += 1


@compiled()
def _delete(
    ground: Ground,
    levels: Levels,
    element: int,
    eps: float,
    generator: np.random.Generator,
) -> bool:
    """Delete an element; return whether a set may have changed."""
    leave(ground, element)
    changed = False
    for g in range(len(levels.gammas)):
        if levels.depth[g, element] == _ABSENT:
            continue
        _unlink(levels, g, element)
        levels.depth[g, element] = _ABSENT
        for level in range(levels.fresh[g, element]):
            levels.buffered[g, level] -= 1
        if not levels.is_chosen[g, element]:
            continue
        changed = True
        _lose(ground, levels, g, element)
        if levels.values[g] < (1.0 - eps) * levels.gammas[g] / 2.0:
            _construct(ground, levels, g, levels.damaged[g], generator)
    return changed


@compiled()
def _apply(
    ground: Ground,
    levels: Levels,
    eps: float,
    elements: Ints,
    insertions: npt.NDArray[np.bool_],
    generator: np.random.Generator,
) -> None:
    """Carry out updates."""
    for i in range(elements.shape[0]):
        if insertions[i]:
            changed = _insert(ground, levels, elements[i], generator)
        else:
            changed = _delete(ground, levels, elements[i], eps, generator)
        if changed:
            best = int(np.argmax(levels.values))
            note_solution(ground, levels.chosen[best], levels.sizes[best])


class LattanziMaximizer(GuessBaseline):
    """Maintain a set by the simple algorithm of Lattanzi et al. (2020).

    Parameters
    ----------
    objective
        A monotone submodular function.
    k
        Largest number of elements.
    eps
        A guess is rebuilt when its value falls below (1 - eps) gamma / 2; published
        runs use 0 and 0.2.
    ratio
        Ratio of consecutive guesses.
    seed
        Seed of the shuffles.

    References
    ----------
    Lattanzi, S., Mitrovic, S., Norouzi-Fard, A., Tarnawski, J., Zadimoghaddam, M.
    (2020). Fully dynamic algorithm for constrained submodular optimization. NeurIPS.
    arXiv:2006.04704
    """

    def _prepare(self) -> None:
        n, k, guesses = self._objective.n, self.k, len(self._gammas)
        top = int(np.ceil(np.log2(max(n, 2))))
        self._levels = Levels(
            gammas=self._gammas,
            fresh=np.zeros((guesses, n), dtype=np.int64),
            depth=np.full((guesses, n), _ABSENT, dtype=np.int64),
            after=np.full((guesses, n), -1, dtype=np.int64),
            before=np.full((guesses, n), -1, dtype=np.int64),
            heads=np.full((guesses, top + 1), -1, dtype=np.int64),
            buffered=np.zeros((guesses, top + 1), dtype=np.int64),
            chosen=np.zeros((guesses, k), dtype=np.int64),
            level=np.zeros((guesses, k), dtype=np.int64),
            sizes=np.zeros(guesses, dtype=np.int64),
            values=np.zeros(guesses),
            damaged=np.full(guesses, top + 1, dtype=np.int64),
            is_chosen=np.zeros((guesses, n), dtype=np.bool_),
        )

    def _apply(self, elements: Ints, insertions: npt.NDArray[np.bool_]) -> None:
        _apply(
            self._ground, self._levels, self.eps, elements, insertions, self._generator
        )

    def _sets(self) -> tuple[Ints, Ints, Floats]:
        return self._levels.chosen, self._levels.sizes, self._levels.values
