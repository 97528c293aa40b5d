"""News that go to and come from other runs."""

import numpy as np
import pytest

import boundwise
from boundwise.core.errors import InputError
from boundwise.instances.checker import check


@pytest.fixture(scope="module")
def instance(knapsacks):
    """Return knapsacks that take long to solve."""
    return knapsacks(120, 15, 5)


class Recorder:
    """Hand out given solutions, one at a poll, and note what is published."""

    def __init__(self, *solutions):
        self.solutions = list(solutions)
        self.published = []

    def publish(self, x, objective, bound):
        self.published.append((x, objective, bound))

    def poll(self, objective):
        return self.solutions.pop(0) if self.solutions else None


def test_a_better_foreign_solution_becomes_the_incumbent(instance):
    best = boundwise.solve(instance, time_limit=2.5, engines=("scip",))
    exchange = Recorder(best.x)
    result = boundwise.solve(
        instance, time_limit=1.0, engines=("scip",), exchange=exchange
    )
    assert result.objective >= best.objective
    assert not exchange.solutions
    if result.objective == best.objective:
        assert any(event.who == "exchange" for event in result.trace)


def test_a_foreign_solution_that_is_not_feasible_is_refused(instance):
    exchange = Recorder(np.ones(120))
    result = boundwise.solve(
        instance, time_limit=1.0, engines=("scip",), exchange=exchange
    )
    assert not exchange.solutions
    assert check(instance, result.x, objective=result.objective).strict
    assert result.stats["rejected_solutions"] >= 1


def test_all_that_is_found_is_published_once(instance):
    exchange = Recorder()
    result = boundwise.solve(
        instance, time_limit=1.5, engines=("scip",), exchange=exchange
    )
    found = [(x, objective) for x, objective, _ in exchange.published if x is not None]
    values = [objective for _, objective in found]
    assert values == sorted(set(values))
    assert values[-1] == result.objective
    assert all(check(instance, x, objective=value).strict for x, value in found)


@pytest.mark.parametrize("bad", [object(), "address"])
def test_an_exchange_must_be_one(instance, bad):
    with pytest.raises(InputError, match="exchange"):
        boundwise.solve(instance, exchange=bad)
    with pytest.raises(InputError, match="exchange"):
        boundwise.solve(instance, exchange=Recorder(), method="scip")
