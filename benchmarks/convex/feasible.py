"""The feasible set of a problem as the oracle that knows it best."""

from typing import Any

import numpy as np

from boundwise.instances.convex import ConvexProblem
from boundwise.solvers.convex.oracles.birkhoff import Birkhoff
from boundwise.solvers.convex.oracles.box import Box
from boundwise.solvers.convex.oracles.cardinality import Cardinality
from boundwise.solvers.convex.oracles.product import Product
from boundwise.solvers.convex.oracles.simplex import BoundedSum, Hypersimplex


def set_of(problem: ConvexProblem) -> Any:
    """Return a combinatorial oracle if the set has one, else its rows.

    Parameters
    ----------
    problem
        The problem, whose ``structure`` says what its set is.
    """
    feasible, arrays = problem.feasible, problem.structure.arrays
    match problem.structure.kind:
        case "cardinality":
            bounds = arrays["bounds"]
            sparse = Cardinality(-bounds, bounds, int(arrays["limit"]))
            rest = slice(2 * len(bounds), None)
            if feasible.n_variables == 2 * len(bounds):
                return sparse
            return Product([sparse, Box(feasible.lower[rest], feasible.upper[rest])])
        case "birkhoff":
            return Birkhoff(int(arrays["size"]))
        case "hypersimplex":
            return Hypersimplex(feasible.n_variables, int(arrays["size"]))
    if _is_one_sum(problem):
        return BoundedSum(
            feasible.lower,
            feasible.upper,
            float(feasible.row_lower[0]),
            integers=range(feasible.n_variables),
        )
    return feasible


def _is_one_sum(problem: ConvexProblem) -> bool:
    rows = problem.feasible
    return bool(
        rows.n_rows == 1
        and rows.row_lower[0] == rows.row_upper[0]
        and rows.is_integer.all()
        and rows.n_nonzeros == rows.n_variables
        and np.all(rows.matrix.data == 1.0)
    )
