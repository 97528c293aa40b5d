"""A mixed-integer program as arrays, with the exact decimals of its file.

sense  c x + offset   subject to   row_lower <= A x <= row_upper,
lower <= x <= upper,  x_j integer where is_integer, special constraints.
"""

import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, Self

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_array

from boundwise.core.arguments import as_number
from boundwise.core.errors import InputError
from boundwise.core.result import Sense
from boundwise.instances.decimals import decimal_of

if TYPE_CHECKING:
    from pyscipopt import Model

#: Vectors (and the matrix) whose exact values may be kept beside the doubles.
ExactField = Literal[
    "objective", "matrix", "row_lower", "row_upper", "lower", "upper", "offset"
]


@dataclass(frozen=True, slots=True)
class Sos:
    """Allow at most ``kind`` nonzero variables, adjacent if two.

    Parameters
    ----------
    name
        Name of the constraint.
    kind
        1 or 2.
    indices
        Variables in the order of their weights.
    weights
        The weights, ascending.
    """

    name: str
    kind: Literal[1, 2]
    indices: tuple[int, ...]
    weights: tuple[float, ...]


@dataclass(frozen=True, slots=True)
class Indicator:
    """Demand ``lower <= coefficients x <= upper`` if ``x[binary] == value``.

    Parameters
    ----------
    name
        Name of the constraint.
    binary
        Index of the binary variable.
    value
        0 or 1.
    indices, coefficients
        The row.
    lower, upper
        Its sides; infinite if absent.
    """

    name: str
    binary: int
    value: Literal[0, 1]
    indices: tuple[int, ...]
    coefficients: tuple[float, ...]
    lower: float
    upper: float


@dataclass(frozen=True, slots=True)
class SemiContinuous:
    """Allow ``x[index] == 0`` or ``x[index] >= lower``.

    Parameters
    ----------
    index
        The variable; its upper bound is that of the instance.
    lower
        Lower bound of its nonzero values.
    """

    index: int
    lower: float


