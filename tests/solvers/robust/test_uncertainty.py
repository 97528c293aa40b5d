"""Uncertainty sets: their vertices, projections and samples."""

import itertools

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from boundwise.core.errors import InputError
from boundwise.solvers.robust import BoxSet, BudgetSet, PolyhedralSet


def sets(q=4, gamma=1.5):
    rows = (np.ones((1, q)), [gamma], np.zeros(q), np.ones(q))
    return (
        BoxSet(-np.ones(q), np.arange(q)),
        BudgetSet(q, gamma),
        PolyhedralSet(*rows),
    )


@pytest.mark.parametrize("uncertainty", sets())
def test_samples_and_vertices_are_in_the_set(uncertainty):
    rng = np.random.default_rng(0)
    for draw in (uncertainty.sample, uncertainty.sample_vertices):
        scenarios = draw(rng, 40)
        assert scenarios.shape == (40, 4)
        assert all(uncertainty.contains(xi) for xi in scenarios)
        assert len(np.unique(scenarios, axis=0)) > 3
    assert uncertainty.contains(uncertainty.nominal)


@settings(max_examples=60, deadline=None)
@given(seed=st.integers(0, 2**32 - 1), gamma=st.floats(0.0, 5.0))
def test_a_budget_is_maximised_as_the_polytope_is(seed, gamma):
    rng = np.random.default_rng(seed)
    direction = rng.normal(size=4)
    budget = BudgetSet(4, gamma)
    # Vertices of the budget set: ones, and one entry with what is left.
    whole = int(min(gamma, 4))
    best = 0.0
    for count in range(whole + 1):
        for ones in itertools.combinations(range(4), count):
            value = direction[list(ones)].sum()
            rest = [direction[j] for j in range(4) if j not in ones]
            extra = (gamma - whole) * max(rest, default=0.0) if count == whole else 0.0
            best = max(best, value, value + extra)
    found = budget.maximize(direction)
    assert budget.contains(found)
    assert direction @ found == pytest.approx(best, abs=1e-12)


@settings(max_examples=40, deadline=None)
@given(seed=st.integers(0, 2**32 - 1), gamma=st.floats(0.1, 4.0))
def test_a_projection_is_closer_than_any_sample(seed, gamma):
    rng = np.random.default_rng(seed)
    point = 2.0 * rng.normal(size=4)
    budget = BudgetSet(4, gamma)
    shadow = budget.project(point)
    assert budget.contains(shadow)
    distance = np.linalg.norm(point - shadow)
    for xi in [*budget.sample(rng, 30), *budget.sample_vertices(rng, 30)]:
        assert distance <= np.linalg.norm(point - xi) + 1e-9
        # The variational inequality: no scenario lies on the far side.
        assert (point - shadow) @ (xi - shadow) <= 1e-8


def test_the_projection_on_a_polytope_is_that_on_the_budget_it_describes():
    rng = np.random.default_rng(1)
    _, budget, polytope = sets()
    for point in 2.0 * rng.normal(size=(5, 4)):
        assert polytope.project(point) == pytest.approx(budget.project(point), abs=1e-6)


def test_empty_and_wrong_sets_are_refused():
    with pytest.raises(InputError, match="empty"):
        BoxSet([1.0], [0.0])
    with pytest.raises(InputError, match="gamma must be a non-negative number"):
        BudgetSet(3, -1.0)
    with pytest.raises(InputError, match="not be empty"):
        PolyhedralSet([[1.0]], [-1.0], [0.0], [1.0])
    with pytest.raises(InputError, match="must be finite"):
        BoxSet([np.nan], [1.0])
    with pytest.raises(InputError, match="nominal must be in"):
        BoxSet([0.0], [1.0], nominal=[2.0])
