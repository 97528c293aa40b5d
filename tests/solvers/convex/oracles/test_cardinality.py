import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from boundwise.core.errors import InputError
from boundwise.solvers.convex.oracles.cardinality import Cardinality


@given(seed=st.integers(0, 2**32 - 1))
@settings(max_examples=80, deadline=None)
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
        (([1.0], [2.0], 1), "lower must hold zero"),
        (([-1.0], [-0.5], 1), "upper must hold zero"),
        (([-1.0], [1.0], 0), "most must be an integer >= 1"),
        (([-1.0], [1.0, 1.0], 1), "upper must have 1 entries"),
    ],
)
def test_a_bad_argument_is_named(arguments, message):
    with pytest.raises(InputError, match=message):
        Cardinality(*arguments)
