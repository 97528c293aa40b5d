"""Weights as a solution file, and back."""

from pathlib import Path

import numpy as np
import numpy.typing as npt

from boundwise.core.errors import InputError
from boundwise.instances.solutions import read_solution

Floats = npt.NDArray[np.float64]


def weight_names(W: Floats) -> dict[str, float]:
    """List weights as a solution: ``w:3,5`` and a value."""
    return {f"w:{i},{j}": float(W[i, j]) for i, j in np.argwhere(W).tolist()}


def read_weights(path: Path, d: int) -> Floats:
    """Return the weights in a solution file.

    Parameters
    ----------
    path
        The file.
    d
        Number of nodes.

    Raises
    ------
    InputError
        If a line is not a weight of an edge between these nodes.
    """
    W = np.zeros((d, d))
    for name, value in read_solution(path).values.items():
        head, colon, text = name.partition(":")
        try:
            i, j = (int(part) for part in text.split(","))
            number = float(value)
        except ValueError as error:
            raise InputError(f"{name!r} is not a weight of an edge.") from error
        if head != "w" or not colon or not (0 <= i < d and 0 <= j < d and i != j):
            raise InputError(f"{name!r} is not an edge between {d} nodes.")
        W[i, j] = number
    if not np.isfinite(W).all():
        raise InputError("the weights must be finite.")
    return W