@dataclass(frozen=True, kw_only=True, eq=False)
class Instance:
    """Hold one mixed-integer program; the arrays are read-only.

    Parameters
    ----------
    name
        Name of the problem.
    objective
        Coefficients, shape (n,).
    matrix
        Rows, shape (m, n), CSR with sorted indices and without explicit zeros.
    row_lower, row_upper
        Sides of the rows, shape (m,); infinite where absent.
    lower, upper
        Bounds of the variables, shape (n,).
    is_integer
        Which variables are integer, shape (n,).
    names
        Names of the variables; those of a file in the order in which SCIP holds them.
    row_names
        Names of the rows.
    sense
        ``"minimize"`` or ``"maximize"``.
    offset
        Constant of the objective.
    path
        The file it came from, or None.
    sos, indicators, semicontinuous
        Special constraints.
    unchecked
        Names of constraints that the checker cannot evaluate.
    exact
        (field, position) -> value, where the double does not tell the decimal of
        the file; for the matrix the position is that in ``matrix.data``.

    Raises
    ------
    InputError
        If shapes disagree, a coefficient is not finite or there is no variable.
    """

    name: str
    objective: NDArray[np.float64]
    matrix: csr_array
    row_lower: NDArray[np.float64]
    row_upper: NDArray[np.float64]
    lower: NDArray[np.float64]
    upper: NDArray[np.float64]
    is_integer: NDArray[np.bool_]
    names: tuple[str, ...]
    row_names: tuple[str, ...]
    sense: Sense = "minimize"
    offset: float = 0.0
    path: Path | None = None
    sos: tuple[Sos, ...] = ()
    indicators: tuple[Indicator, ...] = ()
    semicontinuous: tuple[SemiContinuous, ...] = ()
    unchecked: tuple[str, ...] = ()
    exact: Mapping[tuple[ExactField, int], Fraction] = field(default_factory=dict)

    def __post_init__(self) -> None:
        """Check that the parts fit and make the arrays read-only."""
        n, m = len(self.names), len(self.row_names)
        if n == 0:
            raise InputError(f"{self.name!r} has no variables.")
        if self.sense not in ("minimize", "maximize"):
            raise InputError(f"sense must be minimize or maximize, got {self.sense!r}.")
        shapes = {
            "objective": (n,),
            "matrix": (m, n),
            "row_lower": (m,),
            "row_upper": (m,),
            "lower": (n,),
            "upper": (n,),
            "is_integer": (n,),
        }
        for name, shape in shapes.items():
            array = getattr(self, name)
            if array.shape != shape:
                raise InputError(f"{name} must have shape {shape}, got {array.shape}.")
            data = array.data if name == "matrix" else array
            if np.isnan(data).any():
                raise InputError(f"{name} must not contain nan.")
            if name in ("objective", "matrix") and not np.isfinite(data).all():
                raise InputError(f"{name} must be finite.")
        as_number("offset", self.offset)
        if not self.matrix.has_canonical_format:
            raise InputError("matrix must have sorted indices and no duplicates.")
        for name in shapes:
            array = getattr(self, name)
            parts = (
                (array.data, array.indices, array.indptr)
                if name == "matrix"
                else (array,)
            )
            for part in parts:
                part.setflags(write=False)

    @property
    def n_variables(self) -> int:
        """Number of variables."""
        return len(self.names)

    @property
    def n_rows(self) -> int:
        """Number of linear rows."""
        return len(self.row_names)

    @property
    def n_nonzeros(self) -> int:
        """Number of nonzero coefficients of the rows."""
        return int(self.matrix.nnz)

    @property
    def is_binary(self) -> NDArray[np.bool_]:
        """Which variables are integer with bounds within [0, 1]."""
        return self.is_integer & (self.lower >= 0) & (self.upper <= 1)

    @property
    def n_binaries(self) -> int:
        """Number of integer variables with bounds within [0, 1]."""
        return int(self.is_binary.sum())

    @property
    def n_integers(self) -> int:
        """Number of integer variables that are not binary."""
        return int(self.is_integer.sum()) - self.n_binaries

    @property
    def n_continuous(self) -> int:
        """Number of continuous variables."""
        return self.n_variables - int(self.is_integer.sum())

    def exact_value(self, part: ExactField, position: int = 0) -> Fraction:
        """Return the exact value of one finite entry.

        Parameters
        ----------
        part
            Name of the array, or ``"offset"``.
        position
            Index in it; for the matrix the index in ``matrix.data``.

        Returns
        -------
        Fraction
            The decimal of the file.
        """
        kept = self.exact.get((part, position))
        if kept is not None:
            return kept
        if part == "offset":
            return decimal_of(self.offset)
        array = self.matrix.data if part == "matrix" else getattr(self, part)
        return decimal_of(array[position])

    def to_model(self) -> "Model":
        """Return a fresh, quiet SCIP model of the problem.

        A problem that came from a file is read again by SCIP's own reader, so that
        solver and checker do not share a parser; others are built from the arrays.

        Returns
        -------
        pyscipopt.Model
            Its ``getVars()`` begin with those of ``names``; in their order, if that
            is SCIP's (binary, integer, continuous), as in an instance that was read.

        Raises
        ------
        SolverError
            If SCIP cannot represent the problem.
        """
        from boundwise.instances.scip_build import to_model

        return to_model(self)

    @classmethod
    def from_model(cls, model: "Model") -> Self:
        """Extract the problem of a SCIP model, which stays as it is.

        Parameters
        ----------
        model
            A model in problem stage.

        Returns
        -------
        Instance
            The problem; what cannot be extracted is listed in ``unchecked``.

        Raises
        ------
        InputError
            If ``model`` is not a model or has no variables.
        StageError
            If the model is not in problem stage.
        """
        from boundwise.instances.scip_extract import parts_of_model

        return cls(**parts_of_model(model))

    def write_mps(self, path: str | os.PathLike[str]) -> None:
        """Write the problem as free MPS, atomically; gzipped if so named.

        Parameters
        ----------
        path
            File to write, such as ``model.mps.gz``.

        Raises
        ------
        InputError
            If the file cannot be written or MPS cannot hold the problem.
        """
        from boundwise.instances.mps.writer import write_mps

        write_mps(self, path)

    def sizes(self) -> dict[str, Any]:
        """Return the sizes by name, as tables show them."""
        return {
            "variables": self.n_variables,
            "binaries": self.n_binaries,
            "integers": self.n_integers,
            "continuous": self.n_continuous,
            "constraints": self.n_rows,
            "nonzeros": self.n_nonzeros,
        }
