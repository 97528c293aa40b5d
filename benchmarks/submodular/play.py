"""Play a stream, or a game against an adversary, and measure.

All methods are charged alike: a value or a marginal gain is one call. The set is asked
for at checkpoints only, except by an adversary, who asks before each deletion. Time is
CPU time of the updates, the reading of sets by an adversary included.
"""

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from boundwise.benchmarks.submodular.specification import Problem
from boundwise.core.memory import resident_mebibytes
from boundwise.instances.generators.adversary import Adversary
from boundwise.instances.generators.streams import Stream

#: Looks at the set, evenly spread over the stream.
N_CHECKPOINTS = 60


class Maintainer(Protocol):
    """What `DynamicMaximizer` and the baselines have in common."""

    def update(self, ops: Any) -> None:
        """Carry out updates."""
        ...

    def solution(self) -> list[Any]:
        """Return the present set."""
        ...

    def value(self) -> float:
        """Return its value."""
        ...

    @property
    def stats(self) -> Mapping[str, int]:
        """Return counters."""
        ...


@dataclass(slots=True)
class Course:
    """Hold what was seen over a stream.

    Parameters
    ----------
    n_updates
        Updates that were carried out.
    length
        Updates of the whole stream.
    seconds
        CPU seconds of the updates.
    memory
        MiB that the method added to the process.
    counts, values, calls
        Updates, value of the set and calls at each checkpoint.
    sets
        The sets at the checkpoints.
    alive
        The alive elements at the checkpoints, for the comparison.
    deleted
        What an adversary deleted, in order.
    stats
        Counters at the end.
    """

    n_updates: int = 0
    length: int = 0
    seconds: float = 0.0
    memory: float = 0.0
    counts: list[int] = field(default_factory=list)
    values: list[float] = field(default_factory=list)
    calls: list[int] = field(default_factory=list)
    sets: list[list[int]] = field(default_factory=list)
    alive: list[NDArray[np.int64]] = field(default_factory=list)
    deleted: list[int] = field(default_factory=list)
    stats: dict[str, int] = field(default_factory=dict)

    @property
    def is_complete(self) -> bool:
        """Whether the whole stream was played."""
        return self.n_updates == self.length

    def look(self, method: Maintainer, alive: NDArray[np.int64]) -> None:
        """Record the present set."""
        self.counts.append(self.n_updates)
        self.sets.append([int(element) for element in method.solution()])
        self.values.append(method.value())
        self.calls.append(method.stats["oracle_calls"])
        self.alive.append(alive)


def checkpoints(length: int) -> list[int]:
    """Return after how many updates the set is looked at.

    Examples
    --------
    >>> checkpoints(5), len(checkpoints(10_000))
    ([1, 2, 3, 4, 5], 60)
    """
    places = np.linspace(length / N_CHECKPOINTS, length, N_CHECKPOINTS)
    return sorted({max(1, round(place)) for place in places.tolist()})


def play(
    problem: Problem,
    make: Callable[[], Maintainer],
    is_over: Callable[[], bool] = lambda: False,
) -> Course:
    """Run a method over an instance.

    Parameters
    ----------
    problem
        The instance.
    make
        Makes the method; called twice, once to compile what it needs.
    is_over
        Asked at checkpoints; ends the run.

    Returns
    -------
    Course
        What was seen.
    """
    _warm_up(make(), problem.n)
    before = resident_mebibytes()
    method = make()
    if problem.stream is None:
        course = _against_an_adversary(problem, method, is_over)
    else:
        course = _along(problem.stream, method, is_over)
    course.memory = max(0.0, resident_mebibytes() - before)
    course.stats = dict(method.stats)
    return course


def _along(stream: Stream, method: Maintainer, is_over: Callable[[], bool]) -> Course:
    course = Course(length=len(stream))
    for count in checkpoints(len(stream)):
        piece = slice(course.n_updates, count)
        ops = stream.is_insertion[piece], stream.elements[piece]
        start = time.process_time()
        method.update(ops)
        course.seconds += time.process_time() - start
        course.n_updates = count
        course.look(method, stream.alive_after(count))
        if is_over():
            break
    return course


def _against_an_adversary(
    problem: Problem, method: Maintainer, is_over: Callable[[], bool]
) -> Course:
    course = Course(length=problem.length)
    looks = set(checkpoints(problem.length))
    alive: dict[int, None] = {}
    start = time.process_time()
    game = Adversary(problem.n, problem.length, seed=problem.seed)
    for word, element in game.play(method.solution):
        method.update([(word, element)])
        course.n_updates += 1
        if word == "insert":
            alive[element] = None
        else:
            del alive[element]
            course.deleted.append(element)
        if course.n_updates in looks:
            course.seconds += time.process_time() - start
            course.look(method, np.fromiter(alive, dtype=np.int64))
            if is_over():
                break
            start = time.process_time()
    return course


def _warm_up(method: Maintainer, n: int) -> None:
    """Compile insertion, deletion, and the answer."""
    few = min(n, 3)
    method.update([("insert", element) for element in range(few)])
    method.update((np.array([False]), np.array([0], dtype=np.int64)))
    method.solution()
    method.value()
