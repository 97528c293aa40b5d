"""Greedy on a fixed ground set: the same choices by every road, and true bounds."""

import itertools
import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from boundwise.core.errors import InputError
from boundwise.instances.generators.set_systems import heavy_tailed_sets
from boundwise.solvers.submodular.objectives import (
    Coverage,
    FacilityLocation,
    GraphCut,
    LogDeterminant,
)
from boundwise.solvers.submodular.static import maximize

METHODS = ("lazy", "greedy", "stochastic", "threshold")


class Foreign:
    """The user's own form of an objective: only the protocol."""

    monotone = True

    def __init__(self, inner):
        self.inner = inner
        self.n = inner.n
        self.batches = 0

    def value(self, elements):
        return self.inner.value(elements)

    def stack(self, height):
        owner, stack = self, self.inner.stack(height)

        class Stack:
            def gains(self, elements, size=None):
                owner.batches += 1
                return stack.gains(elements, size)

            push = staticmethod(stack.push)
            pop_to = staticmethod(stack.pop_to)

        return Stack()


def small(seed):
    rng = np.random.default_rng(seed)
    factor = rng.random((10, 4))
    return [
        Coverage(rng.random((10, 15)) < 0.3, rng.random(15)),
        FacilityLocation(rng.random((10, 6))),
        LogDeterminant(factor @ factor.T),
    ]


def by_hand(objective, k):
    """Return plain greedy, written out."""
    chosen = []
    for _ in range(k):
        values = [
            -math.inf if e in chosen else objective.value([*chosen, e])
            for e in range(objective.n)
        ]
        chosen.append(int(np.argmax(values)))
    return chosen


@pytest.mark.parametrize("wrap", [lambda f: f, Foreign])
def test_lazy_and_plain_greedy_choose_what_greedy_chooses(wrap):
    for objective in small(1):
        wanted = by_hand(objective, 4)
        for method in ("lazy", "greedy"):
            found = maximize(wrap(objective), 4, method=method)
            assert found.solution.tolist() == wanted
            assert found.value == pytest.approx(objective.value(wanted))
            assert found.gains.sum() == pytest.approx(found.value)


@pytest.mark.parametrize("wrap", [lambda f: f, Foreign])
@pytest.mark.parametrize("method", METHODS)
@settings(max_examples=8, deadline=None)
@given(seed=st.integers(0, 10_000), k=st.integers(1, 12))
def test_the_bound_is_above_the_optimum(wrap, method, seed, k):
    for objective in small(seed):
        sets = itertools.combinations(range(10), min(k, 10))
        best = max(
            objective.value(list(chosen)) for chosen in itertools.islice(sets, 60)
        )
        found = maximize(wrap(objective), k, method=method, seed=seed)
        assert found.upper_bound >= best - 1e-9
        assert found.upper_bound >= found.value
        assert len(found.solution) <= k
        assert len(set(found.solution.tolist())) == len(found.solution)
        assert objective.value(found.solution) == pytest.approx(found.value)


def test_greedy_reaches_its_share_of_the_optimum():
    for seed in range(5):
        for objective in small(seed):
            best = max(
                objective.value(list(c)) for c in itertools.combinations(range(10), 3)
            )
            for method in ("lazy", "threshold"):
                found = maximize(objective, 3, method=method, eps=0.05)
                assert found.value >= (1 - 1 / math.e - 0.05) * best
                assert found.upper_bound >= best - 1e-9


def test_lazy_asks_for_much_less():
    objective = Coverage(heavy_tailed_sets(2000, seed=1))
    lazy, plain, sampled, falling = (
        maximize(objective, 30, method=m, certify=False) for m in METHODS
    )
    assert lazy.solution.tolist() == plain.solution.tolist()
    assert lazy.oracle_calls < plain.oracle_calls / 10
    assert sampled.oracle_calls < plain.oracle_calls / 4
    assert min(sampled.value, falling.value) > 0.9 * lazy.value
    assert lazy.upper_bound == math.inf


def test_a_users_objective_is_asked_in_batches():
    objective = Foreign(Coverage(heavy_tailed_sets(2000, seed=1)))
    found = maximize(objective, 30)
    assert objective.batches < 200
    assert found.oracle_calls < 10_000
    assert found.solution.tolist() == maximize(objective.inner, 30).solution.tolist()


@pytest.mark.parametrize("wrap", [lambda f: f, Foreign])
@pytest.mark.parametrize("method", METHODS)
def test_elements_without_gain_are_left_out(wrap, method):
    objective = wrap(Coverage([[1, 1, 0], [1, 0, 0], [0, 0, 1], [0, 1, 0]]))
    found = maximize(objective, 4, method=method)
    assert found.value == found.upper_bound == 3.0
    assert found.gains.min() > 0
    if method != "stochastic":
        assert sorted(found.solution.tolist()) == [0, 2]
    assert maximize(objective, 2, method=method, elements=[]).value == 0.0
    some = maximize(objective, 2, method=method, elements=[1, 3])
    assert sorted(some.solution.tolist()) == [1, 3]


@pytest.mark.parametrize("wrap", [lambda f: f, Foreign])
def test_a_seed_makes_the_sample(wrap):
    objective = wrap(Coverage(heavy_tailed_sets(500, seed=1)))
    runs = [maximize(objective, 10, method="stochastic", seed=s) for s in (1, 1, 2)]
    assert runs[0].solution.tolist() == runs[1].solution.tolist()
    assert runs[0].solution.tolist() != runs[2].solution.tolist()


class Lying(Foreign):
    """An objective whose gains are not what it promises."""

    def __init__(self, answer):
        super().__init__(Coverage(np.eye(5)))
        self.answer = answer

    def stack(self, height):
        answer = self.answer

        class Stack:
            def gains(self, elements, size=None):
                return np.full(len(elements), answer)

            def push(self, element):
                pass

        return Stack()


def test_gains_that_break_the_promise_are_refused():
    with pytest.raises(InputError, match="finite gains"):
        maximize(Lying(np.nan), 2)
    with pytest.raises(InputError, match="says it is monotone"):
        maximize(Lying(-1.0), 2)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"k": 0}, "k must be"),
        ({"k": True}, "k must be"),
        ({"method": "fast"}, "method must be one of"),
        ({"eps": 0.0}, "eps must be"),
        ({"eps": math.nan}, "eps must be"),
        ({"elements": [1, 1]}, "distinct"),
        ({"elements": [77]}, "elements must lie in"),
        ({"seed": -3}, "seed"),
    ],
)
def test_arguments_out_of_range_are_named(options, message):
    with pytest.raises(InputError, match=message):
        maximize(small(0)[0], **({"k": 2} | options))


def test_a_function_that_is_not_monotone_is_refused():
    with pytest.raises(InputError, match="monotone"):
        maximize(GraphCut(np.array([[0.0, 1.0], [1.0, 0.0]])), 1)
