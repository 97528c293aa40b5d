"""Tighten the bounds of a network's units by linear programs.

For each layer, the input of each ReLU that interval arithmetic leaves unstable is
minimised and maximised over the triangle relaxation of the layers before it:
optimization-based bound tightening (OBBT).
"""

import numpy as np
from numpy.typing import ArrayLike

from boundwise.core.limits import Deadline
from boundwise.core.tolerances import FEAS_TOL
from boundwise.heuristics.networks.bounds import Bounds, box, layer_bounds
from boundwise.heuristics.networks.mlp import Mlp
from boundwise.heuristics.networks.relaxation import (
    InputRows,
    LayeredRelaxation,
    relu_states,
)


def tightened_bounds(
    network: Mlp,
    lower: ArrayLike,
    upper: ArrayLike,
    *,
    rows: InputRows | None = None,
    known: tuple[Bounds, ...] = (),
    deadline: Deadline | None = None,
) -> tuple[Bounds, ...]:
    """Bound the preactivations of every layer by linear programs.

    Parameters
    ----------
    network
        The network.
    lower, upper
        Finite bounds of the inputs.
    rows
        Linear constraints on the inputs beside the bounds, or None.
    known
        Valid bounds of the first layers from elsewhere.
    deadline
        When it ends, the remaining units keep their interval bounds.

    Returns
    -------
    tuple of Bounds
        One for each layer, never wider than `interval_bounds` gives.

    Raises
    ------
    InputError
        If a bound is infinite, or no inputs satisfy bounds and rows.
    """
    deadline = deadline or Deadline()
    hidden = box(lower, upper, network.n_inputs)
    relaxation = LayeredRelaxation(hidden, rows)
    result = []
    for position, layer in enumerate(network.layers):
        bounds = layer_bounds(layer, hidden)
        if position < len(known):
            bounds = bounds.within(known[position])
        is_last = position == len(network.layers) - 1
        worth = relu_states(bounds).unstable if layer.relu else np.array([is_last])
        worth = np.broadcast_to(worth, bounds.lower.shape)
        low, high = bounds.lower.copy(), bounds.upper.copy()
        matrix, constant = relaxation.preactivation(layer)
        for unit in np.flatnonzero(worth):
            if deadline.expired():
                break
            offset = float(constant[unit])
            high[unit] = relaxation.maximize(matrix[unit], offset).value
            low[unit] = -relaxation.maximize(-matrix[unit], -offset).value
        # The simplex method is exact up to its tolerances only.
        bounds = bounds.within(Bounds(low, high).widened(FEAS_TOL))
        relaxation.add(layer, bounds)
        result.append(bounds)
        hidden = bounds.after_relu() if layer.relu else bounds
    return tuple(result)
