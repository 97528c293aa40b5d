import math

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import LinearConstraint

from boundwise.instances.convex import polyhedron
from boundwise.solvers.convex.oracles.lp import LinearRelaxation
from boundwise.solvers.convex.tightening import tighten_by_reduced_costs


def test_the_slack_over_the_price_is_how_far_a_variable_may_move():
    boxes = tighten_by_reduced_costs(
        room=10.0,
        value=4.0,
        reduced=np.array([2.5, -4.0, 0.0, 1.0]),
        lower=np.zeros(4),
        upper=np.full(4, 5.0),
        integers=np.arange(4),
    )
    assert boxes == {0: (0.0, 2.0), 1: (4.0, 5.0)}


def test_nothing_is_tightened_without_an_incumbent_or_against_an_empty_set():
    arguments = (np.ones(1), np.zeros(1), np.ones(1), np.arange(1))
    assert tighten_by_reduced_costs(math.inf, 0.0, *arguments) == {}
    assert tighten_by_reduced_costs(0.0, math.inf, *arguments) == {}
    assert tighten_by_reduced_costs(-1.0, 0.0, *arguments) == {}


@settings(max_examples=60, deadline=None)
@given(seed=st.integers(0, 2**31))
def test_no_integer_point_below_the_incumbent_is_cut_off(seed):
    """f(y) = c y: every point of the set with c y < room stays in the box."""
    rng = np.random.default_rng(seed)
    n, top = 3, 3
    A = rng.integers(-2, 4, (2, n)).astype(float)
    side = rng.integers(1, 9, 2).astype(float)
    rows = LinearConstraint(A, -np.inf, side)
    relaxation = LinearRelaxation(
        polyhedron(
            "random",
            matrix=rows.A,
            row_lower=np.full(2, -np.inf),
            row_upper=side,
            lower=np.zeros(n),
            upper=np.full(n, float(top)),
            is_integer=True,
        )
    )
    direction = rng.normal(size=n)
    lower, upper = np.zeros(n), np.full(n, float(top))
    value, reduced = relaxation.reduced_costs(direction, lower, upper)
    room = value + rng.uniform(0, 3)
    boxes = tighten_by_reduced_costs(room, value, reduced, lower, upper, np.arange(n))
    for point in np.ndindex(*(top + 1,) * n):
        y = np.array(point, dtype=float)
        if (A @ y > side).any() or direction @ y >= room - 1e-9:
            continue
        for j, (low, up) in boxes.items():
            assert low <= y[j] <= up
