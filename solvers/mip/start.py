"""A solution that the user gives to start from."""

import os
import warnings
from collections.abc import Mapping
from typing import Any

import numpy as np

from boundwise.core.errors import BoundwiseWarning, InputError
from boundwise.core.tolerances import FEAS_TOL
from boundwise.heuristics.protocols import FloatVector
from boundwise.instances.checker import check
from boundwise.instances.instance import Instance
from boundwise.instances.scip_build import variables_of
from boundwise.instances.solutions import read_solution


class StartWarning(BoundwiseWarning):
    """Warn that the solution given to start from is not feasible."""


def add_start(
    model: Any,
    instance: Instance,
    start: "Mapping[str, float] | FloatVector | str | os.PathLike[str]",
) -> bool:
    """Give a model in problem stage a solution to start from.

    Parameters
    ----------
    model
        ``pyscipopt.Model`` of the instance.
    instance
        The problem.
    start
        Values by name (missing ones are 0), values in the order of the variables,
        or the path of a ``.sol`` file.

    Returns
    -------
    bool
        Whether the solution is feasible; a `StartWarning` is issued if not.

    Raises
    ------
    InputError
        If the values do not fit the problem.
    """
    values = start_values(instance, start)
    nearest = np.round(values)
    nearly = instance.is_integer & (np.abs(values - nearest) <= FEAS_TOL)
    # A start that only SCIP holds to be feasible would cut off the true solutions.
    values = np.where(nearly, nearest, values)
    solution = model.createSol()
    # Variables that SCIP has added to those of the problem stay at 0.
    variables = variables_of(model, instance)
    for variable, value in zip(variables, values.tolist(), strict=True):
        model.setSolVal(solution, variable, value)
    feasible = check(instance, values).strict and bool(
        model.checkSol(solution, printreason=False, original=True)
    )
    if feasible:
        model.addSol(solution)
    else:
        model.freeSol(solution)
        warnings.warn(
            "the solution given as start is not feasible and is left out.",
            StartWarning,
            stacklevel=3,
        )
    return feasible


def start_values(
    instance: Instance,
    start: "Mapping[str, float] | FloatVector | str | os.PathLike[str]",
) -> FloatVector:
    """Return the values of a start in the order of the variables.

    Raises
    ------
    InputError
        If a name is unknown, the length is wrong or a value is not finite.
    """
    if isinstance(start, str | os.PathLike):
        start = {
            name: float(value) for name, value in read_solution(start).values.items()
        }
    if isinstance(start, Mapping):
        position = {name: index for index, name in enumerate(instance.names)}
        unknown = [name for name in start if name not in position]
        if unknown:
            raise InputError(f"start has unknown variables, such as {unknown[0]!r}.")
        values = np.zeros(len(instance.names))
        for name, value in start.items():
            values[position[name]] = value
    else:
        values = np.asarray(start, dtype=np.float64)
    if values.shape != (len(instance.names),):
        raise InputError(
            f"start must have {len(instance.names)} values, got shape {values.shape}."
        )
    if not np.all(np.isfinite(values)):
        raise InputError("start must have finite values.")
    return values
