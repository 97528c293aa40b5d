"""What is left of a problem when a neighbourhood fixes variables, as arrays.

With F the fixed variables and the others free,

    row_lower - A_F x_F  <=  A_free x_free  <=  row_upper - A_F x_F,

and rows that the bounds of the free variables imply already are left out.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from scipy import sparse

from boundwise.core.errors import InputError
from boundwise.core.tolerances import FEAS_TOL
from boundwise.heuristics.linear import LinearMip
from boundwise.heuristics.protocols import (
    BoolVector,
    FloatVector,
    IntVector,
    Subproblem,
)


@dataclass(frozen=True, slots=True)
class ReducedRows:
    """Hold the rows that are left of a problem.

    Parameters
    ----------
    free
        Indices of the variables that are left, ascending.
    matrix
        CSR over the free variables only.
    lower, upper
        Sides; infinite ones as +-inf.
    """

    free: IntVector
    matrix: sparse.csr_array
    lower: FloatVector
    upper: FloatVector


@dataclass(frozen=True, slots=True, kw_only=True)
class Reduction:
    """Hold a problem of the free variables only.

    Parameters
    ----------
    rows
        The rows that are left, and which variables are free.
    lower, upper, costs, is_integer
        Bounds, objective and integrality of the free variables.
    settled
        Values of the others, shape (n,); 0 for the free ones.
    offset
        Objective of what is settled.
    cutoff
        Only solutions of objective below this are of interest, by the problem's own
        objective over all variables; ``inf`` for any.
    any_will_do
        Whether the objective is another one, and the first solution is good enough.
    """

    rows: ReducedRows
    lower: FloatVector
    upper: FloatVector
    costs: FloatVector
    is_integer: BoolVector
    settled: FloatVector
    offset: float
    cutoff: float
    any_will_do: bool

    @property
    def limit(self) -> float:
        """The cutoff for the objective of the free variables; inf under another one."""
        return np.inf if self.any_will_do else self.cutoff - self.offset

    def expand(self, values: FloatVector) -> FloatVector:
        """Return the solution of the whole problem."""
        whole = self.settled.copy()
        whole[self.rows.free] = values
        return whole


def reduce_problem(
    mip: LinearMip, subproblem: Subproblem, cutoff: float
) -> Reduction | None:
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
    Reduction or None
        None if the bounds leave a variable or a row without a value: the
        neighbourhood is empty.

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
    matrix, row_lower, row_upper = _all_rows(mip, subproblem, cutoff)
    rows = reduce_rows(matrix, row_lower, row_upper, lower, upper)
    if rows is None:
        return None
    other = subproblem.objective
    costs = mip.objective if other is None else other.coefficients
    settled = lower.copy()
    settled[rows.free] = 0.0
    return Reduction(
        rows=rows,
        lower=lower[rows.free],
        upper=upper[rows.free],
        costs=costs[rows.free],
        is_integer=mip.is_integer[rows.free],
        settled=settled,
        offset=float(costs @ settled) + (0.0 if other is None else other.offset),
        cutoff=cutoff,
        any_will_do=other is not None,
    )


def reduce_rows(
    matrix: sparse.csr_array,
    row_lower: FloatVector,
    row_upper: FloatVector,
    lower: FloatVector,
    upper: FloatVector,
) -> ReducedRows | None:
    """Take fixed variables and implied rows out of linear rows.

    Returns
    -------
    ReducedRows or None
        None if a row cannot be satisfied within the bounds.

    Examples
    --------
    >>> import numpy as np
    >>> from scipy import sparse
    >>> rows = sparse.csr_array(np.array([[1.0, 2.0, 3.0], [0.0, 1.0, 1.0]]))
    >>> left = reduce_rows(
    ...     rows, np.full(2, -np.inf), np.array([5.0, 2.0]),
    ...     np.array([1.0, 0.0, 0.0]), np.array([1.0, 1.0, 1.0]))
    >>> left.matrix.toarray().tolist(), left.upper.tolist()
    ([[2.0, 3.0]], [4.0])
    """
    is_free = lower < upper
    free = np.flatnonzero(is_free)
    fixed_part = matrix @ np.where(is_free, 0.0, lower)
    low, up = row_lower - fixed_part, row_upper - fixed_part
    left = sparse.csr_array(matrix[:, free])
    least, most = _activity_range(left, lower[free], upper[free])
    # What SCIP would still accept is not taken for a contradiction.
    slack = FEAS_TOL * np.maximum(1.0, np.abs(fixed_part))
    if np.any(least > up + slack) or np.any(most < low - slack):
        return None
    keep = np.flatnonzero((least < low) | (most > up))
    return ReducedRows(free, sparse.csr_array(left[keep]), low[keep], up[keep])


def tightenings(
    subproblem: Subproblem,
) -> Iterator[tuple[IntVector, FloatVector, FloatVector]]:
    """Return positions, lower and upper bounds of all that is fixed or tightened.

    Raises
    ------
    InputError
        If lengths differ or bounds cross.
    """
    parts = [(subproblem.fixed, subproblem.values, subproblem.values)]
    bounds = subproblem.bounds
    if bounds is not None:
        parts.append((bounds.variables, bounds.lower, bounds.upper))
    for positions, lower, upper in parts:
        if not len(positions) == len(lower) == len(upper):
            raise InputError(
                "a subproblem must have a value for each of its variables, got "
                f"{len(positions)} variables and {len(lower)} values."
            )
        if not np.all(lower <= upper):  # nan as well
            raise InputError("the bounds of a subproblem must not cross or be nan.")
        yield positions, lower, upper


def row_cutoff(cutoff: float) -> float:
    """Return a cutoff as the side of a row, which SCIP may exceed by a tolerance."""
    return cutoff - 2.0 * FEAS_TOL * max(1.0, abs(cutoff))


def _all_rows(
    mip: LinearMip, subproblem: Subproblem, cutoff: float
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
    stacked.eliminate_zeros()
    return stacked, np.concatenate(lowers), np.concatenate(uppers)


def _activity_range(
    matrix: sparse.csr_array, lower: FloatVector, upper: FloatVector
) -> tuple[FloatVector, FloatVector]:
    """Return the least and the largest value of each row within the bounds."""
    data, columns = matrix.data, matrix.indices
    positive = data > 0.0
    at_least = data * np.where(positive, lower[columns], upper[columns])
    at_most = data * np.where(positive, upper[columns], lower[columns])
    return _row_sums(at_least, matrix.indptr), _row_sums(at_most, matrix.indptr)


def _row_sums(values: FloatVector, starts: IntVector) -> FloatVector:
    sums = np.zeros(len(starts) - 1)
    filled = np.flatnonzero(np.diff(starts))
    if len(filled):
        sums[filled] = np.add.reduceat(values, starts[filled])
    return sums
