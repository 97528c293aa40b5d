"""Functions of the user: the same course as compiled ones, and nothing on errors."""

import numpy as np
import pytest

from boundwise.benchmarks.submodular.bars import random_objectives
from boundwise.core.errors import InputError
from boundwise.instances.generators.streams import random_updates
from boundwise.solvers.submodular import DynamicMaximizer, SetFunction

OBJECTIVES = random_objectives(12, seed=3)


def test_a_user_function_runs_through_the_same_algorithm():
    """Calls to Python change nothing in the course."""
    compiled = OBJECTIVES["facility location"]
    plain = SetFunction(lambda chosen: compiled.value(chosen), n=12)
    stream = random_updates(12, 80, seed=3)
    courses = []
    for objective in (compiled, plain):
        maximizer = DynamicMaximizer(objective, 3)
        maximizer.update(stream)
        courses.append((maximizer.solution(), dict(maximizer.stats)))
    assert courses[0] == courses[1]


def test_a_function_that_raises_leaves_the_state_as_it_was():
    base = OBJECTIVES["coverage"]
    budget = [10**9]

    def function(chosen):
        budget[0] -= 1
        if budget[0] < 0:
            raise RuntimeError("no more")
        return base.value(chosen)

    maximizer = DynamicMaximizer(SetFunction(function, n=12), 3)
    maximizer.update([("insert", e) for e in range(10)])
    before = (maximizer.solution(), maximizer.certificate(), dict(maximizer.stats))
    for calls in (0, 1, 3, 6):
        budget[0] = calls
        with pytest.raises(RuntimeError, match="no more"):
            maximizer.update([("delete", e) for e in maximizer._answer.elements])
        budget[0] = 10**9
        after = (maximizer.solution(), maximizer.certificate(), dict(maximizer.stats))
        assert after == before
    clean = DynamicMaximizer(base, 3)
    clean.update([("insert", e) for e in range(10)])
    clean.solution()
    for either in (maximizer, clean):
        either.update([("delete", 0), ("insert", 11)])
    assert maximizer.solution() == clean.solution()


@pytest.mark.parametrize(
    ("function", "message"),
    [
        (lambda chosen: float("nan") if chosen else 0.0, "finite"),
        (lambda chosen: -float(len(chosen)), "negative"),
    ],
)
def test_nan_and_negative_gains_are_refused(function, message):
    maximizer = DynamicMaximizer(SetFunction(function, n=5), 2)
    with pytest.raises(InputError, match=message):
        maximizer.insert(0)
    assert len(maximizer) == 0


@pytest.mark.parametrize("answer", [None, "x", 1j, np.ones(2)], ids=str)
def test_what_is_no_number_is_refused_and_nothing_happens(answer):
    maximizer = DynamicMaximizer(SetFunction(lambda chosen: answer, n=5), 2)
    with pytest.raises(InputError, match="must return a number"):
        maximizer.insert(0)
    assert len(maximizer) == 0
    assert maximizer.solution() == []


class Miscounted:
    """Answer one gain too many."""

    n, monotone = 6, True

    def value(self, elements):
        return float(len(elements))

    def stack(self, height):
        return self

    def gains(self, elements, size=None):
        return np.ones(len(elements) + 1)

    def push(self, element):
        pass

    def pop_to(self, size):
        pass


def test_gains_of_a_wrong_number_are_refused():
    with pytest.raises(InputError, match="gains must have shape"):
        DynamicMaximizer(Miscounted(), 2).insert(0)


def test_an_interrupt_within_a_function_leaves_the_state_as_it_was():
    base = OBJECTIVES["coverage"]
    pressed = []

    def function(chosen):
        if pressed:
            raise KeyboardInterrupt
        return base.value(chosen)

    maximizer = DynamicMaximizer(SetFunction(function, n=12), 3)
    maximizer.update([("insert", e) for e in range(8)])
    before = maximizer.solution()
    pressed.append(True)
    with pytest.raises(KeyboardInterrupt):
        maximizer.update([("insert", e) for e in range(8, 12)])
    assert len(maximizer) == 8
    assert maximizer.solution() == before
