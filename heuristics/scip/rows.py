"""The linear rows of a presolved SCIP model, as arrays.

Set-partitioning, packing and covering, logical-or, knapsack and variable-bound
constraints are linear rows too. A negated variable stands for 1 - x. Constraints that
only handle symmetry are left out: what they forbid is as feasible as what they keep.
"""

from collections.abc import Sequence
from typing import Any

import numpy as np
from scipy.sparse import csr_array

from boundwise.core.collector import without_collector
from boundwise.core.errors import InputError, StageError
from boundwise.core.tolerances import INFINITY
from boundwise.heuristics.linear import LinearMip
from boundwise.heuristics.scip.columns import Places, column, is_integer

_LINEAR = frozenset({"linear", "setppc", "logicor", "knapsack", "varbound"})
_SYMMETRY = frozenset({"orbitope", "orbitope_full", "orbitope_pp", "orbisack"}) | {
    "symresack"
}
#: SCIP's stages from the end of presolving to the tree search. What is added at a node
#: of the tree does not belong to the problem, and is not among its constraints.
_PRESOLVED, _SOLVING = 7, 9


@without_collector()
def linear_mip(model: Any) -> LinearMip | None:
    """Return the linear rows of a presolved model.

    Parameters
    ----------
    model
        A ``pyscipopt.Model`` in stage PRESOLVED, or being solved; it is not changed.

    Returns
    -------
    LinearMip or None
        The problem, in the order of ``model.getVars(transformed=True)``, or None if
        a constraint is not linear or speaks of variables that are no longer there.

    Raises
    ------
    InputError
        If ``model`` is not a model.
    StageError
        If the model has not been presolved.
    """
    from pyscipopt import Model

    if not isinstance(model, Model):
        raise InputError(
            f"model must be a pyscipopt.Model, got {type(model).__name__}."
        )
    if not _PRESOLVED <= model.getStage() <= _SOLVING:
        raise StageError(
            f"model must be in stage PRESOLVED, got stage {model.getStageName()}."
        )
    variables = model.getVars(transformed=True)
    rows = _Rows(variables)
    for constraint in model.getConss(transformed=True):
        # What SCIP does not check is implied by the rest.
        if not constraint.isChecked():
            continue
        kind = constraint.getConshdlrName()
        if kind in _SYMMETRY:
            continue
        if kind not in _LINEAR or not rows.add(model, constraint):
            return None
    matrix, row_lower, row_upper = rows.arrays()
    return LinearMip(
        lower=column(variables, "getLbGlobal"),
        upper=column(variables, "getUbGlobal"),
        objective=column(variables, "getObj"),
        is_integer=is_integer(variables),
        matrix=matrix,
        row_lower=row_lower,
        row_upper=row_upper,
    )


class _Rows:
    def __init__(self, variables: Sequence[Any]) -> None:
        self._variables = variables
        self._place = Places(variables)
        self._place_of_name: dict[str, int] | None = None
        self._places = [np.zeros(0, dtype=np.int32)]
        self._values = [np.zeros(0)]
        self._lengths: list[int] = []
        self._lower: list[float] = []
        self._upper: list[float] = []

    def add(self, model: Any, constraint: Any) -> bool:
        """Add a row; tell whether all its variables could be placed."""
        variables = model.getConsVars(constraint)
        values = model.getConsVals(constraint)
        if variables is None or values is None:
            return False
        places = self._place.of(variables)
        shift = 0.0
        if None in places:
            moved = self._resolve(variables, places, values)
            if moved is None:
                return False
            shift = moved
        self._places.append(np.array(places, dtype=np.int32))
        self._values.append(np.array(values, dtype=np.float64))
        self._lengths.append(len(places))
        lower, upper = model.getLhs(constraint), model.getRhs(constraint)
        self._lower.append(lower if lower <= -INFINITY else lower - shift)
        self._upper.append(upper if upper >= INFINITY else upper - shift)
        return True

    def arrays(self) -> tuple[csr_array, np.ndarray, np.ndarray]:
        """Return the matrix and the sides."""
        starts = np.zeros(len(self._lengths) + 1, dtype=np.int32)
        np.cumsum(self._lengths, out=starts[1:])
        matrix = csr_array(
            (
                np.concatenate(self._values),
                np.concatenate(self._places),
                starts,
            ),
            shape=(len(self._lengths), len(self._variables)),
        )
        return matrix, np.array(self._lower), np.array(self._upper)

    def _resolve(
        self, variables: Sequence[Any], places: list[int | None], values: list[float]
    ) -> float | None:
        """Replace negated and fixed variables; return the constant that leaves."""
        shift = 0.0
        for k, variable in enumerate(variables):
            if places[k] is not None:
                continue
            status = variable.getStatus()
            if status == "FIXED":
                shift += values[k] * variable.getLbGlobal()
                places[k], values[k] = 0, 0.0
            elif status == "NEGATED":
                place = self._named(variable.name.removesuffix("_neg"))
                if place is None:
                    return None
                shift += values[k]
                places[k], values[k] = place, -values[k]
            else:
                return None
        return shift

    def _named(self, name: str) -> int | None:
        """Return the place of the only variable of that name, or None."""
        if self._place_of_name is None:
            names = [v.name for v in self._variables]
            self._place_of_name = {name: j for j, name in enumerate(names)}
            if len(self._place_of_name) < len(names):
                # SCIP allows names to repeat; they then tell nothing.
                self._place_of_name = {}
        return self._place_of_name.get(name)
