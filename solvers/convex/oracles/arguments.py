"""Checks of what the constructors of feasible sets are given."""

from typing import Any

import numpy as np

from boundwise.core.errors import InputError
from boundwise.core.tolerances import INT_TOL
from boundwise.heuristics.frank_wolfe.protocols import Floats, Indices


def as_vector(name: str, value: Any, length: int | None = None) -> Floats:
    """Return a finite vector, of the length given.

    Raises
    ------
    InputError
        If it is anything else.
    """
    try:
        vector = np.array(value, dtype=np.float64)
    except (TypeError, ValueError):
        raise InputError(f"{name} must be a vector, got {value!r}.") from None
    if vector.ndim != 1 or not len(vector):
        raise InputError(f"{name} must be a vector, got shape {vector.shape}.")
    if length is not None and len(vector) != length:
        raise InputError(f"{name} must have {length} entries, got {len(vector)}.")
    if not np.isfinite(vector).all():
        entry = int(np.argmin(np.isfinite(vector)))
        raise InputError(f"{name} must be finite, got {vector[entry]!r} at {entry}.")
    return vector


def as_indices(name: str, value: Any, count: int) -> Indices:
    """Return distinct sorted indices in 0..count-1.

    Raises
    ------
    InputError
        If they are anything else.
    """
    try:
        given = np.array(list(value))
    except TypeError:
        raise InputError(f"{name} must be indices, got {value!r}.") from None
    if not len(given):
        return np.empty(0, dtype=np.intp)
    if given.ndim != 1 or given.dtype.kind not in "iu":
        raise InputError(f"{name} must be indices, got {value!r}.")
    indices = np.unique(given.astype(np.intp))
    if len(indices) < len(given):
        raise InputError(f"{name} must be distinct, got {value!r}.")
    if indices[0] < 0 or indices[-1] >= count:
        raise InputError(f"{name} must lie in 0..{count - 1}, got {value!r}.")
    return indices


def as_bounds(lower: Any, upper: Any, integers: Any) -> tuple[Floats, Floats, Indices]:
    """Return finite bounds, rounded inwards at integer variables, and those.

    Raises
    ------
    InputError
        If they do not match or leave a variable without a value.
    """
    low = as_vector("lower", lower)
    high = as_vector("upper", upper, len(low))
    places = as_indices("integers", integers, len(low))
    # Adding zero turns -0.0 into 0.0.
    low[places] = np.ceil(low[places] - INT_TOL) + 0.0
    high[places] = np.floor(high[places] + INT_TOL) + 0.0
    if (low > high).any():
        entry = int((low > high).argmax())
        raise InputError(
            f"lower must not exceed upper, got [{low[entry]!r}, {high[entry]!r}] at "
            f"variable {entry}."
        )
    return low, high, places
