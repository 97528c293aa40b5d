"""Convex quadratics over permutation matrices and over subsets of a given size."""

import numpy as np
from scipy.sparse import csr_array, eye_array, kron, vstack

from boundwise.core.arguments import as_count, as_number
from boundwise.core.errors import InputError
from boundwise.core.rng import make_rng
from boundwise.instances.convex import ConvexProblem, Part, polyhedron


def graph_matching(
    n: int = 5, noise: float = 0.1, seed: int | None = 0
) -> ConvexProblem:
    """Generate a matching of two weighted graphs.

    min ||A X - X B||^2 over permutation matrices X. A has uniform weights; B is A
    with its nodes permuted and noise on its edges.

    Parameters
    ----------
    n
        Number of nodes of each graph.
    noise
        Standard deviation of the noise; at 0 the optimum is 0.
    seed
        Seed of the random numbers.

    Returns
    -------
    ConvexProblem
        The problem over X, row by row, n^2 variables.

    Raises
    ------
    InputError
        If an argument is out of range.

    References
    ----------
    Zaslavskiy, Bach, Vert (2009), A path following algorithm for the graph matching
    problem, doi:10.1109/TPAMI.2008.245.
    """
    n = as_count("n", n, least=2)
    noise = as_number("noise", noise, at_least=0, at_most=1e3)
    rng, seed = make_rng(seed)
    A = np.triu(rng.uniform(size=(n, n)), 1)
    A += A.T
    order = rng.permutation(n)
    noisy = np.triu(noise * rng.normal(size=(n, n)), 1)
    B = A[np.ix_(order, order)] + noisy + noisy.T
    eye = np.eye(n)
    # Row by row, A X is (A kron I) x and X B is (I kron B') x.
    difference = np.kron(A, eye) - np.kron(eye, B.T)
    rows = vstack(
        [kron(eye_array(n), np.ones((1, n))), kron(np.ones((1, n)), eye_array(n))]
    )
    name = f"graph_matching-n{n}-d{noise:g}-s{seed}"
    return ConvexProblem(
        name=name,
        objective=Part(
            "least_squares",
            {"A": difference, "y": np.zeros(n * n), "ridge": np.zeros(n * n)},
        ),
        feasible=polyhedron(
            name,
            matrix=csr_array(rows),
            row_lower=1.0,
            row_upper=1.0,
            lower=0.0,
            upper=1.0,
            is_integer=True,
            names=tuple(f"x{i}_{j}" for i in range(n) for j in range(n)),
        ),
        structure=Part("birkhoff", {"size": np.array(n)}),
    )


def subset_selection(
    n: int = 40, size: int = 8, rank: int = 10, seed: int | None = 0
) -> ConvexProblem:
    """Generate a choice of vectors whose sum is near a target.

    min ||F x - t||^2 + c'x subject to sum x = size. F is normal, t the sum of a
    random subset plus noise, c uniform.

    Parameters
    ----------
    n, size
        Number of vectors, and how many to choose.
    rank
        Dimension of the vectors.
    seed
        Seed of the random numbers.

    Returns
    -------
    ConvexProblem
        The problem.

    Raises
    ------
    InputError
        If an argument is out of range.
    """
    n = as_count("n", n)
    size = as_count("size", size)
    rank = as_count("rank", rank)
    if size > n:
        raise InputError(f"size must be at most n={n}, got {size}.")
    rng, seed = make_rng(seed)
    F = rng.normal(size=(rank, n))
    chosen = rng.permutation(n)[:size]
    target = F[:, chosen].sum(axis=1) + 0.5 * rng.normal(size=rank)
    name = f"subset_selection-n{n}-k{size}-r{rank}-s{seed}"
    return ConvexProblem(
        name=name,
        objective=Part(
            "least_squares",
            {
                "A": F,
                "y": target,
                "ridge": np.zeros(n),
                "linear": rng.uniform(size=n),
            },
        ),
        feasible=polyhedron(
            name,
            matrix=np.ones((1, n)),
            row_lower=size,
            row_upper=size,
            lower=0.0,
            upper=1.0,
            is_integer=True,
        ),
        structure=Part("hypersimplex", {"size": np.array(size)}),
    )
