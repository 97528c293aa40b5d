"""A sub-MIP without its fixed variables, written from the arrays of the problem.

Copying a model of many variables costs more than searching a small neighbourhood of
it. A coefficient costs three times as much to write as to copy, so this pays where at
most about half the problem is left.
"""

from typing import Any

import numpy as np

from boundwise.core.tolerances import INFINITY
from boundwise.heuristics.linear import LinearMip
from boundwise.heuristics.protocols import Subproblem
from boundwise.heuristics.reduction import Reduction, reduce_problem
from boundwise.heuristics.scip.submodel import (
    SubModel,
    add_linear,
    ask_for_one_solution,
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
    reduction = reduce_problem(mip, subproblem, cutoff)
    if reduction is None:
        return None
    submodel = _build(reduction)
    for name in _INHERITED:
        submodel.model.setParam(name, source.getParam(name))
    return submodel


def _build(reduction: Reduction) -> SubModel:
    from pyscipopt import Model

    rows = reduction.rows
    model = Model()
    try:
        make_quiet(model)
        variables = _add_variables(model, reduction)
        matrix = rows.matrix
        for k, (low, up) in enumerate(zip(rows.lower, rows.upper, strict=True)):
            begin, end = matrix.indptr[k], matrix.indptr[k + 1]
            members = [variables[j] for j in matrix.indices[begin:end].tolist()]
            add_linear(model, members, matrix.data[begin:end], low, up)
        if reduction.offset:
            model.addObjoffset(reduction.offset)
        if reduction.any_will_do:
            ask_for_one_solution(model)
        elif np.isfinite(reduction.cutoff):
            model.setObjlimit(reduction.cutoff)
    except BaseException:
        model.free()
        raise
    return SubModel(model, variables, reduction.expand)


def _add_variables(model: Any, reduction: Reduction) -> list[Any]:
    lower, upper = reduction.lower, reduction.upper
    is_integer = reduction.is_integer
    is_binary = is_integer & (lower >= 0.0) & (upper <= 1.0)
    # SCIP keeps its variables by type: in another order it would move them about.
    order = np.argsort(
        np.where(is_binary, 0, np.where(is_integer, 1, 2)), kind="stable"
    )
    kinds = np.where(is_binary, "B", np.where(is_integer, "I", "C"))
    variables: list[Any] = [None] * len(lower)
    for j, kind, low, up, cost in zip(
        order.tolist(),
        kinds[order].tolist(),
        np.maximum(lower, -INFINITY)[order].tolist(),
        np.minimum(upper, INFINITY)[order].tolist(),
        reduction.costs[order].tolist(),
        strict=True,
    ):
        variables[j] = model.addVar(name=f"x{j}", vtype=kind, lb=low, ub=up, obj=cost)
    return variables
