"""A mixed-integer program as linear rows, the form that local search reads.

minimise  c x   subject to   row_lower <= A x <= row_upper,   lower <= x <= upper,
x_j integer where is_integer.  Absent sides and bounds are infinite.
"""

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Self

import numpy as np
from scipy.sparse import csc_array, csr_array

from boundwise.core.errors import InputError
from boundwise.core.tolerances import FEAS_TOL, INFINITY, INT_TOL
from boundwise.heuristics.protocols import BoolVector, FloatVector, IntVector

if TYPE_CHECKING:
    from boundwise.instances.instance import Instance


@dataclass(frozen=True, eq=False)
class LinearMip:
    """Hold a mixed-integer program of n variables and m linear rows, read-only.

    Parameters
    ----------
    lower, upper
        Bounds of the variables, shape (n,).
    objective
        Coefficients to minimise, shape (n,).
    is_integer
        Which variables are integer, shape (n,).
    matrix
        Rows, CSR of shape (m, n); kept with sorted indices, without duplicates and
        explicit zeros.
    row_lower, row_upper
        Sides of the rows, shape (m,).

    Raises
    ------
    InputError
        If shapes disagree, a number is nan, a coefficient is not finite, or a lower
        bound or side is above the upper one.
    """

    lower: FloatVector
    upper: FloatVector
    objective: FloatVector
    is_integer: BoolVector
    matrix: csr_array
    row_lower: FloatVector
    row_upper: FloatVector

    def __post_init__(self) -> None:
        """Check that the parts fit and make them read-only."""
        matrix = csr_array(self.matrix).astype(np.float64, copy=True)
        matrix.sum_duplicates()
        matrix.eliminate_zeros()
        if not np.isfinite(matrix.data).all():
            raise InputError("matrix must be finite.")
        object.__setattr__(self, "matrix", matrix)
        m, n = matrix.shape
        for name, length in (
            ("lower", n),
            ("upper", n),
            ("objective", n),
            ("row_lower", m),
            ("row_upper", m),
        ):
            object.__setattr__(self, name, self._vector(name, length))
        is_integer = np.array(self.is_integer)
        if is_integer.shape != (n,) or is_integer.dtype != np.bool_:
            raise InputError(
                f"is_integer must hold {n} booleans, got shape {is_integer.shape} of "
                f"{is_integer.dtype}."
            )
        object.__setattr__(self, "is_integer", is_integer)
        if not np.isfinite(self.objective).all():
            raise InputError("objective must be finite.")
        self._check_order("lower", "upper")
        self._check_order("row_lower", "row_upper")
        for array in (matrix.data, matrix.indices, matrix.indptr, is_integer):
            array.setflags(write=False)

    @classmethod
    def from_instance(cls, instance: "Instance") -> Self:
        """Take the rows of an instance; an objective to maximise is negated.

        Raises
        ------
        InputError
            If the instance has constraints that are not linear rows.
        """
        special = {
            "special ordered sets": instance.sos,
            "indicators": instance.indicators,
            "semi-continuous variables": instance.semicontinuous,
            "constraints of other kinds": instance.unchecked,
        }
        for what, found in special.items():
            if found:
                raise InputError(f"{instance.name!r} has {what}, not only linear rows.")
        sign = -1.0 if instance.sense == "maximize" else 1.0
        return cls(
            lower=instance.lower,
            upper=instance.upper,
            objective=sign * instance.objective,
            is_integer=instance.is_integer,
            matrix=instance.matrix,
            row_lower=instance.row_lower,
            row_upper=instance.row_upper,
        )

    @property
    def n_variables(self) -> int:
        """Number of variables."""
        return len(self.lower)

    @property
    def n_rows(self) -> int:
        """Number of rows."""
        return len(self.row_lower)

    @property
    def n_nonzeros(self) -> int:
        """Number of nonzero coefficients of the rows."""
        return int(self.matrix.nnz)

    @cached_property
    def integers(self) -> IntVector:
        """Indices of the integer variables."""
        return np.flatnonzero(self.is_integer)

    @cached_property
    def continuous(self) -> IntVector:
        """Indices of the continuous variables."""
        return np.flatnonzero(~self.is_integer)

    @cached_property
    def columns(self) -> csc_array:
        """The rows by columns."""
        columns = csc_array(self.matrix)
        columns.sort_indices()
        return columns

    @cached_property
    def integral_bounds(self) -> tuple[FloatVector, FloatVector]:
        """Bounds, rounded inwards where integer; they may cross if nothing fits."""
        lower, upper = self.lower.copy(), self.upper.copy()
        integers = self.is_integer
        lower[integers] = np.ceil(lower[integers] - INT_TOL)
        upper[integers] = np.floor(upper[integers] + INT_TOL)
        return lower, upper

    def value(self, x: FloatVector) -> float:
        """Return the objective of a point."""
        return float(self.objective @ x)

    def activity(self, x: FloatVector) -> FloatVector:
        """Return the value of each row at a point, shape (m,)."""
        return np.asarray(self.matrix @ x, dtype=np.float64)

    def violations(self, x: FloatVector) -> FloatVector:
        """Return how much a point misses each row, relative to large sides."""
        activity = self.activity(x)
        short = (self.row_lower - activity) / _magnitude(self.row_lower)
        over = (activity - self.row_upper) / _magnitude(self.row_upper)
        return np.maximum(np.maximum(short, over), 0.0)

    def is_feasible(self, x: FloatVector) -> bool:
        """Tell whether a point satisfies bounds, integrality and rows."""
        if x.shape != self.lower.shape or not np.isfinite(x).all():
            return False
        below = (self.lower - x) / _magnitude(self.lower)
        above = (x - self.upper) / _magnitude(self.upper)
        if max(np.max(below, initial=0.0), np.max(above, initial=0.0)) > FEAS_TOL:
            return False
        integers = x[self.is_integer]
        if np.max(np.abs(integers - np.round(integers)), initial=0.0) > INT_TOL:
            return False
        return bool(np.max(self.violations(x), initial=0.0) <= FEAS_TOL)

    def _vector(self, name: str, length: int) -> FloatVector:
        given = getattr(self, name)
        try:
            array = np.array(given, dtype=np.float64)
        except (TypeError, ValueError):
            raise InputError(f"{name} must hold numbers, got {given!r}.") from None
        if array.shape != (length,):
            raise InputError(f"{name} must have shape {(length,)}, got {array.shape}.")
        if np.isnan(array).any():
            raise InputError(f"{name} must not contain nan.")
        if name != "objective":
            array[array >= INFINITY] = np.inf
            array[array <= -INFINITY] = -np.inf
        array.setflags(write=False)
        return array

    def _check_order(self, low: str, high: str) -> None:
        lower, upper = getattr(self, low), getattr(self, high)
        wrong = (lower > upper) | (lower == np.inf) | (upper == -np.inf)
        if wrong.any():
            place = int(np.argmax(wrong))
            raise InputError(
                f"{low}[{place}] must not exceed {high}[{place}], got {lower[place]} "
                f"and {upper[place]}."
            )


def _magnitude(sides: FloatVector) -> FloatVector:
    finite = np.where(np.isfinite(sides), np.abs(sides), 0.0)
    return np.maximum(finite, 1.0)
