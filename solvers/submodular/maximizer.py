"""Maximize a submodular function while its ground set changes.

    max f(S),   S a set of at most k alive elements

under insertions and deletions, by a leveled bucket-sampling algorithm in the sense of
Banihashem, Biabani, Goudarzi, Hajiaghayi, Jabbarzade, Monemizadeh (2023), "Dynamic
Constrained Submodular Optimization with Polylogarithmic Update Time", ICML 2023,
arXiv:2305.15192. The proof is in docs/dynamic-submodular.md.
"""

import os
from collections.abc import Iterable, Iterator, Mapping
from types import MappingProxyType
from typing import Any, NamedTuple, Self

import numpy as np

from boundwise.core.arguments import as_count
from boundwise.core.errors import InputError
from boundwise.core.rng import make_rng
from boundwise.solvers.submodular import stored
from boundwise.solvers.submodular.bounds import upper_bound
from boundwise.solvers.submodular.bridge import Bridge
from boundwise.solvers.submodular.leveled.apply import apply
from boundwise.solvers.submodular.leveled.complete import complete
from boundwise.solvers.submodular.leveled.linked import addresses
from boundwise.solvers.submodular.leveled.state import (
    CALLS_COMPLETE,
    CALLS_PLACE,
    CALLS_REBUILD,
    CALLS_SINGLETON,
    CALLS_VALUE,
    CHANGES,
    FAILED,
    LENGTH,
    MODE,
    N_ALIVE,
    NONE,
    PLACE,
    REBUILDS,
    UPDATES,
    K,
    State,
    describe,
    new_state,
    with_more_slots,
)
from boundwise.solvers.submodular.objectives.base import Compiled
from boundwise.solvers.submodular.objectives.primitives import clear
from boundwise.solvers.submodular.objectives.protocol import Labelled, Objective
from boundwise.solvers.submodular.ops import ElementError, Elements, Updatable, Updates
from boundwise.solvers.submodular.parameters import Parameters
from boundwise.solvers.submodular.turn import Turn

_KINDS = {
    "singleton_calls": CALLS_SINGLETON,
    "placement_calls": CALLS_PLACE,
    "rebuild_calls": CALLS_REBUILD,
    "value_calls": CALLS_VALUE,
    "top_up_calls": CALLS_COMPLETE,
}
_COUNTS = {"rebuilds": REBUILDS, "solution_changes": CHANGES, "updates": UPDATES}
#: Elements are 32-bit integers.
_MOST = 2**31 - 1
#: Without monotonicity each element takes part with this probability.
_SAMPLED = 0.5


class Checkpoint(NamedTuple):
    """Hold what `DynamicMaximizer.run` saw after so many updates of a stream."""

    updates: int
    value: float
    lower: float
    upper: float
    solution: list[Any]


class _Answer(NamedTuple):
    """Hold the answer to the queries between two updates."""

    elements: list[int]
    value: float


