"""Small problems whose solutions can be listed."""

import itertools

import numpy as np
import pytest
from scipy.sparse import csr_array

from boundwise.heuristics.linear import LinearMip


def random_mip(seed, *, n_continuous=0, n=7, m=5, equalities=1):
    """Make a small problem; about half of them have a solution by construction."""
    rng = np.random.default_rng(seed)
    total = n + n_continuous
    A = rng.integers(-6, 9, (m, total)) * (rng.random((m, total)) < 0.6)
    lower = rng.integers(-2, 1, total).astype(float)
    upper = lower + rng.integers(1, 4, total)
    inside = rng.integers(lower, upper + 1)
    activity = (A @ inside).astype(float)
    row_lower = activity - rng.integers(0, 6, m)
    row_upper = activity + rng.integers(0, 6, m)
    row_lower[rng.random(m) < 0.5] = -np.inf
    row_lower[:equalities] = row_upper[:equalities] = activity[:equalities]
    if seed % 3 == 0:  # perhaps nothing is left
        row_upper -= 3.0
        row_lower -= 3.0
    return LinearMip(
        lower=lower,
        upper=upper,
        objective=rng.integers(-9, 10, total).astype(float),
        is_integer=np.arange(total) < n,
        matrix=csr_array(A.astype(float)),
        row_lower=row_lower,
        row_upper=row_upper,
    )


def all_solutions(mip):
    """List the solutions of a problem without continuous variables."""
    ranges = [
        range(int(a), int(b) + 1) for a, b in zip(mip.lower, mip.upper, strict=True)
    ]
    points = np.array(list(itertools.product(*ranges)), dtype=float)
    activity = points @ mip.matrix.toarray().T
    fits = (activity >= mip.row_lower - 1e-9) & (activity <= mip.row_upper + 1e-9)
    return points[fits.all(axis=1)]


@pytest.fixture(name="random_mip", scope="session")
def _random_mip():
    return random_mip


@pytest.fixture(name="all_solutions")
def _all_solutions():
    return all_solutions
