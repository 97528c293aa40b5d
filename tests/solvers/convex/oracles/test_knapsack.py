import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from boundwise.core.errors import InputError
from boundwise.solvers.convex.oracles.knapsack import Knapsack

SEEDS = st.integers(0, 2**32 - 1)


@pytest.mark.parametrize("kind", ["states", "branching", "continuous"])
@given(seed=SEEDS)
@settings(max_examples=25, deadline=None)
def test_a_knapsack_agrees_with_a_solver(agrees, kind, seed):
    """Integral weights go to the dynamic programme, others to branch and bound."""
    rng = np.random.default_rng(seed)
    weights = rng.integers(1, 9, 6).astype(float)
    if kind != "states":
        weights += rng.choice([0.25, 0.5, 0.125], 6)
    sack = Knapsack(
        weights,
        float(rng.integers(5, 25)),
        upper=rng.integers(1, 4, 6),
        integral=kind != "continuous",
    )
    agrees(sack, weights[None, :], [-np.inf], [sack.capacity], rng)


@pytest.mark.parametrize("shift", [0.0, 0.5])
def test_the_greedy_point_is_not_taken_for_the_integral_optimum(shift):
    """By ratio the first item comes first; the other two together are worth more."""
    sack = Knapsack([3.0 + shift, 2.0, 2.0], 4.0)
    vertex = sack.extreme_point(np.array([-4.0, -2.5, -2.5]), sack.lower, sack.upper)
    assert vertex.tolist() == [0.0, 1.0, 1.0]


def test_fixed_items_that_do_not_fit_leave_nothing():
    sack = Knapsack([3.0, 2.0], 4.0)
    assert sack.extreme_point(-np.ones(2), np.ones(2), np.ones(2)) is None


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (([1.0, 0.0], 1.0), "weights must be positive, got .*0.0.* at 1"),
        (([1.0], np.inf), "capacity must be finite"),
        (([1.0], -1.0), "capacity must hold the lower bounds"),
        (([], 1.0), "weights must be a vector"),
    ],
)
def test_a_bad_argument_is_named(arguments, message):
    with pytest.raises(InputError, match=message):
        Knapsack(*arguments)
