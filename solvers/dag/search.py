"""Searches from several starts, with perturbation, until a limit; the best one wins."""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from joblib import Parallel, delayed

from boundwise.core.status import Termination
from boundwise.solvers.dag.engines import Engine, Neighbourhood, TableEngine
from boundwise.solvers.dag.moments import Floats, Ints
from boundwise.solvers.dag.stopping import Stopper, StopSearch

#: Operations that perturbations of one start may take if their number is not given.
_KICK_WORK = 1.2e7
#: Most perturbations of one start if their number is not given.
_MOST_KICKS = 500
#: Operations between two looks at the clock.
_SLICE = 3e6


@dataclass(slots=True)
class Found:
    """What a search found.

    Parameters
    ----------
    value, order, weights
        Best score, its order and weights.
    history
        (seconds, score) at each improvement.
    rounds
        Number of steps taken.
    termination
        Why the search ended.
    """

    value: float
    order: Ints
    weights: Floats | None = None
    history: list[tuple[float, float]] = field(default_factory=list)
    rounds: int = 0
    termination: Termination = Termination.CONVERGED


class Recorder:
    """Keep the best state of an engine that has just started, with its history.

    Parameters
    ----------
    engine
        The engine.
    stopper
        Clock and reason to stop.
    """

    def __init__(self, engine: Engine, stopper: Stopper) -> None:
        self._engine, self._stopper = engine, stopper
        self._found = Found(math.inf, engine.order)
        self._look()

    def step(self, rounds: int = 1) -> None:
        """Count rounds and keep the present state if it is better."""
        self._found.rounds += rounds
        self._look()

    def stopped(self) -> None:
        """Note that the search had to stop."""
        self._found.termination = self._stopper.reason or Termination.INTERRUPTED

    def finish(self) -> Found:
        """Return the best state."""
        found = self._found
        if found.weights is None:
            self._engine.start(found.order)
            found.weights = self._engine.weights()
        return found

    def _look(self) -> None:
        found, engine = self._found, self._engine
        value = engine.value
        if value < found.value:
            found.value, found.order = value, engine.order
            found.weights = engine.weights() if engine.fitted else None
            found.history.append((self._stopper.deadline.elapsed(), value))


def run_from(
    engine: Engine, order: Ints, neighbourhood: Neighbourhood, stopper: Stopper
) -> Found:
    """Search from one order.

    Parameters
    ----------
    engine
        The search state, for this run alone.
    order
        The start.
    neighbourhood
        Moves and perturbations.
    stopper
        When to stop.

    Returns
    -------
    Found
        Never worse than the start.
    """
    engine.start(order)
    if isinstance(engine, TableEngine):
        engine.set_check(stopper.check)
    record = Recorder(engine, stopper)
    kicks = neighbourhood.kicks
    if kicks is None:
        kicks = min(_MOST_KICKS, int(_KICK_WORK / engine.kick_work))
    if len(order) < 3:
        kicks = 0
    piece = max(1, int(_SLICE / engine.kick_work))
    try:
        _descend(record, engine, stopper)
        while kicks > 0:
            stopper.check()
            count = min(piece, kicks)
            kicks -= count
            engine.kick(count)
            record.step(count)
        _descend(record, engine, stopper)
    except StopSearch:
        record.stopped()
    return record.finish()


def _descend(record: Recorder, engine: Engine, stopper: Stopper) -> None:
    more = True
    while more:
        stopper.check()
        more = engine.improve()
        record.step()


def run(
    make: Callable[[int], Engine],
    starts: Sequence[Ints],
    neighbourhood: Neighbourhood,
    stopper: Stopper,
    n_jobs: int | None = None,
) -> Found:
    """Search from several orders and return the best answer.

    Parameters
    ----------
    make
        Makes the engine of a start, given its number.
    starts
        The orders to start from.
    neighbourhood
        Moves and perturbations.
    stopper
        When to stop: the first start is always looked at.
    n_jobs
        Threads, as in joblib.

    Returns
    -------
    Found
        The best answer (the first among equals), with the history of all.
    """

    def one(number: int) -> Found:
        return run_from(make(number), starts[number], neighbourhood, stopper)

    return best_of_starts(one, len(starts), stopper, n_jobs)


def best_of_starts(
    one: Callable[[int], Found], count: int, stopper: Stopper, n_jobs: int | None
) -> Found:
    """Run searches by number, in threads, until a limit; return the best answer.

    Parameters
    ----------
    one
        Runs the search with a number.
    count
        How many there are; the first is always run.
    stopper
        When to stop.
    n_jobs
        Threads, as in joblib.
    """

    def unless_late(number: int) -> Found | None:
        return None if number and stopper.reason is not None else one(number)

    answers: list[Found | None]
    if count == 1 or n_jobs in (None, 1):
        answers = [unless_late(number) for number in range(count)]
    else:
        answers = Parallel(n_jobs=n_jobs, prefer="threads")(
            delayed(unless_late)(number) for number in range(count)
        )
    done = [answer for answer in answers if answer is not None]
    best = min(done, key=lambda answer: answer.value)
    events = sorted(event for answer in done for event in answer.history)
    best.history = []
    for seconds, value in events:
        if not best.history or value < best.history[-1][1]:
            best.history.append((seconds, value))
    best.rounds = sum(answer.rounds for answer in done)
    if len(done) < count:
        best.termination = stopper.reason or Termination.TIME_LIMIT
    for answer in done:
        if answer.termination is not Termination.CONVERGED:
            best.termination = answer.termination
    return best