class DynamicMaximizer(Updatable):
    """Maintain a good set of at most k elements under insertions and deletions.

    Parameters
    ----------
    objective
        Submodular function with f(empty set) = 0; its ground set is what may be
        inserted. Objectives of boundwise run compiled from end to end, one of your own
        through the same code with Python calls for its gains.
    k
        Largest number of elements of a solution.
    eps
        Accuracy, in [0.001, 0.5].
    mode
        ``"pair"`` keeps the two guesses of the optimum that matter; ``"all"`` keeps
        all, as published; ``"one_per_level"`` keeps two with one element a level.
    trigger
        ``"value"`` rebuilds when a guess has lost value: (1/2 - eps) of the optimum for
        certain, whatever the adversary knows. ``"count"`` (mode ``"all"``) rebuilds
        when a bucket has lost elements: that share in expectation, if the updates do
        not depend on the random choices.
    bucket
        Which bucket a level samples: ``"largest"`` (theory), ``"balanced"`` (the
        highest that is large enough) or ``"highest"`` (best value, many calls).
    strict
        Whether a guess that is not full must come close to its bound. If not, fewer
        guesses are visited, and values are worse.
    refresh_budget
        Oracle calls per update that are saved up for extra rebuilds.
    top_up
        Whether `solution` fills up with the best other elements.
    seed
        Seed of all random choices.

    Raises
    ------
    InputError
        If a parameter is out of range.

    Notes
    -----
    Without monotonicity (graph cut) each element takes part with probability one half,
    the usual reduction; nothing is promised then but `certificate`.

    References
    ----------
    Banihashem et al. (2023), arXiv:2305.15192.

    Examples
    --------
    >>> from boundwise.solvers.submodular.objectives import Coverage
    >>> best = DynamicMaximizer(Coverage([[1, 1, 0], [0, 1, 0], [0, 0, 1]]), k=2)
    >>> best.update([("insert", 0), ("insert", 1), ("insert", 2)])
    >>> best.delete(0)
    >>> best.solution(), best.value(), best.certificate()
    ([1, 2], 2.0, (2.0, 2.0))
    """

    def __init__(
        self,
        objective: Objective,
        k: int,
        *,
        eps: float = 0.2,
        mode: str = "pair",
        trigger: str = "value",
        bucket: str = "balanced",
        strict: bool = True,
        refresh_budget: float = 0,
        top_up: bool = True,
        seed: int | None = 0,
    ) -> None:
        self._parameters = Parameters(
            k, eps, mode, trigger, bucket, strict, refresh_budget, top_up
        )
        if not isinstance(objective, Objective):
            raise InputError(
                "objective must have n, monotone, value and stack, got "
                f"{type(objective).__name__}."
            )
        n = as_count("objective.n", objective.n)
        if n > _MOST:
            raise InputError(f"objective must have n of at most {_MOST}, got {n}.")
        self._turn = Turn()
        rng, self._seed = make_rng(seed)
        rules = self._parameters.rules(n)
        self._objective = objective
        self._bridge: Bridge | None = None
        if isinstance(objective, Compiled):
            table, size = objective.program(int(rules[K]))
        else:
            self._bridge = Bridge(objective, int(rules[K]))
            table, size = self._bridge.program()
        self._elements = Elements(
            n, objective.labels if isinstance(objective, Labelled) else None
        )
        random = int(rng.integers(2**63, dtype=np.int64))
        self._subset = np.empty(0, dtype=np.int64)
        if not objective.monotone:
            self._subset = (rng.random(n) < _SAMPLED).astype(np.int64)
        shares = self._parameters.shares()
        self._use(new_state(table, size, n, rules, shares, random))
        if self._bridge is None:
            clear(table, self._state.ints[0], self._state.reals[0])
        self._answer: _Answer | None = _Answer([], 0.0)

    def _use(self, state: State) -> None:
        """Work on these arrays from now on."""
        self._state = state
        self._words = describe(state, addresses(int(state.rules[MODE])))

    @property
    def k(self) -> int:
        """Largest number of elements of a solution."""
        return int(self._parameters.k)

    @property
    def seed(self) -> int:
        """Seed in use."""
        return self._seed

    def __len__(self) -> int:
        """Return how many elements are alive."""
        return int(self._state.now[N_ALIVE])

    def __contains__(self, element: object) -> bool:
        try:
            e = self._elements.index(element)
        except ElementError:
            return False
        return bool(self._state.element[PLACE, e] != NONE)

    def update(self, ops: Any) -> None:  # noqa: D102 (inherited)
        updates = self._elements.updates(ops)
        with self._turn:
            alive = self._state.element[PLACE, updates.elements] != NONE
            self._elements.check(updates, alive)
            # An interrupt may come as soon as the arrays have changed.
            answer, self._answer = self._answer, None
            if self._bridge is None:
                self._apply(updates)
                return
            try:
                self._guarded(lambda: self._apply(updates))
            except BaseException:
                self._answer = answer
                raise

    def _apply(self, updates: Updates) -> None:
        done = 0
        while True:
            done = apply(self._words.ctypes.data, *updates, done, self._subset)
            if done == len(updates.elements) or self._state.now[FAILED]:
                return
            # Every update of mode "all" opens the guesses that its element needs.
            self._use(with_more_slots(self._state))
            if self._bridge is not None:
                self._bridge.attach(self._state)

    def _guarded(self, action: Any) -> Any:
        """Run compiled code that calls Python; on an exception restore the state."""
        assert self._bridge is not None
        if not self._bridge.attached_to(self._state):
            self._bridge.attach(self._state)
        before = stored.copied(self._state)
        try:
            result = action()
            error = self._bridge.take_error()
            if error is not None:
                raise error
        except BaseException:
            self._use(before)
            raise
        return result

    def _asked(self) -> _Answer:
        """Return the solution and its value, computed once between two updates."""
        with self._turn:
            if self._answer is None:
                self._answer = self._completed()
            return self._answer

    def _completed(self) -> _Answer:
        length = int(self._state.now[LENGTH])
        if not self._objective.monotone and len(self) <= self._state.rules[K]:
            length = 0  # not all of them, perhaps
        top_up = self._parameters.top_up or not self._objective.monotone
        if self._bridge is None:
            size, value = complete(self._words.ctypes.data, length, top_up)
        else:
            size, value = self._guarded(
                lambda: complete(self._words.ctypes.data, length, top_up)
            )
        elements = sorted(self._state.pending[:size].tolist())
        return _Answer(elements, float(value))

    def solution(self) -> list[Any]:
        """Return the elements of the present solution, at most k."""
        return [self._elements.name(e) for e in self._asked().elements]

    def value(self) -> float:
        """Return the value of the present solution."""
        return self._asked().value

    def certificate(self) -> tuple[float, float]:
        """Return bounds on the best value of any k alive elements.

        Returns
        -------
        tuple
            The value of the solution, and a proven upper bound.
        """
        lower = self.value()
        return lower, upper_bound(self._state, lower, monotone=self._objective.monotone)

    @property
    def stats(self) -> Mapping[str, int]:
        """Oracle calls in all and by kind, rebuilds, changes of the solution, updates.

        One call is one marginal gain or one value of a set; the value of a single
        element counts once, when it is inserted. A change is an element that enters
        or leaves the maintained solution (which top-up does not touch).
        """
        now = self._state.now
        calls = {name: int(now[word]) for name, word in _KINDS.items()}
        counts = {name: int(now[word]) for name, word in _COUNTS.items()}
        return MappingProxyType(
            {"oracle_calls": sum(calls.values()), **calls, **counts}
        )

    def run(self, stream: Iterable[Any], every: int = 1) -> Iterator[Checkpoint]:
        """Carry out a stream of updates and stop for a look again and again.

        Parameters
        ----------
        stream
            Updates, as for `update`.
        every
            Updates between two looks; the last one is at the end of the stream.

        Yields
        ------
        Checkpoint
            What is known then.

        Raises
        ------
        InputError
            If ``every`` is not a positive integer.
        """
        every = as_count("every", every)
        updates = self._elements.updates(stream)
        return self._looks(updates, every)

    def _looks(self, updates: Updates, every: int) -> Iterator[Checkpoint]:
        count = len(updates.elements)
        for begin in range(0, count, every):
            end = min(begin + every, count)
            part = slice(begin, end)
            names = [self._elements.name(e) for e in updates.elements[part].tolist()]
            words = np.where(updates.inserts[part], "insert", "delete").tolist()
            self.update(list(zip(words, names, strict=True)))
            lower, upper = self.certificate()
            yield Checkpoint(end, self.value(), lower, upper, self.solution())

    def save(self, path: str | os.PathLike[str]) -> None:
        """Write everything but the objective to one file (arrays and JSON).

        Raises
        ------
        InputError
            If the file cannot be written.
        """
        stored.save(path, self._parameters, self._seed, self._subset, self._state)

    @classmethod
    def load(cls, path: str | os.PathLike[str], objective: Objective) -> Self:
        """Read what `save` wrote; the updates go on bit for bit.

        Parameters
        ----------
        path
            The file.
        objective
            The same function as before.

        Raises
        ------
        InputError
            If the file is damaged or does not fit the objective.
        """
        found = stored.load(path)
        parameters = found.parameters
        restored = cls(
            objective,
            parameters.k,
            eps=parameters.eps,
            mode=parameters.mode,
            trigger=parameters.trigger,
            bucket=parameters.bucket,
            strict=parameters.strict,
            refresh_budget=parameters.refresh_budget,
            top_up=parameters.top_up,
            seed=found.seed,
        )
        restored._subset = found.subset_like(restored._subset)
        restored._use(found.state_like(restored._state))
        restored._answer = None
        return restored

    def __reduce__(self) -> Any:
        """Refuse to be pickled: the arrays hold addresses of this process."""
        raise TypeError("a DynamicMaximizer cannot be pickled; use save and load.")
