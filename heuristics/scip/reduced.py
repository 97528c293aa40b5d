"""A sub-MIP without its fixed variables, written from the arrays of the problem.

Copying a model of many variables costs more than searching a small neighbourhood of
it. With F the fixed variables and the others free,

    sides of a row - A_F x_F  bound  A_free x_free,

and rows that the bounds of the free variables imply already are left out. A
coefficient costs three times as much to write as to copy, so this pays where at most
about half the problem is left.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy import sparse

from boundwise.core.tolerances import FEAS_TOL, INFINITY
from boundwise.heuristics.linear import LinearMip
from boundwise.heuristics.protocols import (
    BoolVector,
    FloatVector,
    IntVector,
    Subproblem,
)
from boundwise.heuristics.scip.submodel import (
    SubModel,
    add_linear,
    ask_for_one_solution,
    row_cutoff,
    tightenings,
)
from boundwise.heuristics.scip.transfer import make_quiet

#: Parameters of SCIP that decide what a second and what a solution is.
_INHERITED = (
    "timing/clocktype",
    "numerics/epsilon",
    "numerics/sumepsilon",
    "numerics/feastol",
    "numerics/dualfeastol",
    "numerics/lpfeastolfactor",
)
#: Microseconds of a variable, and of a coefficient when written and when copied.
_VARIABLE, _WRITE, _COPY = 6.0, 1.5, 0.5


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


def pays_off(mip: LinearMip, subproblem: Subproblem) -> bool:
    """Tell whether what is left is written sooner than the whole is copied."""
    free = np.ones(mip.n_variables, dtype=bool)
    free[subproblem.fixed] = False
    lengths = np.diff(mip.columns.indptr)
    write = _VARIABLE * free.sum() + _WRITE * lengths[free].sum()
    return bool(write <= _VARIABLE * len(lengths) + _COPY * lengths.sum())


def reduced_submodel(
    source: Any, mip: LinearMip, subproblem: Subproblem, cutoff: float
) -> SubModel | None:
    """Build a sub-MIP of the variables that are not fixed.

    Parameters
    ----------
    source
        Presolved ``pyscipopt.Model``, whose clock and tolerances are taken over.
    mip
        Its arrays.
    subproblem
        How the sub-MIP shall differ from it.
    cutoff
        Only solutions of objective below this are of interest; ``inf`` for any.

    Returns
    -------
    SubModel or None
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
    matrix, row_lower, row_upper = _all_rows(mip, subproblem, cutoff)
    rows = reduce_rows(matrix, row_lower, row_upper, lower, upper)
    if rows is None:
        return None
    submodel = _build(mip, subproblem, cutoff, rows, lower, upper)
    for name in _INHERITED:
        submodel.model.setParam(name, source.getParam(name))
    return submodel


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


def _all_rows(
    mip: LinearMip, subproblem: Subproblem, cutoff: float
) -> tuple[sparse.csr_array, FloatVector, FloatVector]:
    matrices = [mip.matrix]
    lowers, uppers = [mip.row_lower], [mip.row_upper]
    extra = subproblem.rows
    if extra is not None:
        matrices.append(extra.matrix)
        lowers.append(extra.lower)
        uppers.append(extra.upper)
    cutoff = min(cutoff, subproblem.target)
    if subproblem.objective is not None and np.isfinite(cutoff):
        matrices.append(sparse.csr_array(mip.objective[None, :]))
        lowers.append(np.array([-np.inf]))
        uppers.append(np.array([row_cutoff(cutoff)]))
    if len(matrices) == 1:
        return mip.matrix, mip.row_lower, mip.row_upper
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


def _build(
    mip: LinearMip,
    subproblem: Subproblem,
    cutoff: float,
    rows: ReducedRows,
    lower: FloatVector,
    upper: FloatVector,
) -> SubModel:
    from pyscipopt import Model

    other = subproblem.objective
    costs = mip.objective if other is None else other.coefficients
    settled = lower.copy()
    settled[rows.free] = 0.0
    offset = float(costs @ settled) + (0.0 if other is None else other.offset)
    model = Model()
    try:
        make_quiet(model)
        variables = _add_variables(
            model,
            costs[rows.free],
            lower[rows.free],
            upper[rows.free],
            mip.is_integer[rows.free],
        )
        matrix = rows.matrix
        for k, (low, up) in enumerate(zip(rows.lower, rows.upper, strict=True)):
            begin, end = matrix.indptr[k], matrix.indptr[k + 1]
            members = [variables[j] for j in matrix.indices[begin:end].tolist()]
            add_linear(model, members, matrix.data[begin:end], low, up)
        if offset:
            model.addObjoffset(offset)
        limit = min(cutoff, subproblem.target)
        if other is not None:
            ask_for_one_solution(model)
        elif np.isfinite(limit):
            model.setObjlimit(limit)
    except BaseException:
        model.free()
        raise

    def expand(values: FloatVector) -> FloatVector:
        whole = settled.copy()
        whole[rows.free] = values
        return whole

    return SubModel(model, variables, expand)


def _add_variables(
    model: Any,
    costs: FloatVector,
    lower: FloatVector,
    upper: FloatVector,
    is_integer: BoolVector,
) -> list[Any]:
    is_binary = is_integer & (lower >= 0.0) & (upper <= 1.0)
    # SCIP keeps its variables by type: in another order it would move them about.
    order = np.argsort(
        np.where(is_binary, 0, np.where(is_integer, 1, 2)), kind="stable"
    )
    kinds = np.where(is_binary, "B", np.where(is_integer, "I", "C"))
    variables: list[Any] = [None] * len(costs)
    for j, kind, low, up, cost in zip(
        order.tolist(),
        kinds[order].tolist(),
        np.maximum(lower, -INFINITY)[order].tolist(),
        np.minimum(upper, INFINITY)[order].tolist(),
        costs[order].tolist(),
        strict=True,
    ):
        variables[j] = model.addVar(name=f"x{j}", vtype=kind, lb=low, ub=up, obj=cost)
    return variables
