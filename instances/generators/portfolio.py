"""Mean-variance portfolios with integer positions.

min  risk/2 x'Mx - r'x   subject to   a'x <= sum a,  sum x >= 1,  x >= 0
"""

import numpy as np

from boundwise.core.arguments import as_count
from boundwise.core.errors import InputError
from boundwise.core.rng import make_rng
from boundwise.instances.convex import ConvexProblem, Part, polyhedron


def portfolio(
    n: int = 20, kind: str = "integer", seed: int | None = 0
) -> ConvexProblem:
    """Generate a portfolio problem.

    M = B'B with a normal B, prices a and returns r uniform in [0, 1], the risk
    aversion in [0, 3].

    Parameters
    ----------
    n
        Number of assets.
    kind
        ``"integer"``, or ``"mixed"``: only the first half is integer.
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
    Hendrych, Troppens, Besançon, Pokutta (2022), arXiv:2208.11010.
    """
    n = as_count("n", n)
    if kind not in ("integer", "mixed"):
        raise InputError(f"kind must be integer or mixed, got {kind!r}.")
    rng, seed = make_rng(seed)
    r, a = rng.uniform(size=n), rng.uniform(size=n)
    risk = 3.0 * float(rng.uniform())
    B = rng.normal(size=(n, n))
    is_integer = np.ones(n, dtype=bool)
    if kind == "mixed":
        is_integer[n // 2 :] = False
    upper = a.sum() / a
    name = f"portfolio-n{n}-{kind}-s{seed}"
    return ConvexProblem(
        name=name,
        objective=Part(
            "quadratic",
            {"Q": risk * (B.T @ B), "linear": -r, "constant": np.array(0.0)},
        ),
        feasible=polyhedron(
            name,
            matrix=np.vstack([a, np.ones(n)]),
            row_lower=[-np.inf, 1.0],
            row_upper=[a.sum(), np.inf],
            lower=0.0,
            upper=np.where(is_integer, np.floor(upper), upper),
            is_integer=is_integer,
        ),
    )
