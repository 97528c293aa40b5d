"""Concave functions of sums: f(S) = sum_u w_u phi(sum_{e in S} a_eu), a >= 0.

Each feature u pays less and less for more of the same. With one feature, or one for
each group of elements, it is a concave function over a modular one.
"""

from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
from scipy import sparse

from boundwise.core.arguments import as_number
from boundwise.core.errors import InputError
from boundwise.solvers.submodular.objectives.base import CompiledObjective
from boundwise.solvers.submodular.objectives.inputs import (
    as_csr,
    as_weights,
)
from boundwise.solvers.submodular.objectives.kernels.chain import (
    CAPPED,
    CHAIN,
    LINEAR,
    LOG,
    POWER,
    SATURATING,
    SQRT,
)
from boundwise.solvers.submodular.objectives.program import Term

_CONCAVE = {
    "linear": LINEAR,
    "sqrt": SQRT,
    "log": LOG,
    "cap": CAPPED,
    "power": POWER,
    "saturating": SATURATING,
}


class FeatureBased(CompiledObjective):
    """Sum concave functions of what the chosen elements hold of each feature.

    Parameters
    ----------
    A
        Non-negative matrix, sparse or dense: row e says how much of each feature
        element e has.
    concave
        ``"sqrt"``, ``"log"`` (log(1+x)), ``"cap"`` (min(x, parameter)), ``"power"``
        (x^parameter), ``"saturating"`` (1 - exp(-parameter x)) or ``"linear"``.
    parameter
        See above; positive, and at most 1 for ``"power"``.
    weights
        Non-negative weight of each feature; 1 each if None.

    Raises
    ------
    InputError
        If an entry is negative or not finite, or a parameter out of range.

    Examples
    --------
    >>> f = FeatureBased([[4.0, 0.0], [5.0, 1.0]])
    >>> f.value([0]), f.value([0, 1])
    (2.0, 4.0)
    """

    def __init__(
        self,
        A: Any,
        concave: str = "sqrt",
        *,
        parameter: float = 1.0,
        weights: npt.ArrayLike | None = None,
    ) -> None:
        if concave not in _CONCAVE:
            raise InputError(
                f"concave must be one of {', '.join(_CONCAVE)}, got {concave!r}."
            )
        parameter = as_number("parameter", parameter, above=0)
        if concave == "power" and parameter > 1.0:
            raise InputError(
                f"parameter must be at most 1 for 'power', got {parameter!r}."
            )
        rows, indices, data, shape = as_csr(A, "A")
        if len(data) and data.min() < 0:
            raise InputError(f"A must not be negative, got {float(data.min())!r}.")
        term = Term(
            kind=CHAIN,
            n_elements=shape[0],
            n_items=shape[1],
            rows=rows,
            indices=indices,
            data=data,
            extra=as_weights(weights, shape[1], "weights"),
            code=_CONCAVE[concave],
            parameter=parameter,
        )
        super().__init__([term], [1.0], monotone=True)


class ConcaveOverModular(FeatureBased):
    """Apply a concave function to the total weight chosen of each group.

    Parameters
    ----------
    weights
        Non-negative weight of each element.
    groups
        Group 0, 1, ... of each element; all in one if None.
    concave, parameter
        As for `FeatureBased`.

    Raises
    ------
    InputError
        If a weight is negative, or the groups do not fit.

    Examples
    --------
    >>> ConcaveOverModular([9.0, 16.0, 4.0], groups=[0, 0, 1]).value([0, 1, 2])
    7.0
    """

    def __init__(
        self,
        weights: npt.ArrayLike,
        groups: Sequence[int] | npt.ArrayLike | None = None,
        *,
        concave: str = "sqrt",
        parameter: float = 1.0,
    ) -> None:
        count = np.asarray(weights).size
        amounts = as_weights(weights, count, "weights")
        member = np.zeros(count, np.int64) if groups is None else np.asarray(groups)
        if member.shape != (count,) or member.dtype.kind not in "iu":
            raise InputError(f"groups must be {count} integers, got {groups!r}.")
        if count and member.min() < 0:
            raise InputError(f"groups must not be negative, got {member.min()}.")
        matrix = sparse.csr_array((amounts, (np.arange(count), member)))
        super().__init__(matrix, concave, parameter=parameter)
