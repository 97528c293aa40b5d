"""Problems and a run that the tests of engines share."""

import itertools
from collections.abc import Iterator

import numpy as np
import pytest
from scipy.sparse import csr_array

from boundwise.core.interrupt import Interrupter
from boundwise.core.limits import Deadline
from boundwise.heuristics.linear import LinearMip


@pytest.fixture
def interrupter() -> Iterator[Interrupter]:
    with Interrupter(Deadline()) as running:
        yield running


def random_knapsacks(n: int, m: int, seed: int) -> LinearMip:
    """Return a problem of m knapsack rows over n binaries; its optimum is negative."""
    rng = np.random.default_rng(seed)
    weights = rng.integers(1, 50, (m, n)).astype(float)
    return LinearMip(
        lower=np.zeros(n),
        upper=np.ones(n),
        objective=-rng.integers(1, 50, n).astype(float),
        is_integer=np.ones(n, dtype=bool),
        matrix=csr_array(weights),
        row_lower=np.full(m, -np.inf),
        row_upper=weights.sum(axis=1) // 3,
    )


def odd_equation() -> LinearMip:
    """Return ``2 x + 2 y = 1`` over binaries, which has no solution."""
    return LinearMip(
        lower=np.zeros(2),
        upper=np.ones(2),
        objective=np.ones(2),
        is_integer=np.ones(2, dtype=bool),
        matrix=csr_array([[2.0, 2.0]]),
        row_lower=np.array([1.0]),
        row_upper=np.array([1.0]),
    )


def best_by_enumeration(mip: LinearMip) -> float:
    """Return the optimum over all integer points; integer variables only."""
    ranges = [
        range(int(low), int(high) + 1)
        for low, high in zip(mip.lower, mip.upper, strict=True)
    ]
    points = (np.array(point, dtype=float) for point in itertools.product(*ranges))
    return min(
        (mip.value(point) for point in points if mip.is_feasible(point)),
        default=np.inf,
    )
