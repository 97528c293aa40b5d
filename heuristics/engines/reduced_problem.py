"""A sub-MIP as arrays of its free variables, ready to travel to a child."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from scipy import sparse

from boundwise.heuristics.engines.frames import Array
from boundwise.heuristics.engines.problem import ProblemArrays
from boundwise.heuristics.protocols import FloatVector, IntVector, Subproblem
from boundwise.heuristics.scip.reduced import reduce_rows
from boundwise.heuristics.scip.submodel import row_cutoff, tightenings

if TYPE_CHECKING:
    from boundwise.heuristics.linear import LinearMip


@dataclass(frozen=True, slots=True)
class ReducedProblem:
    """Hold what is left of a problem in a neighbourhood.

    Parameters
    ----------
    arrays
        The problem over the free variables.
    free
        Their indices in the whole problem.
    settled
        Values of the others, shape (n,); 0 for the free ones.
    cutoff
        Solutions of objective below this are of interest; ``inf`` for any.
    any_will_do
        Whether the first solution ends the search.
    """

    arrays: ProblemArrays
    free: IntVector
    settled: FloatVector
    cutoff: float
    any_will_do: bool

    def expand(self, values: Array) -> FloatVector:
        """Return the solution of the whole problem."""
        x = self.settled.copy()
        x[self.free] = values
        return x

    def reduce(self, x: FloatVector) -> FloatVector:
        """Return the values of the free variables."""
        return x[self.free]


def reduced_problem(
    mip: "LinearMip", subproblem: Subproblem, cutoff: float
) -> ReducedProblem | None:
    """Take the fixed variables out of a problem.

    Parameters
    ----------
    mip
        The whole problem.
    subproblem
        How the neighbourhood differs from it.
    cutoff
        Only solutions of objective below this are of interest; ``inf`` for any.

    Returns
    -------
    ReducedProblem or None
        None if a variable or a row has no value left.

    Raises
    ------
    InputError
        If the subproblem is not well-formed.
    """
    lower, upper = mip.lower.copy(), mip.upper.copy()
    for positions, low, up in tightenings(subproblem):
        lower[positions] = np.maximum(lower[positions], low)
        upper[positions] = np.minimum(upper[positions], up)
    if np.any(lower > upper):
        return None
    cutoff = min(cutoff, subproblem.target)
    matrix, row_lower, row_upper = _rows(mip, subproblem, cutoff)
    rows = reduce_rows(matrix, row_lower, row_upper, lower, upper)
    if rows is None:
        return None
    other = subproblem.objective
    costs = mip.objective if other is None else other.coefficients
    free = rows.free
    settled = lower.copy()
    settled[free] = 0.0
    arrays = ProblemArrays(
        lower[free],
        upper[free],
        costs[free],
        mip.is_integer[free],
        rows.lower,
        rows.upper,
        rows.matrix.indptr.astype(np.int32),
        rows.matrix.indices.astype(np.int32),
        rows.matrix.data,
    )
    return ReducedProblem(
        arrays=arrays,
        free=free,
        settled=settled,
        cutoff=cutoff - mip.value(settled) if other is None else np.inf,
        any_will_do=other is not None,
    )


def _rows(
    mip: "LinearMip", subproblem: Subproblem, cutoff: float
) -> tuple[sparse.csr_array, FloatVector, FloatVector]:
    """Return the rows of the problem and those of the neighbourhood."""
    parts = [(mip.matrix, mip.row_lower, mip.row_upper)]
    extra = subproblem.rows
    if extra is not None:
        parts.append((extra.matrix, extra.lower, extra.upper))
    if subproblem.objective is not None and np.isfinite(cutoff):
        objective = sparse.csr_array(mip.objective[None, :])
        limit = np.array([row_cutoff(cutoff)])
        parts.append((objective, np.array([-np.inf]), limit))
    if len(parts) == 1:
        return parts[0]
    matrices, lowers, uppers = zip(*parts, strict=True)
    stacked = sparse.csr_array(sparse.vstack(matrices, format="csr"))
    return stacked, np.concatenate(lowers), np.concatenate(uppers)
