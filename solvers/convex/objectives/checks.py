"""Checks of the arrays that objectives are made of."""

from typing import Any

import numpy as np
import numpy.typing as npt
from scipy.sparse import csr_array, issparse

from boundwise.core.errors import InputError

Floats = npt.NDArray[np.float64]
Matrix = Floats | csr_array


def vector(name: str, value: Any, size: int | None = None) -> Floats:
    """Return a finite read-only vector, a copy.

    Parameters
    ----------
    name
        Name of the argument, for the message.
    value
        What the caller gave; a number stands for a constant vector if ``size`` is
        known.
    size
        Length it must have, or None.

    Raises
    ------
    InputError
        If it is not such a vector.
    """
    array = _numbers(name, value)
    if array.ndim == 0 and size is not None:
        array = np.full(size, float(array))
    if array.ndim != 1 or (size is not None and len(array) != size):
        wanted = "(n,)" if size is None else f"({size},)"
        raise InputError(f"{name} must have shape {wanted}, got {array.shape}.")
    array.setflags(write=False)
    return array


def matrix(name: str, value: Any) -> Matrix:
    """Return a finite matrix, dense in C order or CSR; a copy.

    Raises
    ------
    InputError
        If it is not two-dimensional, not finite, or empty.
    """
    if issparse(value):
        given: Any = value
        sparse = csr_array(given.astype(np.float64))
        sparse.sum_duplicates()
        if not np.isfinite(sparse.data).all():
            raise InputError(f"{name} must be finite.")
        made: Matrix = sparse
    else:
        made = np.ascontiguousarray(_numbers(name, value))
    if made.ndim != 2 or 0 in made.shape:
        raise InputError(f"{name} must be a matrix with entries, got {made.shape}.")
    return made


def largest_entry(values: Matrix) -> float:
    """Return the largest absolute value of an entry."""
    entries = values.data if issparse(values) else values
    return float(np.abs(np.asarray(entries)).max(initial=0.0))


def non_negative(name: str, values: Floats) -> Floats:
    """Return the values.

    Raises
    ------
    InputError
        If one is negative.
    """
    if values.size and values.min() < 0.0:
        place = int(values.argmin())
        raise InputError(
            f"{name} must not be negative, got {values[place]} at {place}."
        )
    return values


def _numbers(name: str, value: Any) -> Floats:
    try:
        array = np.array(value, dtype=np.float64)
    except (TypeError, ValueError) as error:
        raise InputError(f"{name} must hold numbers: {error}.") from None
    if not np.isfinite(array).all():
        raise InputError(f"{name} must be finite.")
    return array
