import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from boundwise.core.errors import InputError
from boundwise.solvers.convex.oracles.norm_balls import (
    KSparseBall,
    L1Ball,
    NuclearNormBall,
)

SEEDS = st.integers(0, 2**32 - 1)


@pytest.mark.parametrize("kind", ["l1", "k-sparse"])
@given(seed=SEEDS)
@settings(max_examples=25, deadline=None)
def test_a_ball_cut_with_a_box_agrees_with_a_linear_program(
    minimum, random_box, random_direction, kind, seed
):
    """The rows |x_j| <= t_j, sum t <= radius need variables of their own."""
    rng = np.random.default_rng(seed)
    count = 4
    ball = L1Ball(count, 1.5) if kind == "l1" else KSparseBall(count, 2, 0.75)
    lower, upper = random_box(ball, rng)
    direction = random_direction(count, rng)
    eye = np.eye(count)
    rows = np.block(
        [[eye, -eye], [-eye, -eye], [np.zeros((1, count)), np.ones((1, count))]]
    )
    high = np.concatenate((np.zeros(2 * count), [ball.radius]))
    truth = minimum(
        np.concatenate((direction, np.zeros(count))),
        np.concatenate((lower, np.zeros(count))),
        np.concatenate((upper, np.full(count, 2.0))),
        rows,
        np.full(len(high), -np.inf),
        high,
        [],
    )
    vertex = ball.extreme_point(direction, lower, upper)
    if truth is None:
        assert vertex is None
        return
    assert vertex @ direction == pytest.approx(truth, abs=1e-7)
    assert np.abs(vertex).sum() <= ball.radius + 1e-9
    assert (vertex >= lower).all()
    assert (vertex <= upper).all()


@given(seed=SEEDS)
@settings(max_examples=20, deadline=None)
def test_no_matrix_of_the_nuclear_ball_is_below_its_extreme_point(seed):
    rng = np.random.default_rng(seed)
    ball = NuclearNormBall(3, 4, 2.0)
    direction = rng.normal(size=12)
    vertex = ball.extreme_point(direction, ball.lower, ball.upper)
    assert np.linalg.svd(vertex.reshape(3, 4))[1].sum() == pytest.approx(2.0)
    for _ in range(20):
        matrix = rng.normal(size=(3, 4))
        matrix *= 2.0 / np.linalg.svd(matrix)[1].sum()
        assert matrix.ravel() @ direction >= vertex @ direction - 1e-9


def test_a_nuclear_ball_refuses_to_be_cut():
    ball = NuclearNormBall(2, 2)
    with pytest.raises(InputError, match="cannot be cut with a box"):
        ball.extreme_point(np.ones(4), np.zeros(4), ball.upper)


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: L1Ball(3, 0.0), "radius must be a positive number"),
        (lambda: L1Ball(True), "dimension must be a positive integer"),
        (lambda: KSparseBall(3, 0), "nonzeros must be a positive integer"),
        (lambda: NuclearNormBall(0, 3), "rows must be a positive integer"),
    ],
)
def test_a_bad_argument_is_named(make, message):
    with pytest.raises(InputError, match=message):
        make()
