"""What SCIP says of many variables, as arrays: one call of SCIP for each, no Python.

    column(variables, "getObj")[j] = variables[j].getObj()

A loop in Python would cost more than the calls themselves.
"""

from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np

from boundwise.core.tolerances import INFINITY
from boundwise.heuristics.protocols import BoolVector, FloatVector, IntVector

_INTEGER_TYPES = frozenset({"BINARY", "INTEGER"})


def column(variables: Sequence[Any], method: str) -> FloatVector:
    """Return what a method of each variable returns, as numbers of shape (n,)."""
    return np.fromiter(_call(variables, method), np.float64, len(variables))


def counts(variables: Sequence[Any], method: str) -> IntVector:
    """Return what a method of each variable returns, as integers of shape (n,)."""
    return np.fromiter(_call(variables, method), np.int64, len(variables))


def is_binary(variables: Sequence[Any]) -> BoolVector:
    """Tell which variables are binary."""
    return np.array(
        [kind == "BINARY" for kind in _call(variables, "vtype")], dtype=bool
    )


def is_integer(variables: Sequence[Any]) -> BoolVector:
    """Tell which variables must be integers."""
    return np.array(
        [kind in _INTEGER_TYPES for kind in _call(variables, "vtype")], dtype=bool
    )


def bounds(
    model: Any, variables: Sequence[Any], *, local: bool = False
) -> tuple[FloatVector, FloatVector]:
    """Return the bounds of variables, infinite ones as inf.

    Parameters
    ----------
    model, variables
        The ``pyscipopt.Model`` and some of its variables.
    local
        Whether to return those of the node instead of those of the whole tree.
    """
    where, infinity = "Local" if local else "Global", model.infinity()
    lower = column(variables, f"getLb{where}")
    upper = column(variables, f"getUb{where}")
    lower[lower <= -infinity] = -np.inf
    upper[upper >= infinity] = np.inf
    return lower, upper


def reduced_costs(model: Any, variables: Sequence[Any]) -> FloatVector:
    """Return what each variable costs in the LP of the node, 0 if it is not in it.

    All problems minimise here: the signs are those of the transformed objective.
    """
    costs = np.fromiter(map(model.getVarRedcost, variables), np.float64, len(variables))
    # PySCIPOpt turns their sign for a problem to maximise.
    if model.getObjectiveSense() == "maximize":
        costs = -costs
    # SCIP marks unknown ones by huge numbers.
    costs[np.abs(costs) >= INFINITY] = 0.0
    return costs


class Places:
    """Find the position of a variable in a sequence.

    Parameters
    ----------
    variables
        Distinct variables.
    """

    def __init__(self, variables: Sequence[Any]) -> None:
        self._place = {pointer: j for j, pointer in enumerate(_call(variables, "ptr"))}

    def of(self, variables: Sequence[Any]) -> list[int | None]:
        """Return the position of each variable, None where it has none."""
        return list(map(self._place.get, _call(variables, "ptr")))


def _call(variables: Sequence[Any], method: str) -> Iterable[Any]:
    # All are of the one class that PySCIPOpt has for variables.
    return map(getattr(type(variables[0]), method), variables) if variables else ()
