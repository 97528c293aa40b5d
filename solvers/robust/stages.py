"""The two stages of a problem as arrays.

First stage: x within its bounds, row_lower <= A x <= row_upper, some entries integer.

Second stage, once xi is known (d_0, D, T, W, h constant; sums run over the q entries):

    min_y  (cost + cost_slope xi) y + (x_slope xi) x
    s.t.   T x + W y <= h                                               (certain rows)
           (P_0 + sum xi_q P_q) x + (R_0 + sum xi_q R_q) y <= s_0 + S xi    (uncertain)

For a fixed pair (x, y) cost and rows are affine in xi: a `Policy`.
"""

from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_array

from boundwise.core.errors import InputError
from boundwise.instances.robust.arrays import Floats, vector


@dataclass(frozen=True, kw_only=True, eq=False)
class FirstStage:
    """Hold the decisions taken before the uncertainty is known.

    Parameters
    ----------
    cost
        Certain costs of x, shape (n,).
    lower, upper
        Finite bounds.
    is_integer
        Which entries are integer.
    matrix, row_lower, row_upper
        Certain rows; none by default.
    """

    cost: Floats
    lower: Floats
    upper: Floats
    is_integer: NDArray[np.bool_]
    matrix: csr_array[Any] | None = None
    row_lower: Floats = field(default_factory=lambda: np.zeros(0))
    row_upper: Floats = field(default_factory=lambda: np.zeros(0))

    def __post_init__(self) -> None:
        """Check shapes and values.

        Raises
        ------
        InputError
            If shapes disagree, a bound is infinite, or the box is empty.
        """
        n = len(vector("cost", self.cost))
        _check_box(n, self.lower, self.upper, self.is_integer)
        rows, columns = (0, n) if self.matrix is None else self.matrix.shape
        sides = (len(self.row_lower), len(self.row_upper))
        if columns != n or sides != (rows, rows):
            raise InputError(
                f"matrix must have {n} columns and as many rows as sides, got shape "
                f"{(rows, columns)} with {sides} sides."
            )

    @property
    def n(self) -> int:
        """Number of first-stage variables."""
        return len(self.cost)

    def activity(self, x: Floats) -> Floats:
        """Return A x."""
        if self.matrix is None:
            return np.zeros(0)
        return np.asarray(self.matrix @ x)

    def accepts(self, x: Floats, tolerance: float = 1e-6) -> bool:
        """Tell whether x is a first-stage decision, rows scaled by their sides."""
        inside = (x >= self.lower - tolerance) & (x <= self.upper + tolerance)
        whole = ~self.is_integer | (np.abs(x - np.rint(x)) <= tolerance)
        activity = self.activity(x)
        low = activity >= self.row_lower - tolerance * np.maximum(
            1.0, np.abs(np.nan_to_num(self.row_lower, neginf=0.0))
        )
        high = activity <= self.row_upper + tolerance * np.maximum(
            1.0, np.abs(np.nan_to_num(self.row_upper, posinf=0.0))
        )
        return bool(inside.all() and whole.all() and low.all() and high.all())


@dataclass(frozen=True, slots=True, eq=False)
class Policy:
    """A second-stage decision for a fixed x, as functions of the scenario.

    cost(xi) = cost + slope xi, and it is feasible where rows + row_slopes xi <= 0.
    The certain cost of x is part of ``cost``.
    """

    cost: float
    slope: Floats
    rows: Floats
    row_slopes: Floats

    def cost_at(self, scenario: Floats) -> float:
        """Return the total cost in a scenario."""
        return self.cost + float(self.slope @ scenario)

    def violation_at(self, scenario: Floats) -> float:
        """Return the largest violation of a row, 0 if there is none."""
        if not len(self.rows):
            return 0.0
        return max(0.0, float((self.rows + self.row_slopes @ scenario).max()))


