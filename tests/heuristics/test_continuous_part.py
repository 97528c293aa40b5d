"""The LP that is kept: right answers for one set of integers after the other."""

import math

import numpy as np
import pytest
from scipy import optimize
from scipy.sparse import csr_array

from boundwise.heuristics.continuous_part import ContinuousPart
from boundwise.heuristics.linear import LinearMip

INF = math.inf


def problem(seed):
    rng = np.random.default_rng(seed)
    n, m = 9, 6
    A = rng.integers(-3, 6, (m, n)).astype(float)
    inside = rng.integers(0, 4, n)
    activity = A @ inside
    mip = LinearMip(
        lower=np.zeros(n),
        upper=np.where(np.arange(n) == n - 1, INF, 6.0),
        objective=np.append(rng.integers(-5, 6, n - 1), 1.0).astype(float),
        is_integer=np.arange(n) < 4,
        matrix=csr_array(A),
        row_lower=np.where(rng.random(m) < 0.5, -INF, activity - 2.5),
        row_upper=activity + rng.random(m),
    )
    return mip, inside


@pytest.mark.parametrize("seed", range(8))
def test_one_lp_after_the_other_agrees_with_a_solver_that_begins_anew(seed):
    mip, inside = problem(seed)
    part = ContinuousPart(mip)
    rng = np.random.default_rng(seed)
    solved = 0
    for trial in range(15):
        x = inside if trial == 0 else rng.integers(0, 4, 9)
        x = x + np.append(np.full(4, 1e-7), np.zeros(5))
        fixed = np.round(x[:4])
        answer = optimize.linprog(
            mip.objective,
            A_ub=np.vstack([mip.matrix.toarray(), -mip.matrix.toarray()]),
            b_ub=np.minimum(np.concatenate([mip.row_upper, -mip.row_lower]), 1e9),
            bounds=[
                *((v, v) for v in fixed),
                *zip(mip.lower[4:], np.minimum(mip.upper[4:], 1e9), strict=True),
            ],
        )
        found = part.complete(x, 10.0)
        assert (found is not None) == (answer.status == 0)
        if found is not None:
            solved += 1
            assert mip.is_feasible(found)
            assert found[:4].tolist() == fixed.tolist()
            assert mip.value(found) == pytest.approx(answer.fun, abs=1e-6)
    assert solved > 0
    # The first point has a completion: it is one itself.
    assert solved > 0
    assert part.effort > 0


def test_without_continuous_variables_the_rounded_point_is_checked():
    mip = LinearMip(
        lower=np.zeros(2),
        upper=np.ones(2),
        objective=np.ones(2),
        is_integer=np.ones(2, dtype=bool),
        matrix=csr_array(np.ones((1, 2))),
        row_lower=np.ones(1),
        row_upper=np.full(1, INF),
    )
    part = ContinuousPart(mip)
    found = part.complete(np.array([0.9999, 0.0001]), 1.0)
    assert found is not None
    assert found.tolist() == [1.0, 0.0]
    assert part.complete(np.zeros(2), 1.0) is None


def test_without_time_or_with_an_unbounded_lp_there_is_no_completion():
    mip = LinearMip(
        lower=np.zeros(2),
        upper=np.array([3.0, INF]),
        objective=np.array([1.0, -1.0]),
        is_integer=np.array([True, False]),
        matrix=csr_array(np.array([[1.0, -1.0]])),
        row_lower=np.array([-INF]),
        row_upper=np.array([2.0]),
    )
    part = ContinuousPart(mip)
    assert part.complete(np.zeros(2), 0.0) is None
    assert part.complete(np.zeros(2), 5.0) is None
