"""What all baselines share: the interface of `DynamicMaximizer`, checked updates."""

import math
from collections.abc import Mapping
from typing import Any

import numpy as np

from boundwise.core.arguments import as_count, as_number
from boundwise.core.errors import InputError
from boundwise.core.rng import make_rng
from boundwise.solvers.submodular.baselines.ground import (
    CHANGES,
    GAINS,
    N_COUNTERS,
    REBUILDS,
    SINGLETONS,
    UPDATES,
    VALUES,
    Ground,
    singletons,
)
from boundwise.solvers.submodular.objectives.base import Compiled
from boundwise.solvers.submodular.objectives.primitives import clear
from boundwise.solvers.submodular.objectives.program import Floats, Ints
from boundwise.solvers.submodular.objectives.protocol import Labelled, Objective
from boundwise.solvers.submodular.ops import Bools, ElementError, Elements, Updatable


class Baseline(Updatable):
    """Maintain a set under insertions and deletions by some method.

    Parameters
    ----------
    objective
        A monotone submodular function.
    k
        Largest number of elements.
    seed
        Seed of random choices.

    Raises
    ------
    InputError
        If an argument is out of range or the objective is not monotone.
    """

    def __init__(self, objective: Objective, k: int, *, seed: int | None = 0) -> None:
        k = as_count("k", k)
        if not isinstance(objective, Compiled):
            raise InputError(
                "objective must be one that comes with boundwise: the baselines are "
                f"compiled, got {type(objective).__name__}."
            )
        if not objective.monotone:
            raise InputError(
                f"objective must be monotone, got {type(objective).__name__}."
            )
        self._objective = objective
        labels = objective.labels if isinstance(objective, Labelled) else None
        self._elements = Elements(objective.n, labels)
        self.k = min(k, objective.n)
        self._generator, self.seed = make_rng(seed)
        self._compiled, size = objective.program(self.k)
        n = objective.n
        self._state_size = size
        self._ground = Ground(
            program=self._compiled,
            ints=np.zeros(size.ints, dtype=np.int32),
            reals=np.zeros(size.reals),
            alive=np.zeros(n, dtype=np.bool_),
            single=np.zeros(n),
            after=np.full(n + 1, n, dtype=np.int64),
            before=np.full(n + 1, n, dtype=np.int64),
            marks=np.full(n, -1, dtype=np.int64),
            counters=np.zeros(N_COUNTERS, dtype=np.int64),
            pool=np.zeros(n, dtype=np.int64),
            keys=np.zeros(n),
        )
        clear(self._ground.program, self._ground.ints, self._ground.reals)
        self._prepare()

    def __len__(self) -> int:
        return int(np.count_nonzero(self._ground.alive))

    def __contains__(self, element: object) -> bool:
        try:
            return bool(self._ground.alive[self._elements.index(element)])
        except ElementError:
            return False

    def update(self, ops: Any) -> None:  # noqa: D102 (inherited)
        updates = self._elements.updates(ops)
        self._elements.check(updates, self._ground.alive[updates.elements])
        elements = updates.elements.astype(np.int64)
        self._apply(elements, updates.inserts.astype(np.bool_))

    def solution(self) -> list[Any]:
        """Return the present set, in the order of the ground set."""
        chosen = sorted(self._chosen().tolist())
        return [self._elements.name(element) for element in chosen]

    def value(self) -> float:
        """Return the value of the present set."""
        raise NotImplementedError

    @property
    def stats(self) -> Mapping[str, int]:
        """Oracle calls in all and by kind, rebuilds, changes of the set."""
        counters = self._ground.counters.tolist()
        return {
            "oracle_calls": counters[SINGLETONS] + counters[GAINS] + counters[VALUES],
            "singleton_calls": counters[SINGLETONS],
            "gain_calls": counters[GAINS],
            "value_calls": counters[VALUES],
            "rebuilds": counters[REBUILDS],
            "solution_changes": counters[CHANGES],
            "updates": counters[UPDATES],
        }

    def _prepare(self) -> None:
        """Make the arrays of the method."""

    def _apply(self, elements: Ints, insertions: Bools) -> None:
        """Carry out checked updates."""
        raise NotImplementedError

    def _chosen(self) -> Ints:
        """Return the present set."""
        raise NotImplementedError


class GuessBaseline(Baseline):
    """Keep a set for each guess gamma of the optimum, and answer with the best.

    The guesses are a geometric sequence from the smallest positive value of an element
    of the ground set to k times the largest; finding these two is not charged.

    Parameters
    ----------
    objective, k, seed
        See `Baseline`.
    eps
        Accuracy, in [0, 1).
    ratio
        Ratio of consecutive guesses, above 1.
    """

    def __init__(
        self,
        objective: Objective,
        k: int,
        *,
        eps: float = 0.2,
        ratio: float = 1.3,
        seed: int | None = 0,
    ) -> None:
        self.eps = as_number("eps", eps, at_least=0, below=1)
        self.ratio = as_number("ratio", ratio, above=1)
        super().__init__(objective, k, seed=seed)

    def value(self) -> float:
        """Return the value of the present set."""
        _, _, values = self._sets()
        return float(values.max(initial=0.0))

    @property
    def _gammas(self) -> Floats:
        singles = np.zeros(self._objective.n)
        singletons(self._ground, singles)
        positive = singles[singles > 0.0]
        if not len(positive):
            return np.ones(1)
        low, high = float(positive.min()), float(self.k * positive.max())
        count = math.floor(math.log(high / low) / math.log(self.ratio)) + 2
        gammas: Floats = np.array([low * self.ratio**j for j in range(count)])
        return gammas

    def _chosen(self) -> Ints:
        chosen, sizes, values = self._sets()
        best = int(np.argmax(values))
        return chosen[best, : sizes[best]]

    def _sets(self) -> tuple[Ints, Ints, Floats]:
        """Return the chosen elements, sizes and values of all guesses."""
        raise NotImplementedError
