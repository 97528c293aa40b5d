import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from boundwise.heuristics.frank_wolfe.simplex_qp import minimize_over_simplex


@given(seed=st.integers(0, 2**32 - 1))
@settings(max_examples=100, deadline=None)
def test_no_direction_within_the_simplex_descends_from_the_solution(seed):
    """Optimality by its conditions; ranks, ties, duplicates and starts vary."""
    rng = np.random.default_rng(seed)
    count, rank = rng.integers(1, 15), rng.integers(1, 15)
    factor = rng.normal(size=(count, rank))
    if rng.random() < 0.5:
        factor = rng.integers(-2, 3, (count, rank)).astype(float)
    G, c = factor @ factor.T, rng.normal(size=count) * rng.choice([0.0, 0.1, 10.0])
    start = rng.random(count) * (rng.random(count) < 0.4)
    start = start / start.sum() if start.sum() > 0 else np.full(count, 1 / count)
    weights = minimize_over_simplex(G, c, start)
    costs = G @ weights + c
    assert weights.min() >= 0.0
    assert weights.sum() == pytest.approx(1.0, abs=1e-12)
    assert weights @ costs - costs.min() <= 1e-9 * (1.0 + np.abs(costs).max())


@pytest.mark.parametrize("scale", [0.0, 1e-8, 1e8])
def test_a_linear_function_goes_to_its_best_vertex(scale):
    c = np.array([3.0, -1.0, 2.0]) * (scale or 1.0)
    G = np.zeros((3, 3))
    assert minimize_over_simplex(G, c, np.full(3, 1 / 3)).tolist() == [0.0, 1.0, 0.0]


def test_a_constant_is_minimal_anywhere():
    weights = minimize_over_simplex(np.zeros((3, 3)), np.zeros(3), np.full(3, 1 / 3))
    assert weights.sum() == pytest.approx(1.0)
    assert weights.min() >= 0.0
