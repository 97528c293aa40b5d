"""Checked vectors and tables of robust problems: finite, of the right shape."""

import math
from typing import Any

import numpy as np
from numpy.typing import NDArray

from boundwise.core.errors import InputError

Floats = NDArray[np.float64]


def vector(
    name: str, values: Any, length: int | None = None, low: float = -math.inf
) -> Floats:
    """Return finite numbers as a read-only vector of its own.

    Parameters
    ----------
    name
        Name of the argument, for messages.
    values
        The numbers.
    length
        How many there must be; None for any number.
    low
        Smallest value allowed.

    Raises
    ------
    InputError
        If they are not finite numbers of that length, or too small.
    """
    try:
        array = np.array(values, dtype=np.float64)
    except (TypeError, ValueError):
        raise InputError(f"{name} must be numbers, got {values!r}.") from None
    if array.ndim != 1 or (length is not None and len(array) != length):
        wanted = "(n,)" if length is None else f"({length},)"
        raise InputError(f"{name} must have shape {wanted}, got {array.shape}.")
    if not np.isfinite(array).all():
        where = int(np.argmin(np.isfinite(array)))
        raise InputError(f"{name}[{where}] must be finite, got {array[where]}.")
    if len(array) and array.min() < low:
        where = int(np.argmin(array))
        raise InputError(f"{name}[{where}] must be at least {low}, got {array[where]}.")
    array.setflags(write=False)
    return array


def table(
    name: str, values: Any, shape: tuple[int, int], low: float = -math.inf
) -> Floats:
    """Return finite numbers as a read-only matrix of its own; see `vector`."""
    try:
        array = np.array(values, dtype=np.float64)
    except (TypeError, ValueError):
        raise InputError(f"{name} must be numbers, got {values!r}.") from None
    if array.shape != shape:
        raise InputError(f"{name} must have shape {shape}, got {array.shape}.")
    matrix = vector(name, array.ravel(), low=low).reshape(shape)
    matrix.setflags(write=False)
    return matrix
