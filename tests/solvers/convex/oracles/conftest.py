"""A second method for every set: its rows, given to a solver of linear programs."""

import numpy as np
import pytest
from scipy.optimize import Bounds, LinearConstraint, milp


def _minimum(direction, lower, upper, rows, low, high, integers):
    """Return the optimal value over rows and box, None if there is no point."""
    if (lower > upper).any():
        return None
    is_integer = np.zeros(len(direction))
    is_integer[integers] = 1
    found = milp(
        direction,
        bounds=Bounds(lower, upper),
        constraints=LinearConstraint(rows, low, high),
        integrality=is_integer,
        options={"mip_rel_gap": 0.0},
    )
    if found.status == 2:
        return None
    assert found.status == 0
    return found.fun


def _box(feasible_set, rng):
    """Return a random integral box within the bounds of a set, now and then empty."""
    lower, upper = feasible_set.lower.copy(), feasible_set.upper.copy()
    for j in np.flatnonzero(rng.random(len(lower)) < rng.choice([0.0, 0.2, 0.5])):
        if j in feasible_set.integers:
            ends = rng.integers(lower[j], upper[j] + 1, size=2)
        else:
            ends = rng.uniform(lower[j], upper[j], size=2)
        lower[j], upper[j] = min(ends), max(ends)
    return lower, upper


def _direction(count, rng):
    """Return costs of both signs, with ties and zeros in every third case."""
    if rng.random() < 0.3:
        return rng.integers(-2, 3, count).astype(float)
    return rng.normal(size=count)


def _agrees(feasible_set, rows, low, high, rng):
    """Check one random direction and box against the solver."""
    lower, upper = _box(feasible_set, rng)
    direction = _direction(len(lower), rng)
    truth = _minimum(direction, lower, upper, rows, low, high, feasible_set.integers)
    vertex = feasible_set.extreme_point(direction, lower, upper)
    if truth is None:
        assert vertex is None
        return
    assert vertex is not None
    assert vertex @ direction == pytest.approx(truth, abs=1e-6)
    assert (vertex >= lower - 1e-9).all()
    assert (vertex <= upper + 1e-9).all()
    activity = rows @ vertex
    assert (activity >= np.asarray(low) - 1e-7).all()
    assert (activity <= np.asarray(high) + 1e-7).all()
    entries = vertex[feasible_set.integers]
    assert np.array_equal(entries, np.rint(entries))


@pytest.fixture(scope="session")
def agrees():
    """Return a function that compares an oracle with a solver on its rows."""
    return _agrees


@pytest.fixture(scope="session")
def minimum():
    """Return a function that minimises over rows and a box."""
    return _minimum


@pytest.fixture(scope="session")
def random_box():
    """Return a function that draws a box within a set's bounds."""
    return _box


@pytest.fixture(scope="session")
def random_direction():
    """Return a function that draws costs."""
    return _direction
