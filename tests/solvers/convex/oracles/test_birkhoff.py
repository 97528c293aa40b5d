import itertools

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from boundwise.core.errors import InputError
from boundwise.solvers.convex.oracles.birkhoff import Birkhoff

SEEDS = st.integers(0, 2**32 - 1)
PERMUTATIONS = np.array(
    [np.eye(4)[list(order)].ravel() for order in itertools.permutations(range(4))]
)


@given(seed=SEEDS)
@settings(max_examples=50, deadline=None)
def test_the_cheapest_permutation_within_a_box_is_found(random_direction, seed):
    rng = np.random.default_rng(seed)
    chosen = Birkhoff(4)
    lower, upper = chosen.lower.copy(), chosen.upper.copy()
    lower[rng.random(16) < rng.choice([0.0, 0.05, 0.2])] = 1.0
    upper[(rng.random(16) < rng.choice([0.0, 0.3, 0.5])) & (lower == 0.0)] = 0.0
    direction = random_direction(16, rng)
    inside = (lower <= PERMUTATIONS).all(axis=1) & (upper >= PERMUTATIONS).all(axis=1)
    vertex = chosen.extreme_point(direction, lower, upper)
    if not inside.any():
        assert vertex is None
        return
    assert vertex @ direction == pytest.approx(min(PERMUTATIONS[inside] @ direction))
    assert (PERMUTATIONS[inside] == vertex).all(axis=1).any()


def test_an_entry_fixed_to_one_that_is_forbidden_leaves_nothing():
    chosen = Birkhoff(2)
    lower, upper = np.array([1.0, 0, 0, 0]), np.array([0.0, 1, 1, 1])
    assert chosen.extreme_point(np.zeros(4), lower, upper) is None


@given(seed=SEEDS)
@settings(max_examples=30, deadline=None)
def test_the_worst_permutation_of_a_face_keeps_its_zeros_and_ones(seed):
    rng = np.random.default_rng(seed)
    chosen = Birkhoff(4)
    corners = PERMUTATIONS[rng.choice(24, 2, replace=False)]
    x = 0.3 * corners[0] + 0.7 * corners[1]
    direction = rng.normal(size=16)
    worst = chosen.in_face_extreme_point(-direction, x, chosen.lower, chosen.upper)
    assert worst[x == 0.0] == pytest.approx(0.0)
    assert worst[x >= 1.0 - 1e-12] == pytest.approx(1.0)
    assert worst @ direction >= max(corners @ direction) - 1e-12
    step = chosen.max_step(x, x - worst, chosen.lower, chosen.upper)
    moved = x + step * (x - worst)
    assert moved.min() >= -1e-12
    assert moved.reshape(4, 4).sum(axis=0) == pytest.approx(np.ones(4))


def test_a_bad_order_is_named():
    with pytest.raises(InputError, match="order must be a positive integer, got 0"):
        Birkhoff(0)
