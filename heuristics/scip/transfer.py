"""Values in and out of SCIP, by position.

A copy made by ``Model(sourceModel=model, origcopy=False)`` has the active transformed
variables of ``model`` as its original ones, under the same names and in the same order;
only integers whose bounds have become 0 and 1 have moved to the binaries, and after a
restart aggregated variables come along, with the row that defines them, where a
conflict still names them. PySCIPOpt returns no map, so `copy_model` maps by position
and checks the names, and maps by name where the positions differ. The copy minimises,
and drops the objective offset.
"""

import itertools
from collections.abc import Sequence
from typing import Any

import numpy as np

from boundwise.core.errors import InputError, SolverError
from boundwise.heuristics.protocols import FloatVector


def copy_model(source: Any) -> tuple[Any, list[Any]]:
    """Copy a presolved model into a fresh, quiet one.

    Parameters
    ----------
    source
        A ``pyscipopt.Model`` that has been presolved.

    Returns
    -------
    tuple
        The copy and its variables, in the order of
        ``source.getVars(transformed=True)``.

    Raises
    ------
    SolverError
        If the copy's variables are not those of the source.
    """
    from pyscipopt import Model

    originals = source.getVars(transformed=True)
    copy = Model(sourceModel=source, origcopy=False)
    make_quiet(copy)
    variables = copy.getVars()
    return copy, in_order([v.name for v in originals], variables)


def in_order(names: Sequence[str], variables: Sequence[Any]) -> list[Any]:
    """Return the variables of a copy in the order of their names in its source.

    Parameters
    ----------
    names
        Names of the active variables of the source.
    variables
        Original variables of the copy; there may be others among them.

    Raises
    ------
    SolverError
        If one is missing, or cannot be told from others.
    """
    if [v.name for v in variables] == list(names):
        return list(variables)
    by_name = {v.name: v for v in variables}
    if len(by_name) < len(variables):
        raise SolverError("a copied model has moved variables that share a name.")
    if not by_name.keys() >= set(names):
        raise SolverError("a copied model lacks variables of its source.")
    return [by_name[name] for name in names]


def make_quiet(model: Any) -> None:
    """Silence a model, and leave Ctrl-C to boundwise."""
    model.hideOutput()
    model.setParam("misc/catchctrlc", False)


def read_values(model: Any, solution: Any, variables: Sequence[Any]) -> FloatVector:
    """Return the values of ``variables`` in a solution of ``model``."""
    return np.fromiter(
        map(model.getSolVal, itertools.repeat(solution), variables),
        dtype=np.float64,
        count=len(variables),
    )


def make_solution(
    model: Any, variables: Sequence[Any], values: FloatVector, heuristic: Any = None
) -> Any:
    """Return a new solution of ``model`` with these values.

    Parameters
    ----------
    model
        The ``pyscipopt.Model``.
    variables
        Its variables; all others are 0.
    values
        Their values, same length.
    heuristic
        The ``pyscipopt.Heur`` that the solution is booked to, or None.
    """
    if len(values) != len(variables):
        raise InputError(
            f"{len(variables)} variables cannot have {len(values)} values."
        )
    solution = model.createSol(heuristic)
    assign = model.setSolVal
    used = np.flatnonzero(values)  # a new solution is zero
    for j, value in zip(used.tolist(), values[used].tolist(), strict=True):
        assign(solution, variables[j], value)
    return solution
