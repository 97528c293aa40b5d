"""A feed-forward network of linear and ReLU layers, as plain arrays.

h_0 = input,   z_k = W_k h_{k-1} + b_k,   h_k = max(z_k, 0)  or  z_k
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from boundwise.core.errors import InputError

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True, eq=False)
class Layer:
    """One affine map, followed by a ReLU or not.

    Parameters
    ----------
    weights
        Matrix W of shape (outputs, inputs).
    bias
        Vector b of length outputs.
    relu
        Whether max(., 0) follows.

    Raises
    ------
    InputError
        If the shapes do not match or an entry is not finite.
    """

    weights: Floats
    bias: Floats
    relu: bool = True

    def __post_init__(self) -> None:
        """Make private, read-only copies and check them."""
        weights = finite_array("weights", self.weights, 2)
        bias = finite_array("bias", self.bias, 1)
        if not weights.size or bias.shape != weights.shape[:1]:
            raise InputError(
                "weights must have shape (outputs, inputs) and bias length outputs, "
                f"got {weights.shape} and {bias.shape}."
            )
        object.__setattr__(self, "weights", weights)
        object.__setattr__(self, "bias", bias)
        object.__setattr__(self, "relu", bool(self.relu))

    def preactivation(self, points: Floats) -> Floats:
        """Return W h + b for each row h."""
        return np.asarray(points @ self.weights.T + self.bias)


@dataclass(frozen=True, slots=True, eq=False)
class Mlp:
    """A chain of layers.

    Parameters
    ----------
    layers
        The layers, first to last; each takes what the one before gives.

    Raises
    ------
    InputError
        If there is no layer, or two neighbours do not fit.

    Examples
    --------
    >>> network = Mlp.from_arrays([[[1.0], [-1.0]], [[1.0, 1.0]]])  # |x|
    >>> network.forward([[-3.0], [2.0]]).ravel().tolist()
    [3.0, 2.0]
    """

    layers: tuple[Layer, ...]

    def __post_init__(self) -> None:
        """Check that the layers fit."""
        object.__setattr__(self, "layers", tuple(self.layers))
        if not self.layers:
            raise InputError("layers must hold at least one layer, got none.")
        for position, layer in enumerate(self.layers):
            if not isinstance(layer, Layer):
                raise InputError(
                    f"layers[{position}] must be a Layer, got {type(layer).__name__}."
                )
        for position in range(1, len(self.layers)):
            given = len(self.layers[position - 1].bias)
            taken = self.layers[position].weights.shape[1]
            if given != taken:
                raise InputError(
                    f"layers[{position}] takes {taken} inputs, but layers"
                    f"[{position - 1}] has {given} outputs."
                )

    @classmethod
    def from_arrays(
        cls,
        weights: Sequence[ArrayLike],
        biases: Sequence[ArrayLike | None] | None = None,
    ) -> "Mlp":
        """Make a network with a ReLU after every layer but the last.

        Parameters
        ----------
        weights
            One matrix (outputs, inputs) a layer, as ``torch.nn.Linear.weight``; for
            scikit-learn, ``[w.T for w in mlp.coefs_]``.
        biases
            One vector a layer, or None for a layer without; None for no bias at all.

        Raises
        ------
        InputError
            If the arrays are no network.
        """
        weights = list(weights)
        vectors = [None] * len(weights) if biases is None else list(biases)
        if len(vectors) != len(weights):
            raise InputError(
                f"biases must have one entry for each of the {len(weights)} layers, "
                f"got {len(vectors)}."
            )
        layers = []
        for position, (matrix, vector) in enumerate(zip(weights, vectors, strict=True)):
            matrix = finite_array(f"weights[{position}]", matrix, 2)
            bias = (
                np.zeros(len(matrix))
                if vector is None
                else finite_array(f"biases[{position}]", vector, 1)
            )
            layers.append(Layer(matrix, bias, relu=position < len(weights) - 1))
        return cls(tuple(layers))

    @property
    def n_inputs(self) -> int:
        """Number of inputs."""
        return int(self.layers[0].weights.shape[1])

    @property
    def n_outputs(self) -> int:
        """Number of outputs."""
        return len(self.layers[-1].bias)

    def forward(self, points: ArrayLike) -> Floats:
        """Return the outputs for each row of ``points``, shape (rows, outputs).

        Raises
        ------
        InputError
            If ``points`` is not a matrix of finite rows of inputs.
        """
        hidden = self._rows(points)
        for layer in self.layers:
            hidden = layer.preactivation(hidden)
            if layer.relu:
                np.maximum(hidden, 0.0, out=hidden)
        return hidden

    def gradient(self, points: ArrayLike, output: int = 0) -> Floats:
        """Return the gradient of one output at each row; 0 is used at a kink.

        Raises
        ------
        InputError
            If ``points`` is no such matrix or there is no such output.
        """
        hidden = self._rows(points)
        if not 0 <= output < self.n_outputs:
            raise InputError(
                f"output must be below {self.n_outputs} and not negative, got {output}."
            )
        masks: list[NDArray[np.bool_] | None] = []
        for layer in self.layers:
            hidden = layer.preactivation(hidden)
            masks.append(hidden > 0.0 if layer.relu else None)
            if layer.relu:
                hidden = np.maximum(hidden, 0.0)
        slope = np.zeros((len(hidden), self.n_outputs))
        slope[:, output] = 1.0
        for layer, mask in zip(reversed(self.layers), reversed(masks), strict=True):
            if mask is not None:
                slope = np.where(mask, slope, 0.0)
            slope = slope @ layer.weights
        return slope

    def folded(self) -> "Mlp":
        """Return the same function with each linear layer folded into the next.

        W2 (W1 h + b1) + b2 = (W2 W1) h + (W2 b1 + b2).
        """
        layers: list[Layer] = []
        for layer in self.layers:
            if layers and not layers[-1].relu:
                inner = layers.pop()
                layers.append(
                    Layer(
                        layer.weights @ inner.weights,
                        layer.weights @ inner.bias + layer.bias,
                        layer.relu,
                    )
                )
            else:
                layers.append(layer)
        return Mlp(tuple(layers))

    def _rows(self, points: ArrayLike) -> Floats:
        rows = finite_array("points", points, 2)
        if rows.shape[1] != self.n_inputs:
            raise InputError(
                f"points must have {self.n_inputs} columns, got shape {rows.shape}."
            )
        return rows


def finite_array(name: str, values: ArrayLike, dimensions: int) -> Floats:
    """Return a read-only copy of a finite array with so many dimensions.

    Raises
    ------
    InputError
        If it is not one.
    """
    try:
        array = np.array(values, dtype=np.float64)
    except (TypeError, ValueError):
        raise InputError(f"{name} must be an array of numbers.") from None
    if array.ndim != dimensions:
        raise InputError(
            f"{name} must have {dimensions} dimensions, got shape {array.shape}."
        )
    if not np.isfinite(array).all():
        raise InputError(f"{name} must be finite, got nan or an infinity.")
    array.setflags(write=False)
    return array
