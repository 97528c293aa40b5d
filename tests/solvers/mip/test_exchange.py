"""News that go to and come from other runs."""

import numpy as np
import pytest
from scipy import sparse

import boundwise
from boundwise.core.errors import InputError
from boundwise.instances.checker import check
from boundwise.instances.instance import Instance


@pytest.fixture(scope="module")
def instance():
    """Return knapsacks that take long to solve."""
    rng = np.random.default_rng(5)
    weights = rng.integers(10, 100, size=(15, 120)).astype(float)
    return Instance(
        name="knapsacks",
        objective=weights.sum(axis=0) / 15 + rng.integers(0, 20, 120),
        matrix=sparse.csr_array(weights),
        row_lower=np.full(15, -np.inf),
        row_upper=np.floor(weights.sum(axis=1) / 2),
        lower=np.zeros(120),
        upper=np.ones(120),
        is_integer=np.ones(120, dtype=bool),
        names=tuple(f"x{j}" for j in range(120)),
        row_names=tuple(f"r{i}" for i in range(15)),
        sense="maximize",
    )


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
