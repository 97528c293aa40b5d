"""A plain reference: OAVI with one least squares solve per border term."""

import itertools

import numpy as np
import pytest


def _border(previous, degree, n):
    if degree == 1:
        return [tuple(int(i == j) for i in range(n)) for j in range(n)]
    inside = set(previous)
    found = []
    for letters in itertools.combinations_with_replacement(range(n), degree):
        term = tuple(letters.count(i) for i in range(n))
        divisors = [
            tuple(term[k] - (k == i) for k in range(n)) for i in range(n) if term[i]
        ]
        if all(divisor in inside for divisor in divisors):
            found.append(term)
    # Deglex: the exponent of the last variable decides first.
    return sorted(found, key=lambda term: term[::-1])


def _brute_force(X, psi, max_degree=10):
    """Return O, leading terms, coefficient vectors and losses, by lstsq."""
    m, n = X.shape
    terms, columns = [(0,) * n], [np.ones(m)]
    leading, coefficients, losses = [], [], []
    previous = []
    for degree in range(1, max_degree + 1):
        joined = []
        for term in _border(previous, degree, n):
            values = np.prod(X ** np.array(term), axis=1)
            A = np.column_stack(columns)
            y = np.linalg.lstsq(A, -values, rcond=None)[0]
            loss = np.mean((A @ y + values) ** 2)
            if loss <= psi:
                leading.append(term)
                coefficients.append(y)
                losses.append(loss)
            else:
                terms.append(term)
                columns.append(values)
                joined.append(term)
        if not joined:
            break
        previous = joined
    C = np.zeros((len(terms), len(leading)))
    for j, y in enumerate(coefficients):
        C[: len(y), j] = y
    return terms, leading, C, np.array(losses)


@pytest.fixture(scope="session")
def brute_force():
    """OAVI by ``numpy.linalg.lstsq``, one call per border term."""
    return _brute_force


def _surface(m, seed=0, noise=0.05):
    """Two noisy surfaces in the unit cube, as in the method's publications."""
    rng = np.random.default_rng(seed)
    half = m // 2
    x1, x2 = 0.99 * rng.uniform(size=2 * half), rng.uniform(size=2 * half)
    y = np.repeat([0, 1], half)
    square = np.where(y == 0, 1 - 0.01 * x2, 1.3) - x1**2
    X = np.column_stack([x1, x2, np.sqrt(np.maximum(square, 0))])
    X += rng.normal(0, noise, X.shape)
    return (X - X.min(axis=0)) / np.ptp(X, axis=0), y


@pytest.fixture(scope="session")
def surface():
    """Points on two surfaces and their classes."""
    return _surface
