"""The linear relaxation of a ReLU network: a triangle around each unstable ReLU.

    h >= 0,   h >= z,   h <= upper (z - lower) / (upper - lower)   for lower < 0 < upper

Layers are added one by one, so that bounds of a layer can be tightened over the
relaxation of those before it (Ehlers, 2017, doi:10.1007/978-3-319-68167-2_19).
"""

import math
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import ArrayLike

from boundwise.core.errors import InputError, SolverError
from boundwise.heuristics.networks.bounds import Bounds, box, interval_bounds
from boundwise.heuristics.networks.mlp import Floats, Layer, Mlp, finite_array

#: A linear map of the columns of the relaxation and its constant: T v + t.
Affine = tuple[Floats, Floats]


class Maximum(NamedTuple):
    """The maximum of a relaxation.

    Parameters
    ----------
    value
        Largest value; never below that of the network itself.
    inputs
        Inputs at which the relaxation attains it.
    """

    value: float
    inputs: Floats


class InputRows(NamedTuple):
    """Linear constraints ``matrix @ inputs <= upper`` beside the bounds.

    Parameters
    ----------
    matrix
        Coefficients, shape (rows, inputs).
    upper
        Right-hand sides.
    """

    matrix: Floats
    upper: Floats


class TriangleRelaxation:
    """Maximise a network's output over its linear relaxation.

    Parameters
    ----------
    network
        The network.
    lower, upper
        Finite bounds of the inputs.
    rows
        Further linear constraints on the inputs, or None.
    bounds
        Bounds of the preactivations, one for each layer; by interval arithmetic if
        None.

    Raises
    ------
    InputError
        If the box or the rows do not fit the network.
    """

    def __init__(
        self,
        network: Mlp,
        lower: ArrayLike,
        upper: ArrayLike,
        *,
        rows: InputRows | None = None,
        bounds: tuple[Bounds, ...] | None = None,
    ) -> None:
        if bounds is None:
            bounds = interval_bounds(network, lower, upper)
        self._chain = LayeredRelaxation(box(lower, upper, network.n_inputs), rows)
        for layer, layer_bounds in zip(network.layers, bounds, strict=True):
            self._chain.add(layer, layer_bounds)

    def maximize(self, output: int = 0) -> Maximum:
        """Return the largest value of an output over the relaxation.

        Raises
        ------
        InputError
            If no inputs satisfy the bounds and rows.
        """
        return self._chain.maximize(*self._chain.expression(output))


class LayeredRelaxation:
    """Hold the relaxation of the layers added so far.

    Parameters
    ----------
    inputs
        Finite bounds of the inputs.
    rows
        Further linear constraints on the inputs, or None.

    Raises
    ------
    InputError
        If a bound is infinite or the rows do not fit.
    """

    def __init__(self, inputs: Bounds, rows: InputRows | None = None) -> None:
        from pyscipopt import LP

        size = len(inputs.lower)
        if not np.isfinite(inputs.lower).all() or not np.isfinite(inputs.upper).all():
            raise InputError("lower and upper must be finite for a relaxation.")
        self._size = size
        self._lp: Any = LP(sense="maximize")
        self._columns = 0
        self._add_columns(inputs.lower, inputs.upper)
        self._hidden: Affine = (np.eye(size), np.zeros(size))
        if rows is not None:
            rows = checked_rows(rows, size)
            for coefficients, upper in zip(rows.matrix, rows.upper, strict=True):
                self._add_row(coefficients, -math.inf, upper)

    def preactivation(self, layer: Layer) -> Affine:
        """Return the layer's W h + b in terms of the columns."""
        matrix, constant = self._hidden
        return layer.weights @ matrix, layer.weights @ constant + layer.bias

    def expression(self, output: int) -> tuple[Floats, float]:
        """Return the row and the constant of one output of the last layer."""
        matrix, constant = self._hidden
        if not 0 <= output < len(constant):
            raise InputError(
                f"output must be below {len(constant)} and not negative, got {output}."
            )
        return matrix[output], float(constant[output])

    def add(self, layer: Layer, bounds: Bounds) -> None:
        """Add a layer whose preactivations lie within ``bounds``."""
        matrix, constant = self.preactivation(layer)
        if not layer.relu:
            self._hidden = matrix, constant
            return
        kept = relu_states(bounds)
        unstable = np.flatnonzero(kept.unstable)
        first = self._columns
        self._add_columns(np.zeros(len(unstable)), bounds.upper[unstable])
        grown = np.zeros((len(constant), self._columns))
        grown[kept.active, :first] = matrix[kept.active]
        for column, unit in enumerate(unstable, start=first):
            low, high = float(bounds.lower[unit]), float(bounds.upper[unit])
            row = np.zeros(self._columns)
            row[:first] = -matrix[unit]
            row[column] = 1.0
            self._add_row(row, float(constant[unit]), math.inf)
            slope = high / (high - low)
            row[:first] *= slope
            self._add_row(row, -math.inf, slope * (float(constant[unit]) - low))
            grown[unit, column] = 1.0
        self._hidden = grown, np.where(kept.active, constant, 0.0)

    def maximize(self, coefficients: Floats, constant: float = 0.0) -> Maximum:
        """Return the largest value of a linear function of the columns.

        Raises
        ------
        InputError
            If no inputs satisfy the bounds and rows.
        """
        padded = np.zeros(self._columns)
        padded[: len(coefficients)] = coefficients
        for column, value in enumerate(padded):
            self._lp.chgObj(column, float(value))
        try:
            self._lp.solve(dual=False)
        except Exception as error:
            raise SolverError(f"the simplex method failed: {error}") from error
        if not self._lp.isOptimal():
            raise InputError("no inputs satisfy the bounds and rows.")
        primal = np.array(self._lp.getPrimal()[: self._size])
        return Maximum(float(self._lp.getObjVal()) + constant, primal)

    def _add_columns(self, lower: Floats, upper: Floats) -> None:
        if not len(lower):
            return
        self._lp.addCols(
            [[] for _ in lower],
            objs=[0.0] * len(lower),
            lbs=lower.tolist(),
            ubs=upper.tolist(),
        )
        self._columns += len(lower)

    def _add_row(self, coefficients: Floats, lower: float, upper: float) -> None:
        entries = [
            (int(column), float(coefficients[column]))
            for column in np.flatnonzero(coefficients)
        ]
        infinity = self._lp.infinity()
        self._lp.addRow(entries, max(lower, -infinity), min(upper, infinity))


class ReluStates(NamedTuple):
    """Which ReLUs of a layer are affine, zero, or neither.

    Parameters
    ----------
    active
        Input never negative: the ReLU is the identity.
    unstable
        The sign of the input is open; all others are constantly zero.
    """

    active: "np.ndarray[Any, np.dtype[np.bool_]]"
    unstable: "np.ndarray[Any, np.dtype[np.bool_]]"


def relu_states(bounds: Bounds) -> ReluStates:
    """Tell which ReLUs are stable, given bounds of their inputs."""
    active = bounds.lower >= 0.0
    return ReluStates(active, ~active & (bounds.upper > 0.0))


def checked_rows(rows: InputRows, size: int) -> InputRows:
    """Return rows that are finite and fit so many inputs.

    Raises
    ------
    InputError
        If they do not.
    """
    matrix = finite_array("rows.matrix", rows[0], 2)
    upper = finite_array("rows.upper", rows[1], 1)
    if matrix.shape != (len(upper), size):
        raise InputError(
            f"rows.matrix must have shape ({len(upper)}, {size}), got {matrix.shape}."
        )
    return InputRows(matrix, upper)
