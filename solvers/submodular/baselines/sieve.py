"""Sieve-streaming and sieve-streaming++, run again where a deletion hits.

For each guess gamma, with tau = gamma / (2k), an arriving element e joins the set S if
|S| < k and f(e | S) >= tau. When S loses an element, the sieve is run again over all
alive elements in the order of arrival.

Badanidiyuru, Mirzasoleiman, Karbasi, Krause (2014), doi:10.1145/2623330.2623637. The
++ variant keeps only thresholds of at least max(LB, max f(e)) / (2k), where LB is the
best value known: Kazemi et al. (2019), arXiv:1905.00948. A threshold that comes back
after a deletion is run over all alive elements.
"""

from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from boundwise.solvers.submodular.baselines.base import GuessBaseline
from boundwise.solvers.submodular.baselines.ground import (
    GAINS,
    REBUILDS,
    Ground,
    arrive,
    leave,
    note_solution,
)
from boundwise.solvers.submodular.compiled import compiled
from boundwise.solvers.submodular.objectives.primitives import clear, gain, push
from boundwise.solvers.submodular.objectives.program import Floats, Ints, Ints32
from boundwise.solvers.submodular.objectives.protocol import Objective


class Sieves(NamedTuple):
    """Hold one stack for each guess; ``is_active`` tells which are kept."""

    gammas: Floats
    ints: Ints32
    reals: Floats
    chosen: Ints
    sizes: Ints
    values: Floats
    is_chosen: npt.NDArray[np.bool_]
    is_active: npt.NDArray[np.bool_]


@compiled()
def _offer(ground: Ground, sieves: Sieves, g: int, element: int) -> bool:
    """Show an element to a sieve; return whether it was taken."""
    size, k = sieves.sizes[g], sieves.chosen.shape[1]
    tau = sieves.gammas[g] / (2.0 * k)
    # Gains only shrink: what is too small alone needs no call.
    if size == k or ground.single[element] < tau:
        return False
    won = ground.single[element]
    if size > 0:
        won = gain(ground.program, sieves.ints[g], sieves.reals[g], element, size)
        ground.counters[GAINS] += 1
    if won < tau or won <= 0.0:
        return False
    push(ground.program, sieves.ints[g], sieves.reals[g], element, size)
    sieves.chosen[g, size] = element
    sieves.is_chosen[g, element] = True
    sieves.sizes[g] = size + 1
    sieves.values[g] += won
    return True


@compiled()
def _empty(ground: Ground, sieves: Sieves, g: int) -> None:
    for i in range(sieves.sizes[g]):
        sieves.is_chosen[g, sieves.chosen[g, i]] = False
    sieves.sizes[g], sieves.values[g] = 0, 0.0
    clear(ground.program, sieves.ints[g], sieves.reals[g])


@compiled()
def _run_again(ground: Ground, sieves: Sieves, g: int) -> None:
    """Run a sieve over all alive elements."""
    ground.counters[REBUILDS] += 1
    _empty(ground, sieves, g)
    anchor = ground.alive.shape[0]
    element = int(ground.after[anchor])
    while element != anchor and sieves.sizes[g] < sieves.chosen.shape[1]:
        _offer(ground, sieves, g, element)
        element = int(ground.after[element])


@compiled()
def _largest_single(ground: Ground) -> float:
    largest = 0.0
    anchor = ground.alive.shape[0]
    element = ground.after[anchor]
    while element != anchor:
        if ground.single[element] > largest:
            largest = float(ground.single[element])
        element = ground.after[element]
    return largest


@compiled()
def _choose_thresholds(ground: Ground, sieves: Sieves, largest: float) -> None:
    """Drop thresholds below max(LB, largest) / (2k); bring back those above it.

    A sieve that comes back may raise the bound, so they come from the top down.
    """
    for g in range(len(sieves.gammas) - 1, -1, -1):
        keep = sieves.gammas[g] >= max(largest, sieves.values.max())
        if keep and not sieves.is_active[g]:
            sieves.is_active[g] = True
            _run_again(ground, sieves, g)
    bound = max(largest, sieves.values.max())
    for g in range(len(sieves.gammas)):
        if sieves.gammas[g] < bound and sieves.is_active[g]:
            # The sieve that holds the best set is the answer: it stays.
            if sieves.values[g] == sieves.values.max():
                continue
            sieves.is_active[g] = False
            _empty(ground, sieves, g)


@compiled()
def _apply(
    ground: Ground,
    sieves: Sieves,
    plus_plus: bool,
    elements: Ints,
    insertions: npt.NDArray[np.bool_],
) -> None:
    """Carry out updates."""
    largest = _largest_single(ground) if plus_plus else 0.0
    for i in range(elements.shape[0]):
        element = elements[i]
        changed = False
        if insertions[i]:
            value = arrive(ground, element)
            risen = value > largest
            largest = max(largest, value)
            for g in range(len(sieves.gammas)):
                if sieves.is_active[g]:
                    changed = _offer(ground, sieves, g, element) or changed
            if plus_plus and (changed or risen):
                _choose_thresholds(ground, sieves, largest)
        else:
            leave(ground, element)
            for g in range(len(sieves.gammas)):
                if sieves.is_chosen[g, element]:
                    _run_again(ground, sieves, g)
                    changed = True
            if plus_plus and (changed or ground.single[element] >= largest):
                largest = _largest_single(ground)
                _choose_thresholds(ground, sieves, largest)
        if changed:
            best = int(np.argmax(sieves.values))
            note_solution(ground, sieves.chosen[best], sieves.sizes[best])


class SieveStreaming(GuessBaseline):
    """Maintain a set by sieve-streaming, run again where a deletion hits.

    Parameters
    ----------
    objective
        A monotone submodular function.
    k
        Largest number of elements.
    plus_plus
        Keep only the thresholds of sieve-streaming++.
    ratio
        Ratio of consecutive guesses.
    seed
        Not used: the method makes no random choice.
    eps
        Not used.

    References
    ----------
    Badanidiyuru, A., Mirzasoleiman, B., Karbasi, A., Krause, A. (2014). Streaming
    submodular maximization. doi:10.1145/2623330.2623637
    Kazemi, E. et al. (2019). Submodular streaming in all its glory. arXiv:1905.00948
    """

    def __init__(
        self,
        objective: Objective,
        k: int,
        *,
        plus_plus: bool = False,
        eps: float = 0.2,
        ratio: float = 1.3,
        seed: int | None = 0,
    ) -> None:
        self.plus_plus = bool(plus_plus)
        super().__init__(objective, k, eps=eps, ratio=ratio, seed=seed)

    def _prepare(self) -> None:
        gammas = self._gammas
        n, guesses = self._objective.n, len(gammas)
        self._sieves = Sieves(
            gammas=gammas,
            ints=np.zeros((guesses, self._state_size.ints), dtype=np.int32),
            reals=np.zeros((guesses, self._state_size.reals)),
            chosen=np.zeros((guesses, self.k), dtype=np.int64),
            sizes=np.zeros(guesses, dtype=np.int64),
            values=np.zeros(guesses),
            is_chosen=np.zeros((guesses, n), dtype=np.bool_),
            is_active=np.ones(guesses, dtype=np.bool_),
        )
        for g in range(guesses):
            clear(self._compiled, self._sieves.ints[g], self._sieves.reals[g])

    def _apply(self, elements: Ints, insertions: npt.NDArray[np.bool_]) -> None:
        _apply(self._ground, self._sieves, self.plus_plus, elements, insertions)

    def _sets(self) -> tuple[Ints, Ints, Floats]:
        return self._sieves.chosen, self._sieves.sizes, self._sieves.values
