"""A problem as it travels to a child: vectors only, without scipy."""

from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import TYPE_CHECKING, Any, Self

import numpy as np

from boundwise.core.errors import InputError
from boundwise.heuristics.engines.frames import Array

if TYPE_CHECKING:
    from boundwise.heuristics.linear import LinearMip
    from boundwise.heuristics.reduction import Reduction


@dataclass(frozen=True, slots=True)
class ProblemArrays:
    """Hold minimise ``c x``, ``row_lower <= A x <= row_upper``, bounds, integrality.

    Parameters
    ----------
    lower, upper, objective, is_integer
        Vectors of the n variables.
    row_lower, row_upper
        Sides of the m rows.
    starts, indices, coefficients
        The rows in compressed form (CSR).
    """

    lower: Array
    upper: Array
    objective: Array
    is_integer: Array
    row_lower: Array
    row_upper: Array
    starts: Array
    indices: Array
    coefficients: Array

    @classmethod
    def of(cls, mip: "LinearMip") -> Self:
        """Take the arrays of a problem.

        Raises
        ------
        InputError
            If there are more nonzeros than solvers can number.
        """
        matrix = mip.matrix
        if matrix.nnz >= 2**31:
            raise InputError(f"a matrix of {matrix.nnz} nonzeros is too large.")
        return cls(
            mip.lower,
            mip.upper,
            mip.objective,
            mip.is_integer,
            mip.row_lower,
            mip.row_upper,
            matrix.indptr.astype(np.int32),
            matrix.indices.astype(np.int32),
            matrix.data,
        )

    @classmethod
    def of_reduction(cls, reduction: "Reduction") -> Self:
        """Take the arrays of what is left of a problem."""
        matrix = reduction.rows.matrix
        return cls(
            reduction.lower,
            reduction.upper,
            reduction.costs,
            reduction.is_integer,
            reduction.rows.lower,
            reduction.rows.upper,
            matrix.indptr.astype(np.int32),
            matrix.indices.astype(np.int32),
            matrix.data,
        )

    @classmethod
    def from_arrays(cls, arrays: Mapping[str, Array]) -> Self:
        """Read what `to_arrays` gave.

        Raises
        ------
        InputError
            If an array is missing.
        """
        try:
            return cls(*(arrays[part.name] for part in fields(cls)))
        except KeyError as error:
            raise InputError(f"a problem without {error} cannot be read.") from error

    def to_arrays(self) -> dict[str, Any]:
        """Return the arrays by name."""
        return {part.name: getattr(self, part.name) for part in fields(self)}

    @property
    def n_variables(self) -> int:
        """Number of variables."""
        return len(self.lower)

    @property
    def n_rows(self) -> int:
        """Number of rows."""
        return len(self.row_lower)
