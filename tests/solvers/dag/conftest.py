"""Data that the tests of DAG search share."""

import numpy as np
import pytest


def linear_data(d, per_node, n, seed, *, standardised=False, scales=None):
    """Draw a random linear Gaussian model; return the data and its weights."""
    rng = np.random.default_rng(seed)
    order = rng.permutation(d)
    pairs = [(order[i], order[j]) for i in range(d) for j in range(i + 1, d)]
    W = np.zeros((d, d))
    for t in rng.choice(len(pairs), min(per_node * d, len(pairs)), replace=False):
        W[pairs[t]] = rng.uniform(0.5, 2.0) * rng.choice([-1.0, 1.0])
    noise = rng.normal(size=(n, d)) * (1.0 if scales is None else scales)
    X = noise @ np.linalg.inv(np.eye(d) - W)
    if standardised:
        X = (X - X.mean(axis=0)) / X.std(axis=0)
    return X, W


@pytest.fixture(scope="session")
def draw():
    return linear_data


@pytest.fixture(scope="session")
def unconstrained():
    return lambda d: np.zeros((d, d), dtype=np.bool_)