@dataclass(frozen=True, kw_only=True, eq=False)
class SecondStage:
    """Hold the decisions y taken when the scenario xi is known.

    Parameters
    ----------
    cost, cost_slope
        d_0, shape (p,), and D, shape (p, q).
    lower, upper, is_integer
        Box and types of y.
    x_slope
        Uncertain costs of x, shape (n, q); None if there are none.
    x_matrix, y_matrix, rhs
        The certain rows T x + W y <= h.
    uncertain_x, uncertain_y
        P_0 and R_0, shapes (m, n) and (m, p).
    uncertain_x_slope, uncertain_y_slope
        P_q and R_q, shapes (m, n, q) and (m, p, q); None if they are zero.
    uncertain_rhs, uncertain_rhs_slope
        s_0, shape (m,), and S, shape (m, q).
    """

    cost: Floats
    cost_slope: Floats
    lower: Floats
    upper: Floats
    is_integer: NDArray[np.bool_]
    x_matrix: csr_array[Any]
    y_matrix: csr_array[Any]
    rhs: Floats
    x_slope: Floats | None = None
    uncertain_x: Floats | None = None
    uncertain_y: Floats | None = None
    uncertain_x_slope: NDArray[np.float64] | None = None
    uncertain_y_slope: NDArray[np.float64] | None = None
    uncertain_rhs: Floats = field(default_factory=lambda: np.zeros(0))
    uncertain_rhs_slope: Floats | None = None

    def __post_init__(self) -> None:
        """Check shapes.

        Raises
        ------
        InputError
            If shapes disagree, a bound is infinite, or the box is empty.
        """
        p = len(vector("cost", self.cost))
        _check_box(p, self.lower, self.upper, self.is_integer)
        q = self.cost_slope.shape[1] if self.cost_slope.ndim == 2 else -1
        k, n = self.x_matrix.shape
        m = len(vector("uncertain_rhs", self.uncertain_rhs))
        wanted: dict[str, tuple[int, ...]] = {
            "cost_slope": (p, q),
            "y_matrix": (k, p),
            "rhs": (k,),
            "x_slope": (n, q),
            "uncertain_x": (m, n),
            "uncertain_y": (m, p),
            "uncertain_x_slope": (m, n, q),
            "uncertain_y_slope": (m, p, q),
            "uncertain_rhs_slope": (m, q),
        }
        for name, shape in wanted.items():
            array = getattr(self, name)
            if array is not None and array.shape != shape:
                raise InputError(f"{name} must have shape {shape}, got {array.shape}.")

    @property
    def size(self) -> int:
        """Number p of second-stage variables."""
        return len(self.cost)

    @property
    def has_uncertain_rows(self) -> bool:
        """Whether the scenario changes what is feasible."""
        return len(self.uncertain_rhs) > 0

    def cost_at(self, scenario: Floats) -> Floats:
        """Return the costs of y in a scenario."""
        return np.asarray(self.cost + self.cost_slope @ scenario)

    def x_cost_at(self, scenario: Floats) -> Floats:
        """Return the uncertain costs of x in a scenario."""
        if self.x_slope is None:
            return np.zeros(self.x_matrix.shape[1])
        return np.asarray(self.x_slope @ scenario)

    def rows_at(self, scenario: Floats) -> tuple[Floats, Floats, Floats]:
        """Return P, R and s of the uncertain rows P x + R y <= s in a scenario."""
        m = len(self.uncertain_rhs)
        x_part = _affine(self.uncertain_x, self.uncertain_x_slope, scenario)
        y_part = _affine(self.uncertain_y, self.uncertain_y_slope, scenario)
        rhs = _affine(self.uncertain_rhs, self.uncertain_rhs_slope, scenario)
        if x_part is None:
            x_part = np.zeros((m, self.x_matrix.shape[1]))
        if y_part is None:
            y_part = np.zeros((m, self.size))
        assert rhs is not None
        return x_part, y_part, rhs

    def policy(self, first_cost: float, x: Floats, y: Floats) -> Policy:
        """Return cost and uncertain rows of (x, y) as functions of the scenario.

        Parameters
        ----------
        first_cost
            Certain cost of x.
        x, y
            The decisions.
        """
        slope = y @ self.cost_slope
        if self.x_slope is not None:
            slope = slope + x @ self.x_slope
        zero = np.zeros_like(slope)
        _, _, rhs = self.rows_at(zero)
        rows, row_slopes = -rhs, np.zeros((len(rhs), len(slope)))
        if self.uncertain_rhs_slope is not None:
            row_slopes = row_slopes - self.uncertain_rhs_slope
        for constant, change, values in (
            (self.uncertain_x, self.uncertain_x_slope, x),
            (self.uncertain_y, self.uncertain_y_slope, y),
        ):
            if constant is not None:
                rows = rows + constant @ values
            if change is not None:
                row_slopes = row_slopes + np.einsum("mnq,n->mq", change, values)
        return Policy(first_cost + float(self.cost @ y), slope, rows, row_slopes)


def _affine(constant: Any, slope: Any, scenario: Floats) -> Any:
    if constant is None and slope is None:
        return None
    if slope is None:
        return constant
    change = slope @ scenario
    return change if constant is None else constant + change


def _check_box(n: int, lower: Any, upper: Any, is_integer: Any) -> None:
    low, high = vector("lower", lower, n), vector("upper", upper, n)
    if not (low <= high).all():
        where = int(np.argmin(low <= high))
        raise InputError(
            f"lower must not exceed upper, got {low[where]} and {high[where]} "
            f"for variable {where}."
        )
    if np.shape(is_integer) != (n,):
        raise InputError(f"is_integer must have shape ({n},), got {is_integer!r}.")
