"""What every objective promises: derivatives, convexity, constants."""

import numpy as np
import pytest

from boundwise.heuristics.frank_wolfe.protocols import (
    QuadraticObjective,
    TwiceDifferentiable,
)
from boundwise.solvers.convex.objectives import Perspective, StructuredObjective

N = 6


def points(seed, count):
    """Points of the domain of every objective: positive."""
    return np.random.default_rng(seed).uniform(0.2, 1.5, size=(count, N))


def test_it_is_a_structured_objective(objective):
    assert isinstance(objective, StructuredObjective)
    assert objective.n_variables == N


def test_gradients_agree_with_finite_differences(objective):
    for x in points(1, 5):
        step = 1e-6 * np.eye(N)
        slopes = [
            (objective.value(x + d) - objective.value(x - d)) / 2e-6 for d in step
        ]
        assert objective.gradient(x) == pytest.approx(slopes, rel=2e-5, abs=2e-6)


def test_second_derivatives_agree_with_those_of_the_gradient(objective):
    assert isinstance(objective, TwiceDifferentiable)
    directions = np.random.default_rng(2).normal(size=(3, N))
    for x in points(3, 3):
        want = [
            (objective.gradient(x + 1e-5 * d) - objective.gradient(x - 1e-5 * d)) / 2e-5
            for d in directions
        ]
        got = objective.hessian_product(x, directions)
        assert got == pytest.approx(np.array(want), rel=1e-5, abs=1e-5)


def test_products_are_those_of_the_hessian(objective):
    if not isinstance(objective, QuadraticObjective):
        pytest.skip("not quadratic")
    x, d = points(4, 2)
    assert objective.product(d) == pytest.approx(
        objective.gradient(x + d) - objective.gradient(x)
    )
    assert objective.curvature(d) == pytest.approx(d @ objective.product(d))


def test_gradients_belong_to_the_caller(objective):
    x = points(5, 1)[0]
    first = objective.gradient(x)
    kept = first.copy()
    first[:] = 7.0
    assert objective.gradient(x) == pytest.approx(kept)


@pytest.mark.parametrize("seed", range(20))
def test_chords_lie_above_and_tangents_below(objective, seed):
    x, y = points(seed, 2)
    t = float(np.random.default_rng(seed).uniform())
    fx, fy, g = objective.value(x), objective.value(y), objective.gradient(x)
    slack = 1e-9 * (1.0 + abs(fx) + abs(fy))
    assert objective.value(t * x + (1 - t) * y) <= t * fx + (1 - t) * fy + slack
    d = y - x
    by_diagonal = float(objective.curvature_floor() @ (d * d))
    floor = 0.5 * max(objective.strong_convexity * float(d @ d), by_diagonal)
    assert fy >= fx + g @ d + floor - slack
    if not isinstance(objective, Perspective):  # which has one only under the switches
        ceiling = 0.5 * min(objective.lipschitz, 1e12) * float(d @ d)
        assert fy <= fx + g @ d + ceiling + slack
