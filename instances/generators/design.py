"""Optimal experiment design: how often to repeat each of m experiments.

min  criterion(A' diag(x) A)   subject to   sum x = N,  0 <= x <= u,  x integer
"""

import numpy as np

from boundwise.core.arguments import as_count
from boundwise.core.errors import InputError
from boundwise.core.rng import make_rng
from boundwise.instances.convex import ConvexProblem, Part, polyhedron


def optimal_design(
    m: int = 30,
    p: int = 0,
    criterion: str = "D",
    correlated: int = 0,
    seed: int | None = 0,
) -> ConvexProblem:
    """Generate a design problem.

    N = floor(1.5 p) repetitions in all, at most u_i in {1, ..., max(1, N // 3)} of
    each.

    Parameters
    ----------
    m
        Number of experiments.
    p
        Number of parameters; m // 4 if 0.
    criterion
        ``"D"`` (minus log determinant) or ``"A"`` (trace of the inverse).
    correlated
        0 for independent normal rows; 1 for rows with a random covariance.
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

    References
    ----------
    Hendrych, Besançon, Pokutta (2023), Solving the optimal experiment design problem
    with mixed-integer convex methods, arXiv:2312.11200.
    """
    m = as_count("m", m, least=2)
    p = as_count("p", p, least=0)
    p = p or max(1, m // 4)
    if m < 2 * p:
        raise InputError(f"p must be at most m/2, got p={p} and m={m}.")
    if criterion not in ("D", "A"):
        raise InputError(f"criterion must be D or A, got {criterion!r}.")
    if correlated not in (0, 1):
        raise InputError(f"correlated must be 0 or 1, got {correlated!r}.")
    rng, seed = make_rng(seed)
    A = rng.normal(size=(m, p))
    if correlated:
        A = A @ rng.uniform(size=(p, p))
    budget = (3 * p) // 2
    upper = rng.integers(1, max(1, budget // 3), size=m, endpoint=True)
    name = f"optimal_design-m{m}-p{p}-{criterion}-c{correlated}-s{seed}"
    return ConvexProblem(
        name=name,
        objective=Part("d_optimal" if criterion == "D" else "a_optimal", {"A": A}),
        feasible=polyhedron(
            name,
            matrix=np.ones((1, m)),
            row_lower=budget,
            row_upper=budget,
            lower=0.0,
            upper=upper,
            is_integer=True,
        ),
    )
