"""Greedy from scratch every P updates, patched in between.

Between two runs a deleted element leaves the set, and an inserted one joins it while
there is room. On benign streams this is hard to beat; it promises nothing, and loses
whatever deletions aim at until the next run.
"""

from typing import Literal, get_args

import numpy as np
import numpy.typing as npt

from boundwise.core.arguments import as_count, as_number
from boundwise.core.errors import InputError
from boundwise.solvers.submodular.baselines.base import Baseline
from boundwise.solvers.submodular.baselines.ground import (
    GAINS,
    REBUILDS,
    UPDATES,
    VALUES,
    Ground,
    arrive,
    leave,
    note_solution,
    replay,
)
from boundwise.solvers.submodular.compiled import compiled
from boundwise.solvers.submodular.objectives.primitives import clear, gain, push
from boundwise.solvers.submodular.objectives.program import Floats, Ints
from boundwise.solvers.submodular.objectives.protocol import Objective
from boundwise.solvers.submodular.static.greedy import lazy, plain, stochastic

GreedyMethod = Literal["lazy", "stochastic", "greedy"]
_CODES = {"lazy": 0, "stochastic": 1, "greedy": 2}


@compiled()
def collect_alive(ground: Ground) -> int:
    """Write the alive elements and their values to the scratch room; count them."""
    count = 0
    anchor = ground.alive.shape[0]
    element = ground.after[anchor]
    while element != anchor:
        ground.pool[count], ground.keys[count] = element, ground.single[element]
        count += 1
        element = ground.after[element]
    return count


@compiled()
def _run(
    ground: Ground,
    chosen: Ints,
    won: Floats,
    code: int,
    eps: float,
    generator: np.random.Generator,
) -> int:
    """Choose anew; return the size."""
    ground.counters[REBUILDS] += 1
    program, ints, reals = ground.program, ground.ints, ground.reals
    clear(program, ints, reals)
    count, k = collect_alive(ground), len(chosen)
    keys, pool = ground.keys, ground.pool
    if code == 0:
        size, calls = lazy(program, ints, reals, keys, pool, count, chosen, won, 0, k)
    elif code == 1:
        size, calls = stochastic(
            program, ints, reals, keys, pool, count, chosen, won, 0, k, eps, generator
        )
    else:
        size, calls = plain(program, ints, reals, keys, pool, count, chosen, won, 0, k)
    ground.counters[GAINS] += calls
    return size


@compiled()
def _drop(ground: Ground, chosen: Ints, size: int, element: int) -> int:
    """Take an element out of the set; return the new size."""
    kept = 0
    for i in range(size):
        if chosen[i] != element:
            chosen[kept] = chosen[i]
            kept += 1
    return kept


@compiled()
def _apply(
    ground: Ground,
    chosen: Ints,
    won: Floats,
    state: Floats,
    period: int,
    code: int,
    eps: float,
    elements: Ints,
    insertions: npt.NDArray[np.bool_],
    generator: np.random.Generator,
) -> None:
    """Carry out updates; ``state`` holds the size and the value of the set."""
    size, value = int(state[0]), state[1]
    for i in range(elements.shape[0]):
        element = elements[i]
        changed = False
        if insertions[i]:
            single = arrive(ground, element)
            due = ground.counters[UPDATES] % period == 0
            if not due and size < len(chosen) and single > 0.0:
                extra = single
                if size > 0:
                    extra = gain(
                        ground.program, ground.ints, ground.reals, element, size
                    )
                    ground.counters[GAINS] += 1
                if extra > 0.0:
                    push(ground.program, ground.ints, ground.reals, element, size)
                    chosen[size] = element
                    size, value, changed = size + 1, value + extra, True
        else:
            leave(ground, element)
            due = ground.counters[UPDATES] % period == 0
            left = _drop(ground, chosen, size, element)
            if left < size:
                size, changed = left, True
                if not due:
                    value = replay(ground, chosen, size)
                    ground.counters[VALUES] += 1
        if due:
            size = _run(ground, chosen, won, code, eps, generator)
            value, changed = won[:size].sum(), True
        if changed:
            note_solution(ground, chosen, size)
    state[0], state[1] = size, value


class PeriodicGreedy(Baseline):
    """Maintain a set by running greedy every ``period`` updates.

    Parameters
    ----------
    objective
        A monotone submodular function.
    k
        Largest number of elements.
    period
        Updates between two runs; 1 runs greedy at every update.
    method
        ``"lazy"``, ``"stochastic"`` or ``"greedy"``, see `maximize`.
    eps
        Accuracy of stochastic greedy, in (0, 1).
    seed
        Seed of stochastic greedy.
    """

    def __init__(
        self,
        objective: Objective,
        k: int,
        *,
        period: int = 1000,
        method: GreedyMethod = "lazy",
        eps: float = 0.1,
        seed: int | None = 0,
    ) -> None:
        self.period = as_count("period", period)
        if method not in get_args(GreedyMethod):
            raise InputError(
                f"method must be one of {', '.join(get_args(GreedyMethod))}, got "
                f"{method!r}."
            )
        self.method = method
        self.eps = as_number("eps", eps, above=0, below=1)
        super().__init__(objective, k, seed=seed)

    def value(self) -> float:
        """Return the value of the present set."""
        return float(self._state[1])

    def _prepare(self) -> None:
        self._set = np.zeros(self.k, dtype=np.int64)
        self._won = np.zeros(self.k)
        self._state = np.zeros(2)

    def _apply(self, elements: Ints, insertions: npt.NDArray[np.bool_]) -> None:
        _apply(
            self._ground,
            self._set,
            self._won,
            self._state,
            self.period,
            _CODES[self.method],
            self.eps,
            elements,
            insertions,
            self._generator,
        )

    def _chosen(self) -> Ints:
        return self._set[: int(self._state[0])]
