import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from boundwise.core.errors import InputError
from boundwise.solvers.convex.oracles.cardinality import Cardinality


@given(seed=st.integers(0, 2**32 - 1))
@settings(max_examples=40, deadline=None)
def test_sparse_vectors_agree_with_a_solver_on_the_big_m_rows(agrees, seed):
    rng = np.random.default_rng(seed)
    count = 5
    low, high = -rng.uniform(0, 2, count), rng.uniform(0, 2, count)
    low[0] = 0.0
    chosen = Cardinality(low, high, int(rng.integers(1, 5)))
    eye = np.eye(count)
    rows = np.block(
        [
            [eye, -np.diag(high)],
            [-eye, np.diag(low)],
            [np.zeros((1, count)), np.ones((1, count))],
        ]
    )
    limits = np.concatenate((np.zeros(2 * count), [chosen.most]))
    agrees(chosen, rows, np.full(len(limits), -np.inf), limits, rng)


def test_pairs_name_the_amount_and_its_binary():
    assert Cardinality([-1, -1], [1, 1], 1).pairs.tolist() == [[0, 2], [1, 3]]


def test_too_many_binaries_fixed_to_one_leave_nothing():
    chosen = Cardinality([-1, -1], [1, 1], 1)
    lower = np.array([-1.0, -1.0, 1.0, 1.0])
    assert chosen.extreme_point(np.ones(4), lower, chosen.upper) is None


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (([1.0], [2.0], 1), "lower must leave room"),
        (([-1.0], [-0.5], 1), "upper must leave room"),
        (([-1.0], [1.0], 0), "most must be a positive integer"),
        (([-1.0], [1.0, 1.0], 1), "upper must have 1 entries"),
    ],
)
def test_a_bad_argument_is_named(arguments, message):
    with pytest.raises(InputError, match=message):
        Cardinality(*arguments)


@given(seed=st.integers(0, 2**32 - 1))
@settings(max_examples=60, deadline=None)
def test_amounts_with_tails_agree_with_a_solver_on_the_rows(agrees, seed):
    rng = np.random.default_rng(seed)
    count = 4
    low, high = -rng.uniform(1, 2, count), rng.uniform(1, 2, count)
    off_low, off_high = -rng.uniform(0, 1, count), rng.uniform(0, 1, count)
    chosen = Cardinality(
        low,
        high,
        int(rng.integers(1, 4)),
        off_lower=off_low,
        off_upper=off_high,
    )
    eye = np.eye(count)
    rows = np.block(
        [
            [eye, -np.diag(high - off_high)],
            [-eye, np.diag(low - off_low)],
            [np.zeros((1, count)), np.ones((1, count))],
        ]
    )
    limits = np.concatenate((off_high, -off_low, [chosen.most]))
    agrees(chosen, rows, np.full(len(limits), -np.inf), limits, rng)


@given(seed=st.integers(0, 2**32 - 1))
@settings(max_examples=25, deadline=None)
def test_reduced_costs_are_what_flipping_a_binary_costs(seed):
    rng = np.random.default_rng(seed)
    count = 4
    chosen = Cardinality(
        -rng.uniform(1, 2, count),
        rng.uniform(1, 2, count),
        int(rng.integers(1, 4)),
        off_lower=-rng.uniform(0, 0.5),
        off_upper=0.1,
    )
    lower, upper = chosen.lower.copy(), chosen.upper.copy()
    fixed = count + rng.integers(0, count)
    lower[fixed] = upper[fixed] = rng.integers(0, 2)
    direction = rng.normal(size=2 * count)
    value, prices = chosen.reduced_costs(direction, lower, upper)
    best = chosen.extreme_point(direction, lower, upper)
    assert value == pytest.approx(direction @ best)
    for z in range(count, 2 * count):
        if prices[z] == 0.0 or z == fixed:
            continue
        low, up = lower.copy(), upper.copy()
        low[z] = up[z] = 1.0 if prices[z] > 0 else 0.0
        flipped = chosen.extreme_point(direction, low, up)
        if flipped is None:
            assert np.isinf(prices[z])
        else:
            assert direction @ flipped == pytest.approx(value + abs(prices[z]))
