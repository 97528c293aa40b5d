"""What is left of a problem holds at the same points as the problem."""

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import sparse

from boundwise.heuristics.reduction import reduce_rows


@given(st.integers(0, 10**6))
@settings(max_examples=60, deadline=None)
def test_reduced_rows_hold_at_the_same_points(seed):
    rng = np.random.default_rng(seed)
    n, m = int(rng.integers(1, 6)), int(rng.integers(1, 5))
    dense = rng.integers(-3, 4, (m, n)).astype(float)
    lower = rng.integers(-1, 2, n).astype(float)
    upper = lower + rng.integers(0, 3, n)
    row_lower = np.where(rng.random(m) < 0.4, -np.inf, rng.integers(-5, 1, m))
    row_upper = np.where(rng.random(m) < 0.4, np.inf, rng.integers(0, 5, m))
    rows = reduce_rows(sparse.csr_array(dense), row_lower, row_upper, lower, upper)
    spans = [np.arange(low, up + 1) for low, up in zip(lower, upper, strict=True)]
    points = np.stack(np.meshgrid(*spans, indexing="ij"), -1).reshape(-1, n)
    activity = points @ dense.T
    feasible = ((activity >= row_lower) & (activity <= row_upper)).all(axis=1)
    if rows is None:
        assert not feasible.any()
        return
    assert rows.free.tolist() == np.flatnonzero(lower < upper).tolist()
    left = points[:, rows.free] @ rows.matrix.toarray().T
    assert (((left >= rows.lower) & (left <= rows.upper)).all(axis=1) == feasible).all()
    # No row is left that every point within the bounds satisfies.
    for k in range(left.shape[1]):
        assert ((left[:, k] < rows.lower[k]) | (left[:, k] > rows.upper[k])).any()
