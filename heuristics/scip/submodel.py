"""What a neighbourhood makes of a model: a copy with its bounds, rows and objective.

Fixings are bounds, never constraints. Under the problem's own objective, the cutoff is
SCIP's objective limit; under another one it is a row, and the first solution that
satisfies it ends the search.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from boundwise.heuristics.protocols import FloatVector, Subproblem
from boundwise.heuristics.reduction import row_cutoff, tightenings
from boundwise.heuristics.scip.columns import column
from boundwise.heuristics.scip.transfer import copy_model


@dataclass(frozen=True, slots=True)
class SubModel:
    """A sub-MIP as a SCIP model, ready to be searched.

    Parameters
    ----------
    model
        ``pyscipopt.Model`` in problem stage.
    variables
        Those of its variables whose values make a solution.
    expand
        Turns their values into a solution of the whole problem.
    """

    model: Any
    variables: list[Any]
    expand: Callable[[FloatVector], FloatVector]


def copied_submodel(
    source: Any, subproblem: Subproblem, cutoff: float
) -> SubModel | None:
    """Build a sub-MIP by copying the whole presolved model.

    Parameters
    ----------
    source
        Presolved ``pyscipopt.Model``; it is not changed.
    subproblem
        How the copy shall differ from it.
    cutoff
        Only solutions of objective below this are of interest; ``inf`` for any.

    Returns
    -------
    SubModel or None
        None if a variable has no value left: the neighbourhood is empty.

    Raises
    ------
    InputError
        If the subproblem is not well-formed.
    SolverError
        If the copy's variables are not those of the source.
    """
    model, variables = copy_model(source)
    try:
        if not _apply_bounds(model, variables, subproblem):
            model.free()
            return None
        extra = subproblem.rows
        if extra is not None:
            for k, (low, up) in enumerate(zip(extra.lower, extra.upper, strict=True)):
                begin, end = extra.matrix.indptr[k : k + 2]
                members = [variables[j] for j in extra.matrix.indices[begin:end]]
                add_linear(model, members, extra.matrix.data[begin:end], low, up)
        _apply_objective(model, variables, subproblem, cutoff)
    except BaseException:
        model.free()
        raise
    return SubModel(model, variables, lambda values: values)


def add_linear(
    model: Any, members: list[Any], coefficients: Any, low: float, up: float
) -> None:
    """Add a linear constraint to a model in problem stage; infinite sides as +-inf."""
    from pyscipopt.scip import Expr, ExprCons

    # Filled afterwards: making a term for each coefficient costs ten times as much.
    empty = ExprCons(Expr({}), _finite(low), _finite(up))
    constraint = model.addCons(empty)
    add = model.addConsCoeff
    for variable, coefficient in zip(members, coefficients.tolist(), strict=True):
        add(constraint, variable, coefficient)


def ask_for_one_solution(model: Any) -> None:
    """End the search at the first solution: all are good enough."""
    model.setParam("limits/bestsol", 1)


def _finite(side: float) -> float | None:
    return float(side) if np.isfinite(side) else None


def _apply_bounds(model: Any, variables: list[Any], subproblem: Subproblem) -> bool:
    """Tighten the bounds of variables; tell whether every one has a value left."""
    for positions, lower, upper in tightenings(subproblem):
        for position, low, up in zip(
            positions.tolist(), lower.tolist(), upper.tolist(), strict=True
        ):
            variable = variables[position]
            # SCIP ends with an error where a bound is beyond that of a binary variable.
            low = max(low, variable.getLbOriginal())
            up = min(up, variable.getUbOriginal())
            if low > up:
                return False
            model.chgVarLb(variable, low)
            model.chgVarUb(variable, up)
    return True


def _apply_objective(
    model: Any, variables: list[Any], subproblem: Subproblem, cutoff: float
) -> None:
    cutoff = min(cutoff, subproblem.target)
    other = subproblem.objective
    if other is None:
        if np.isfinite(cutoff):
            model.setObjlimit(cutoff)
        return
    from pyscipopt.scip import Expr, Term

    if np.isfinite(cutoff):
        costs = column(variables, "getObj")
        used = np.flatnonzero(costs)
        members = [variables[j] for j in used]
        add_linear(model, members, costs[used], -np.inf, row_cutoff(cutoff))
    used = np.flatnonzero(other.coefficients)
    terms = {Term(variables[j]): float(other.coefficients[j]) for j in used}
    model.setObjective(Expr(terms) + other.offset, "minimize")
    ask_for_one_solution(model)
