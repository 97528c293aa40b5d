"""Bounds and optima of random problems of every kind against enumeration."""

import itertools
import math

import numpy as np
import pytest
from scipy.optimize import Bounds, LinearConstraint, lsq_linear

from boundwise.core.status import Status
from boundwise.solvers.convex.minimize import minimize
from boundwise.solvers.convex.objectives import LeastSquares, Quadratic
from boundwise.solvers.convex.oracles.birkhoff import Birkhoff
from boundwise.solvers.convex.oracles.cardinality import Cardinality
from boundwise.solvers.convex.oracles.simplex import BoundedSum


def quadratic(rng, n):
    B = rng.normal(size=(int(rng.integers(1, n + 2)), n))
    return Quadratic(B.T @ B, rng.normal(size=n) * 2.0)


def over_sum(rng):
    n = int(rng.integers(2, 6))
    f = quadratic(rng, n)
    upper = rng.integers(1, 3, n).astype(float)
    total = float(rng.integers(1, upper.sum() + 1))
    at_most = bool(rng.integers(0, 2))
    best = math.inf
    for point in itertools.product(*(range(int(u) + 1) for u in upper)):
        if sum(point) == total or (at_most and sum(point) <= total):
            best = min(best, f.value(np.array(point, dtype=float)))
    found = BoundedSum(np.zeros(n), upper, total, at_most=at_most, integers=range(n))
    return f, found, None, best


def over_permutations(rng):
    n = int(rng.integers(2, 4))
    f = quadratic(rng, n * n)
    best = min(
        f.value(np.eye(n)[list(p)].ravel()) for p in itertools.permutations(range(n))
    )
    return f, Birkhoff(n), None, best


def over_rows(rng):
    n = int(rng.integers(2, 5))
    f = quadratic(rng, n)
    A = rng.integers(-2, 4, (2, n)).astype(float)
    side = rng.integers(0, 6, 2).astype(float)
    best = math.inf
    for point in itertools.product(range(3), repeat=n):
        x = np.array(point, dtype=float)
        if (A @ x <= side).all():
            best = min(best, f.value(x))
    rows = (LinearConstraint(A, -np.inf, side), Bounds(np.zeros(n), np.full(n, 2.0)))
    return f, rows, range(n), best


def over_sparse_vectors(rng):
    """The continuous part is solved by an independent bounded least squares."""
    p, m = int(rng.integers(2, 5)), int(rng.integers(2, 6))
    A, y = rng.normal(size=(m, p)), rng.normal(size=m) * 2.0
    ridge, price = rng.uniform(0, 1), rng.uniform(0, 1)
    bound, most = rng.uniform(0.5, 2.0), int(rng.integers(1, p + 1))
    tail = float(rng.choice([0.0, 0.1]))
    f = LeastSquares(
        np.hstack([A, np.zeros((m, p))]),
        y,
        ridge=np.repeat([ridge, 0.0], p),
        linear=np.repeat([0.0, price], p),
    )
    best = math.inf
    padded = np.vstack([A, math.sqrt(ridge) * np.eye(p)])
    targets = np.concatenate([y, np.zeros(p)])
    for z in itertools.product([0.0, 1.0], repeat=p):
        if sum(z) > most:
            continue
        reach = np.where(np.array(z) > 0, bound, tail) + 1e-12
        fit = lsq_linear(padded, targets, bounds=(-reach, reach), tol=1e-13)
        best = min(best, 2.0 * fit.cost + price * sum(z))
    sets = Cardinality(
        np.full(p, -bound), np.full(p, bound), most, off_lower=-tail, off_upper=tail
    )
    return f, sets, None, best


KINDS = (over_sum, over_permutations, over_rows, over_sparse_vectors)


def check(kind, seed):
    rng = np.random.default_rng(seed)
    f, feasible_set, integers, best = kind(rng)
    gap = float(rng.choice([1e-2, 1e-5]))
    result = minimize(
        f,
        None,
        feasible_set,
        integers=integers,
        method="fw",
        oracle=str(rng.choice(["lp", "mip"])),
        gap=gap,
        node_limit=int(rng.integers(1, 4)) if rng.random() < 0.25 else None,
        strong_convexity=f.strong_convexity if rng.random() < 0.5 else 0.0,
        reformulate=bool(rng.integers(0, 2)),
        seed=seed,
    )
    if math.isinf(best):
        assert result.x is None
        return
    slack = 1e-6 * max(1.0, abs(best))
    assert result.bound <= best + slack
    assert result.objective >= best - slack
    if result.status is Status.OPTIMAL:
        smaller = min(abs(result.objective), abs(best))
        assert result.objective - best <= gap * smaller + slack
    else:
        assert result.stats["open_nodes"] > 0


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("seed", range(12))
def test_bound_and_optimum_agree_with_enumeration(kind, seed):
    check(kind, seed)


@pytest.mark.slow
@pytest.mark.timeout(3000)
@pytest.mark.parametrize("kind", KINDS)
def test_no_bound_exceeds_the_optimum_in_five_hundred_problems(kind):
    for seed in range(1000, 1500):
        check(kind, seed)
