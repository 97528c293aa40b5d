"""A SCIP model written from arrays."""

from collections.abc import Iterator
from typing import Any

import numpy as np
from numpy.typing import NDArray

from boundwise.core.tolerances import INFINITY
from boundwise.heuristics.protocols import BoolVector, FloatVector
from boundwise.heuristics.scip.submodel import add_linear
from boundwise.heuristics.scip.transfer import make_quiet


def build_model(
    *,
    lower: FloatVector,
    upper: FloatVector,
    objective: FloatVector,
    is_integer: BoolVector,
    row_lower: FloatVector,
    row_upper: FloatVector,
    starts: NDArray[Any],
    indices: NDArray[Any],
    coefficients: FloatVector,
) -> tuple[Any, list[Any]]:
    """Return a quiet model that minimises ``c x`` subject to rows and bounds.

    Parameters
    ----------
    lower, upper, objective, is_integer
        Vectors of the n variables; absent bounds are infinite.
    row_lower, row_upper
        Sides of the m rows; absent ones are infinite.
    starts, indices, coefficients
        The rows in compressed form (CSR).

    Returns
    -------
    tuple
        ``pyscipopt.Model`` in problem stage, and its variables in the given order.
    """
    from pyscipopt import Model

    model = Model()
    try:
        make_quiet(model)
        variables: list[Any] = [None] * len(lower)
        for j, kind, low, up, cost in _columns(lower, upper, objective, is_integer):
            variables[j] = model.addVar(
                name=f"x{j}", vtype=kind, lb=low, ub=up, obj=cost
            )
        for k, (low, up) in enumerate(zip(row_lower, row_upper, strict=True)):
            begin, end = starts[k], starts[k + 1]
            members = [variables[j] for j in indices[begin:end].tolist()]
            add_linear(model, members, coefficients[begin:end], low, up)
    except BaseException:
        model.free()
        raise
    return model, variables


def _columns(
    lower: FloatVector,
    upper: FloatVector,
    objective: FloatVector,
    is_integer: BoolVector,
) -> Iterator[tuple[int, str, float, float, float]]:
    """Yield index, type, bounds and cost of each variable, as SCIP orders them."""
    is_binary = is_integer & (lower >= 0.0) & (upper <= 1.0)
    # SCIP keeps its variables by type: in another order it would move them about.
    order = np.argsort(
        np.where(is_binary, 0, np.where(is_integer, 1, 2)), kind="stable"
    )
    kinds = np.where(is_binary, "B", np.where(is_integer, "I", "C"))
    return zip(
        order.tolist(),
        kinds[order].tolist(),
        np.maximum(lower, -INFINITY)[order].tolist(),
        np.minimum(upper, INFINITY)[order].tolist(),
        objective[order].tolist(),
        strict=True,
    )
