"""Bounds on what enters each layer's activation, by interval arithmetic.

    lower(W h + b) = W+ lower(h) + W- upper(h) + b,   W+ = max(W, 0), W- = min(W, 0)

With them a ReLU is stable (its input never changes sign) or not, and the M of a big-M
formulation is as small as they allow.
"""

from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike

from boundwise.core.errors import InputError
from boundwise.heuristics.networks.mlp import Floats, Layer, Mlp

#: Bounds are widened outwards by this, relative above 1: rounding must not cut.
SAFETY = 1e-9


class Bounds(NamedTuple):
    """Elementwise bounds of a vector.

    Parameters
    ----------
    lower
        Lower bounds.
    upper
        Upper bounds.
    """

    lower: Floats
    upper: Floats

    def after_relu(self) -> "Bounds":
        """Return the bounds of max(., 0)."""
        return Bounds(np.maximum(self.lower, 0.0), np.maximum(self.upper, 0.0))

    def within(self, other: "Bounds") -> "Bounds":
        """Return the intersection with other bounds of the same vector."""
        return Bounds(
            np.maximum(self.lower, other.lower), np.minimum(self.upper, other.upper)
        )

    def widened(self, safety: float = SAFETY) -> "Bounds":
        """Return bounds moved outwards by ``safety``, relative above 1."""
        return Bounds(
            self.lower - safety * np.maximum(1.0, np.abs(self.lower)),
            self.upper + safety * np.maximum(1.0, np.abs(self.upper)),
        )


def box(lower: ArrayLike, upper: ArrayLike, size: int) -> Bounds:
    """Return checked bounds of the inputs; infinite ones are allowed.

    Raises
    ------
    InputError
        If a bound is nan, the lengths differ from ``size``, or the box is empty.
    """
    try:
        low = np.broadcast_to(np.asarray(lower, dtype=np.float64), (size,)).copy()
        high = np.broadcast_to(np.asarray(upper, dtype=np.float64), (size,)).copy()
    except (TypeError, ValueError):
        raise InputError(
            f"lower and upper must be numbers or have {size} entries, got shapes "
            f"{np.shape(lower)} and {np.shape(upper)}."
        ) from None
    if np.isnan(low).any() or np.isnan(high).any():
        raise InputError("lower and upper must be numbers, got nan.")
    crossed = np.flatnonzero(low > high)
    if len(crossed):
        at = crossed[0]
        raise InputError(
            f"lower must not exceed upper, got {low[at]:g} and {high[at]:g} at {at}."
        )
    return Bounds(low, high)


def layer_bounds(layer: Layer, inputs: Bounds) -> Bounds:
    """Return bounds of W h + b for h within ``inputs``."""
    positive = np.maximum(layer.weights, 0.0)
    negative = np.minimum(layer.weights, 0.0)
    lower = _times(positive, inputs.lower) + _times(negative, inputs.upper)
    upper = _times(positive, inputs.upper) + _times(negative, inputs.lower)
    return Bounds(lower + layer.bias, upper + layer.bias).widened()


def interval_bounds(
    network: Mlp,
    lower: ArrayLike,
    upper: ArrayLike,
    known: tuple[Bounds, ...] = (),
) -> tuple[Bounds, ...]:
    """Bound the preactivations of every layer over a box of inputs.

    Parameters
    ----------
    network
        The network.
    lower, upper
        Bounds of the inputs, perhaps infinite.
    known
        Valid bounds of the first layers from elsewhere; interval arithmetic starts
        from them where they are tighter.

    Returns
    -------
    tuple of Bounds
        One for each layer, before its activation.

    Raises
    ------
    InputError
        If the box is empty or has the wrong length.

    Examples
    --------
    >>> network = Mlp.from_arrays([[[1.0], [-1.0]], [[1.0, 1.0]]])
    >>> interval_bounds(network, -1.0, 3.0)[0].upper.round(6).tolist()
    [3.0, 1.0]
    """
    hidden = box(lower, upper, network.n_inputs)
    result = []
    for position, layer in enumerate(network.layers):
        bounds = layer_bounds(layer, hidden)
        if position < len(known):
            bounds = bounds.within(known[position])
        result.append(bounds)
        hidden = bounds.after_relu() if layer.relu else bounds
    return tuple(result)


def _times(matrix: Floats, vector: Floats) -> Floats:
    """Multiply, with 0 * inf = 0: an input with weight zero does not matter."""
    if np.isfinite(vector).all():
        return np.asarray(matrix @ vector)
    product = np.zeros_like(matrix)
    np.multiply(matrix, vector, out=product, where=matrix != 0.0)
    return np.asarray(product.sum(axis=1))
