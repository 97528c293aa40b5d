"""Random set covering: min c x, A x >= 1, x binary (Balas & Ho 1980)."""

import numpy as np

from boundwise.core.arguments import as_count, as_number
from boundwise.core.errors import InputError
from boundwise.core.rng import make_rng
from boundwise.instances.generators.parts import RowBuilder
from boundwise.instances.instance import Instance


def set_cover(
    rows: int = 1000,
    cols: int = 2000,
    density: float = 0.05,
    max_cost: int = 100,
    seed: int | None = 0,
) -> Instance:
    """Generate a set covering problem.

    Each column covers at least one row and each row is covered by at least two
    columns; the other entries are spread evenly up to the density. Costs are
    integers from 1 to ``max_cost``.

    Parameters
    ----------
    rows, cols
        Numbers of rows (at least 2) and columns (at least 2).
    density
        Share of entries that are one.
    max_cost
        Largest cost.
    seed
        Seed of the random numbers.

    Returns
    -------
    Instance
        The problem.

    Raises
    ------
    InputError
        If an argument is out of range or the density is too small for the rules.

    Notes
    -----
    On one thread, SCIP 10.0.2 stands at 121 with the bound 92.1 after 30 s for
    ``rows=2000, cols=5000, seed=1``.

    References
    ----------
    Balas, E., Ho, A. (1980). Set covering algorithms using cutting planes,
    heuristics, and subgradient optimization: a computational study.
    doi:10.1007/BFb0120886

    Examples
    --------
    >>> set_cover(rows=50, cols=100, seed=3).n_variables
    100
    """
    rows = as_count("rows", rows, least=2)
    cols = as_count("cols", cols, least=2)
    max_cost = as_count("max_cost", max_cost)
    density = as_number("density", density, at_least=0, at_most=1)
    rng, seed = make_rng(seed)
    wanted = round(rows * cols * density)
    covered = np.zeros((rows, cols), dtype=np.bool_)
    covered[rng.integers(rows, size=cols), np.arange(cols)] = True
    for i in np.flatnonzero(covered.sum(axis=1) < 2).tolist():
        free = np.flatnonzero(~covered[i])
        missing = 2 - int(covered[i].sum())
        covered[i, rng.choice(free, size=missing, replace=False)] = True
    left = wanted - int(covered.sum())
    if left < 0:
        raise InputError(
            f"density must be at least {covered.sum() / (rows * cols):.4g} for rows of "
            f"two and columns of one entry, got {density}."
        )
    free = np.flatnonzero(~covered.ravel())
    covered.ravel()[rng.choice(free, size=left, replace=False)] = True
    row, column = np.nonzero(covered)
    builder = RowBuilder(cols)
    builder.add("cover", row, column, 1.0, 1.0, np.inf, rows)
    return builder.instance(
        name=f"set_cover-r{rows}-c{cols}-d{density:g}-m{max_cost}-s{seed}",
        sense="minimize",
        objective=rng.integers(1, max_cost, size=cols, endpoint=True),
        names=[f"x{j}" for j in range(cols)],
        is_integer=True,
        upper=1.0,
    )
