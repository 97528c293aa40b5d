"""Problems that several tests of this room solve."""

import numpy as np
import pytest
from scipy import sparse

from boundwise.instances.instance import Instance


def _knapsacks(n, m, seed):
    rng = np.random.default_rng(seed)
    weights = rng.integers(10, 100, size=(m, n)).astype(float)
    return Instance(
        name="knapsacks",
        objective=weights.sum(axis=0) / m + rng.integers(0, 20, n),
        matrix=sparse.csr_array(weights),
        row_lower=np.full(m, -np.inf),
        row_upper=np.floor(weights.sum(axis=1) / 2),
        lower=np.zeros(n),
        upper=np.ones(n),
        is_integer=np.ones(n, dtype=bool),
        names=tuple(f"x{j}" for j in range(n)),
        row_names=tuple(f"r{i}" for i in range(m)),
        sense="maximize",
    )


@pytest.fixture(scope="session")
def knapsacks():
    """Return a function (n, m, seed) that makes a maximisation over m knapsacks."""
    return _knapsacks
