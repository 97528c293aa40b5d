"""Linear models with few coefficients: binaries z_j, |b_j| <= M z_j, sum z <= k.

The variables are b, z, and an intercept if there is one. The recipes are those with
which Frank-Wolfe branch-and-bound was published; the random numbers are numpy's, so the
instances are not the published ones.

References
----------
Hendrych, Troppens, Besançon, Pokutta (2022), Convex mixed-integer optimization with
Frank-Wolfe methods, arXiv:2208.11010.
"""

import math

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_array, eye_array, hstack, vstack

from boundwise.core.arguments import as_count, as_number
from boundwise.core.rng import make_rng
from boundwise.instances.convex import ConvexProblem, Part, polyhedron

Floats = NDArray[np.float64]


def sparse_regression(
    n: int = 20, tail: float = 0.0, seed: int | None = 0
) -> ConvexProblem:
    """Generate best subset selection with a price and a ridge.

    min ||y - A b||^2 + l0 sum_j z_j + l2 ||b||^2 with p = 5n coefficients, at most
    k = ceil(n/5) nonzero, A, y and l0 uniform in [0, 1], l2 in [0, 10], and
    M = 2 var(A).

    Parameters
    ----------
    n
        Number of observations.
    tail
        Coefficients up to this share of M are free of the price and the limit: z_j = 0
        leaves |b_j| <= tail M.
    seed
        Seed of the random numbers.

    Returns
    -------
    ConvexProblem
        The problem, with 10n variables.

    Raises
    ------
    InputError
        If an argument is out of range.
    """
    n = as_count("n", n)
    tail = as_number("tail", tail, at_least=0, at_most=0.99)
    rng, seed = make_rng(seed)
    p = 5 * n
    price, ridge = float(rng.uniform()), 10.0 * float(rng.uniform())
    A = rng.uniform(size=(n, p))
    y = rng.uniform(size=n)
    bound = 2.0 * float(A.var())
    name = f"sparse_regression-n{n}-t{tail:g}-s{seed}"
    arrays = {
        "A": np.hstack([A, np.zeros((n, p))]),
        "y": y,
        "ridge": np.repeat([ridge, 0.0], p),
        "linear": np.repeat([0.0, price], p),
    }
    return _sparse_model(
        name, Part("least_squares", arrays), p, math.ceil(n / 5), bound, tail=tail
    )


def sparse_logistic(
    n: int = 10,
    bound: float = 1.0,
    variance: float = 1.0,
    tail: float = 0.0,
    seed: int | None = 0,
) -> ConvexProblem:
    """Generate sparse logistic regression.

    min mean_i log(1 + exp(-y_i a_i b)) + mu/2 ||b||^2 with p = 5n coefficients, at most
    5 nonzero, normal A times ``variance``, random labels, rows times their label, and
    mu uniform in [0, 10].

    Parameters
    ----------
    n
        Number of observations.
    bound
        The M of the switches; 0.1 and 1 in the paper.
    variance
        Scale of the data; 1 and 5 in the paper.
    tail
        As in `sparse_regression`.
    seed
        Seed of the random numbers.

    Returns
    -------
    ConvexProblem
        The problem, with 10n variables.

    Raises
    ------
    InputError
        If an argument is out of range.
    """
    n = as_count("n", n)
    bound = as_number("bound", bound, at_least=1e-6, at_most=1e6)
    variance = as_number("variance", variance, at_least=1e-6, at_most=1e6)
    tail = as_number("tail", tail, at_least=0, at_most=0.99)
    rng, seed = make_rng(seed)
    p = 5 * n
    mu = 10.0 * float(rng.uniform())
    labels = rng.choice([-1.0, 1.0], size=n)
    A = labels[:, None] * rng.normal(size=(n, p)) * variance
    name = f"sparse_logistic-n{n}-M{bound:g}-v{variance:g}-t{tail:g}-s{seed}"
    arrays = {
        "A": np.hstack([A, np.zeros((n, p))]),
        "labels": labels,
        "mu": np.repeat([mu, 0.0], p),
    }
    return _sparse_model(name, Part("logistic", arrays), p, min(5, p), bound, tail=tail)


def poisson_regression(
    n: int = 50, bound: float = 1.0, alpha: float = 1.3, seed: int | None = 0
) -> ConvexProblem:
    """Generate sparse Poisson regression with an intercept.

    min mean_i (exp(u_i) - y_i u_i) + alpha ||b||^2, u = A b + c, with as many
    coefficients as observations, at most n/2 nonzero; the true ones are normal, up to
    20 of them zero, the columns of A normal and scaled by their ranges.

    Parameters
    ----------
    n
        Number of observations and of coefficients.
    bound
        The M of the switches and of the intercept; 0.1, 1, 5 and 10 in the paper.
    alpha
        Ridge.
    seed
        Seed of the random numbers.

    Returns
    -------
    ConvexProblem
        The problem, with 2n + 1 variables.

    Raises
    ------
    InputError
        If an argument is out of range.
    """
    n = as_count("n", n, least=2)
    bound = as_number("bound", bound, at_least=1e-6, at_most=1e3)
    alpha = as_number("alpha", alpha, at_least=0, at_most=1e6)
    rng, seed = make_rng(seed)
    A = rng.normal(size=(n, n))
    A /= A.max(axis=0) - A.min(axis=0)
    weights = rng.normal(size=n)
    weights[rng.permutation(n)[: min(20, n // 2)]] = 0.0
    rate = np.exp(A @ weights + rng.uniform())
    arrays = {
        "A": np.hstack([A, np.zeros((n, n)), np.ones((n, 1))]),
        "counts": rng.poisson(rate).astype(np.float64),
        "alpha": np.concatenate([np.full(n, alpha), np.zeros(n + 1)]),
    }
    return _sparse_model(
        f"poisson_regression-n{n}-M{bound:g}-s{seed}",
        Part("poisson", arrays),
        n,
        n // 2,
        bound,
        free=1,
    )


def _sparse_model(
    name: str,
    objective: Part,
    p: int,
    limit: int,
    bound: float,
    *,
    free: int = 0,
    tail: float = 0.0,
) -> ConvexProblem:
    """Assemble b, z and ``free`` further continuous variables; |b| <= bound."""
    identity = eye_array(p)
    gap = csr_array((p, free))
    step = (1.0 - tail) * bound
    count = csr_array(np.repeat([0.0, 1.0, 0.0], [p, p, free])[None, :])
    switches = [
        hstack([sign * identity, -step * identity, gap]) for sign in (1.0, -1.0)
    ]
    pairs = np.column_stack([np.arange(p), np.arange(p) + p])
    feasible = polyhedron(
        name,
        matrix=csr_array(vstack([*switches, count])),
        row_lower=-np.inf,
        row_upper=np.concatenate([np.full(2 * p, tail * bound), [limit]]),
        lower=np.repeat([-bound, 0.0, -bound], [p, p, free]),
        upper=np.repeat([bound, 1.0, bound], [p, p, free]),
        is_integer=np.repeat([False, True, False], [p, p, free]),
        names=(
            *(f"b{j}" for j in range(p)),
            *(f"z{j}" for j in range(p)),
            *(f"c{j}" for j in range(free)),
        ),
    )
    structure = Part("rows")
    if not tail:
        structure = Part(
            "cardinality",
            {
                "pairs": pairs,
                "bounds": np.full(p, bound),
                "limit": np.array(limit),
            },
        )
    return ConvexProblem(
        name=name, objective=objective, feasible=feasible, structure=structure
    )
