"""Conditional gradients over the l1 ball, against hand values and least squares."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from boundwise.core.errors import InputError
from boundwise.heuristics.frank_wolfe.l1_ball import (
    minimize_columns_over_l1_ball,
    minimize_over_l1_ball,
)

VARIANTS = ("cg", "pcg", "bpcg")


def problem(seed, k=6, m=40):
    rng = np.random.default_rng(seed)
    X, t = rng.normal(size=(m, k)), rng.normal(size=m)
    return X.T @ X / m, -X.T @ t / m, float(t @ t / m)


@pytest.mark.parametrize("variant", VARIANTS)
def test_the_projection_onto_the_ball_is_known(variant):
    # min ||y - (3, 1)||^2 over the l1 ball of radius 2 is at (2, 0).
    solution = minimize_over_l1_ball(
        np.eye(2), np.array([-3.0, -1.0]), 10.0, radius=2.0, variant=variant
    )
    np.testing.assert_allclose(solution.point, [2, 0], atol=1e-6)
    assert solution.value == pytest.approx(2.0, abs=1e-6)


@pytest.mark.parametrize("variant", ["pcg", "bpcg"])
@given(st.integers(0, 10**6), st.floats(0.05, 20))
@settings(max_examples=40, deadline=None)
def test_the_gap_bounds_the_error_and_closes(variant, seed, radius):
    A, b, c = problem(seed)
    solution = minimize_over_l1_ball(
        A, b, c, radius=radius, variant=variant, gap_tol=1e-9
    )
    assert np.abs(solution.point).sum() <= radius * (1 + 1e-9)
    assert solution.gap <= 1e-9
    free = c - b @ np.linalg.solve(A, b)
    assert solution.value >= free - 1e-9
    if np.abs(np.linalg.solve(A, b)).sum() < radius:
        assert solution.value == pytest.approx(free, abs=1e-7)


def test_the_variants_agree():
    A, b, c = problem(1)
    values = [
        minimize_over_l1_ball(A, b, c, radius=0.3, variant=v, gap_tol=1e-4).value
        for v in VARIANTS
    ]
    assert np.ptp(values) < 2e-4


def test_pairwise_steps_need_far_fewer_iterations_than_plain_ones():
    A, b, c = problem(3)
    slow = minimize_over_l1_ball(A, b, c, radius=0.3, variant="cg", gap_tol=1e-7)
    fast = minimize_over_l1_ball(A, b, c, radius=0.3, variant="bpcg", gap_tol=1e-7)
    assert fast.gap <= 1e-7
    assert fast.iterations < slow.iterations / 5


def test_dropping_vertices_leaves_the_others_in_place():
    # The start mixes +e_0 and -e_0; both must go, and the iterate stays a mixture.
    A, b, c = np.eye(3), np.array([0.0, -5.0, -4.9]), 50.0
    for variant in ("pcg", "bpcg"):
        solution = minimize_over_l1_ball(A, b, c, radius=2.0, variant=variant)
        np.testing.assert_allclose(solution.point, [0, 1.05, 0.95], atol=1e-6)


def test_it_stops_at_the_target_and_gives_up_when_that_is_out_of_reach():
    A, b, c = problem(2)
    best = minimize_over_l1_ball(A, b, c, radius=5.0, gap_tol=1e-12)
    between = (best.value + c) / 2
    early = minimize_over_l1_ball(A, b, c, radius=5.0, target=between)
    assert best.value < early.value <= between
    assert early.iterations < best.iterations
    hopeless = minimize_over_l1_ball(
        A, b, c, radius=5.0, target=best.value - 0.01, give_up=True
    )
    assert hopeless.value - hopeless.gap > best.value - 0.01
    assert hopeless.iterations < best.iterations


def test_a_zero_problem_stays_at_zero():
    solution = minimize_over_l1_ball(np.zeros((2, 2)), np.zeros(2), 1.5, radius=1.0)
    assert solution.point.tolist() == [0, 0]
    assert solution.value == 1.5


def test_a_thousand_updates_do_not_drift():
    A, b, c = problem(4, k=30, m=33)
    solution = minimize_over_l1_ball(
        A, b, c, radius=50.0, variant="bpcg", gap_tol=1e-13, max_iterations=20_000
    )
    free = c - b @ np.linalg.solve(A, b)
    assert solution.value == pytest.approx(free, abs=1e-8)


def test_many_columns_equal_one_by_one():
    A, b, c = problem(5, k=8)
    rng = np.random.default_rng(0)
    B = np.column_stack([b, rng.normal(size=8), b])
    C, sizes, radii = np.array([c, 9.0, c]), np.array([8, 8, 3]), np.array([1, 0.5, 2])
    points, values = minimize_columns_over_l1_ball(
        A, B, C, sizes=sizes, radii=radii, target=-math.inf, max_iterations=500
    )
    for j in range(3):
        k = sizes[j]
        one = minimize_over_l1_ball(
            A[:k, :k], B[:k, j], C[j], radius=radii[j], max_iterations=500
        )
        np.testing.assert_allclose(points[:k, j], one.point, atol=1e-9)
        assert values[j] == pytest.approx(one.value, abs=1e-12)
        assert not points[k:, j].any()


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"radius": 0.0}, "radius must be a positive number, got 0.0"),
        ({"radius": math.inf}, "radius must be finite, got inf"),
        ({"variant": "fast"}, "variant must be one of"),
        ({"max_iterations": 0}, "max_iterations must be a positive integer"),
    ],
)
def test_bad_arguments_are_refused(change, message):
    with pytest.raises(InputError, match=message):
        minimize_over_l1_ball(np.eye(2), np.zeros(2), 1.0, **{"radius": 1.0} | change)


def test_shapes_that_do_not_match_are_refused():
    with pytest.raises(InputError, match="matching sizes"):
        minimize_over_l1_ball(np.eye(3), np.zeros(2), 1.0, radius=1.0)
    arguments = {"target": 0.0, "max_iterations": 5}
    with pytest.raises(InputError, match="must match"):
        minimize_columns_over_l1_ball(
            np.eye(2),
            np.zeros((2, 3)),
            np.zeros(3),
            sizes=np.ones(2, int),
            radii=np.ones(3),
            **arguments,
        )
    with pytest.raises(InputError, match="sizes must lie"):
        minimize_columns_over_l1_ball(
            np.eye(2),
            np.zeros((2, 1)),
            np.zeros(1),
            sizes=np.array([3]),
            radii=np.ones(1),
            **arguments,
        )
