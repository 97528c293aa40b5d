import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from boundwise.core.errors import InputError
from boundwise.solvers.convex.oracles.simplex import (
    BoundedSum,
    Hypersimplex,
    ProbabilitySimplex,
    UnitHypersimplex,
    UnitSimplex,
)

SEEDS = st.integers(0, 2**32 - 1)
SETS = {
    "probability": lambda: ProbabilitySimplex(5, 2.5),
    "integral": lambda: ProbabilitySimplex(5, 4, integral=True),
    "unit": lambda: UnitSimplex(5, 1.5),
    "hypersimplex": lambda: Hypersimplex(6, 3),
    "unit hypersimplex": lambda: UnitHypersimplex(6, 2),
    "general": lambda: BoundedSum(-np.ones(4), np.arange(4.0), 1.5, at_most=True),
}


@pytest.mark.parametrize("name", SETS)
@given(seed=SEEDS)
@settings(max_examples=15, deadline=None)
def test_every_bounded_sum_agrees_with_a_solver(agrees, name, seed):
    chosen = SETS[name]()
    low = -np.inf if chosen.at_most else chosen.total
    rows = np.ones((1, len(chosen.lower)))
    agrees(chosen, rows, [low], [chosen.total], np.random.default_rng(seed))


@pytest.mark.parametrize("name", ["hypersimplex", "unit hypersimplex", "unit"])
@given(seed=SEEDS)
@settings(max_examples=15, deadline=None)
def test_steps_within_a_face_stay_in_the_set(name, seed):
    """x + t (v - w) is feasible up to the largest step, and not beyond it."""
    rng = np.random.default_rng(seed)
    chosen = SETS[name]()
    lower, upper = chosen.lower, chosen.upper
    corners = [
        chosen.extreme_point(rng.normal(size=len(lower)), lower, upper)
        for _ in range(3)
    ]
    x = rng.dirichlet(np.ones(3)) @ np.array(corners)
    direction = rng.normal(size=len(lower))
    worst = chosen.in_face_extreme_point(-direction, x, lower, upper)
    tight = (x <= 1e-12) | (x >= upper - 1e-12)
    assert worst[tight] == pytest.approx(x[tight])
    assert worst @ direction >= x @ direction - 1e-9
    vertex = chosen.extreme_point(direction, lower, upper)
    step = chosen.max_step(x, vertex - worst, lower, upper)

    def is_inside(point):
        total = point.sum()
        return bool(
            (point >= lower - 1e-9).all()
            and (point <= upper + 1e-9).all()
            and total <= chosen.total + 1e-9
            and (chosen.at_most or total >= chosen.total - 1e-9)
        )

    if np.isfinite(step):
        assert is_inside(x + step * (vertex - worst))
        assert not is_inside(x + (step + 0.1) * (vertex - worst))


def test_a_vertex_of_the_hypersimplex_has_k_ones():
    pairs = Hypersimplex(4, 2)
    vertex = pairs.extreme_point(
        np.array([3.0, -1.0, 2.0, 4.0]), pairs.lower, pairs.upper
    )
    assert vertex.tolist() == [0.0, 1.0, 1.0, 0.0]


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: ProbabilitySimplex(0), "dimension must be a positive integer, got 0"),
        (lambda: ProbabilitySimplex(3, -1.0), "radius must be a positive number"),
        (lambda: ProbabilitySimplex(3, 1.5, integral=True), "total must be an integer"),
        (lambda: Hypersimplex(3, 4), "total must be within reach"),
        (lambda: Hypersimplex(3, 1.5), "ones must be a positive integer"),
        (lambda: BoundedSum([0, 0], [1, 1], 1, integers=[0]), "none or all"),
        (lambda: UnitSimplex(3, np.nan), "radius must be a positive number"),
    ],
)
def test_a_bad_argument_is_named(make, message):
    with pytest.raises(InputError, match=message):
        make()
