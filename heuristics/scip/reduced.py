"""A sub-MIP without its fixed variables, written from the arrays of the problem.

Copying a model of many variables costs more than searching a small neighbourhood of
it. A coefficient costs three times as much to write as to copy, so this pays where at
most about half the problem is left.
"""

from typing import Any

import numpy as np

from boundwise.heuristics.linear import LinearMip
from boundwise.heuristics.protocols import Subproblem
from boundwise.heuristics.reduction import Reduction, reduce_problem
from boundwise.heuristics.scip.build import build_model
from boundwise.heuristics.scip.settings import clock_and_tolerances
from boundwise.heuristics.scip.submodel import SubModel, ask_for_one_solution

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
    submodel.model.setParams(clock_and_tolerances(source))
    return submodel


def _build(reduction: Reduction) -> SubModel:
    rows = reduction.rows
    model, variables = build_model(
        lower=reduction.lower,
        upper=reduction.upper,
        objective=reduction.costs,
        is_integer=reduction.is_integer,
        row_lower=rows.lower,
        row_upper=rows.upper,
        starts=rows.matrix.indptr,
        indices=rows.matrix.indices,
        coefficients=rows.matrix.data,
    )
    if reduction.offset:
        model.addObjoffset(reduction.offset)
    if reduction.any_will_do:
        ask_for_one_solution(model)
    elif np.isfinite(reduction.cutoff):
        model.setObjlimit(reduction.cutoff)
    return SubModel(model, variables, reduction.expand)
