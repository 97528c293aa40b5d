"""Completion finds the best continuous part, or says that there is none."""

import math

import numpy as np
import pytest
from scipy import optimize, sparse

from boundwise.heuristics.completion import complete_continuous
from boundwise.instances.instance import Instance


def make_instance(objective, rows, is_integer, upper=10.0, sense="minimize"):
    """Build an instance from rows (coefficients, lower, upper)."""
    n = len(objective)
    matrix = sparse.csr_array(
        np.array([r[0] for r in rows], dtype=float).reshape(-1, n)
    )
    matrix.eliminate_zeros()
    return Instance(
        name="made",
        objective=np.asarray(objective, dtype=float),
        matrix=matrix,
        row_lower=np.array([r[1] for r in rows], dtype=float),
        row_upper=np.array([r[2] for r in rows], dtype=float),
        lower=np.zeros(n),
        upper=np.full(n, upper),
        is_integer=np.asarray(is_integer),
        names=tuple(f"x{j}" for j in range(n)),
        row_names=tuple(f"r{i}" for i in range(len(rows))),
        sense=sense,
    )


INF = math.inf


def test_a_completion_by_hand():
    # min y + z  with  y >= 3 x, z = x + 1, at x = 2 (given as nearly 2).
    instance = make_instance(
        [0, 1, 1],
        [((-3, 1, 0), 0, INF), ((-1, 0, 1), 1, 1)],
        [True, False, False],
    )
    x = complete_continuous(instance, np.array([2.0000004, 9.0, 9.0]), 5.0)
    assert x is not None
    assert x.tolist() == [2.0, 6.0, 3.0]


def test_maximising_goes_the_other_way():
    instance = make_instance(
        [0, 1], [((2, 1), -INF, 9)], [True, False], sense="maximize"
    )
    x = complete_continuous(instance, np.array([2.0, 0.0]), 5.0)
    assert x is not None
    assert x.tolist() == [2.0, 5.0]


@pytest.mark.parametrize("seed", range(10))
def test_the_optimum_is_reproduced_from_its_integers_alone(seed):
    rng = np.random.default_rng(seed)
    n, m = 8, 5
    is_integer = np.arange(n) < 4
    matrix = rng.integers(-3, 6, (m, n)).astype(float)
    inside = np.where(is_integer, rng.integers(0, 4, n), rng.uniform(0, 4, n))
    upper = matrix @ inside + rng.uniform(0, 1, m)
    objective = rng.integers(-5, 6, n).astype(float)
    answer = optimize.milp(
        objective,
        constraints=optimize.LinearConstraint(matrix, ub=upper),
        bounds=optimize.Bounds(0, 10),
        integrality=is_integer,
        options={"mip_rel_gap": 0.0},
    )
    assert answer.success
    instance = make_instance(
        objective,
        [(row, -INF, b) for row, b in zip(matrix, upper, strict=True)],
        is_integer,
    )
    start = np.where(is_integer, answer.x, -777.0)
    x = complete_continuous(instance, start, 5.0)
    assert x is not None
    assert objective @ x == pytest.approx(answer.fun, rel=1e-7, abs=1e-7)
    assert (matrix @ x <= upper + 1e-9).all()
    assert np.array_equal(x[is_integer], np.round(answer.x[is_integer]))


def test_integers_that_leave_no_room_give_none():
    instance = make_instance([0, 1], [((5, 1), -INF, 9)], [True, False])
    assert complete_continuous(instance, np.array([3.0, 0.0]), 5.0) is None


def test_an_unbounded_completion_gives_none():
    instance = make_instance([0, -1], [((1, -1), -INF, 1)], [True, False], upper=INF)
    assert complete_continuous(instance, np.array([1.0, 0.0]), 5.0) is None


def test_rows_of_integers_alone_are_not_looked_at():
    instance = make_instance([0, 1], [((1, 0), 5, 5), ((1, 1), 4, INF)], [True, False])
    x = complete_continuous(instance, np.array([1.0, 0.0]), 5.0)
    assert x is not None
    assert x.tolist() == [1.0, 3.0]


def test_without_rows_the_bounds_decide():
    instance = make_instance([1, -1], [], [True, False])
    x = complete_continuous(instance, np.array([3.0, 0.0]), 5.0)
    assert x is not None
    assert x.tolist() == [3.0, 10.0]


@pytest.mark.parametrize("seconds", [0.0, -1.0])
def test_without_time_there_is_no_completion(seconds):
    instance = make_instance([1, 1], [], [True, False])
    assert complete_continuous(instance, np.zeros(2), seconds) is None


def test_any_amount_of_time_is_accepted():
    instance = make_instance([1, 1], [], [True, False])
    assert complete_continuous(instance, np.ones(2), INF) is not None


def test_without_continuous_variables_there_is_nothing_to_complete():
    instance = make_instance([1, 1], [((1, 1), 1, 2)], [True, True])
    assert complete_continuous(instance, np.ones(2), 5.0) is None


def test_the_given_point_is_left_alone():
    instance = make_instance([1, 1], [], [True, False])
    x = np.array([1.2, 5.0])
    complete_continuous(instance, x, 5.0)
    assert x.tolist() == [1.2, 5.0]


def test_the_nearest_completion_moves_no_more_than_it_must():
    # y >= 3 x and y + z = 7: from (2, 5, 2) at x = 2 the way is one up, one down.
    instance = make_instance(
        [0, 9, -9],
        [((-3, 1, 0), 0, INF), ((0, 1, 1), 7, 7)],
        [True, False, False],
    )
    start = np.array([2.0, 5.0, 2.0])
    x = complete_continuous(instance, start, 5.0, nearest=True)
    assert x is not None
    assert x.tolist() == pytest.approx([2.0, 6.0, 1.0])
    there = complete_continuous(instance, x, 5.0, nearest=True)
    assert there is not None
    assert there.tolist() == pytest.approx(x.tolist())
