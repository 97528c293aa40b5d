"""Arguments that are numbers: what they must be, checked and refused in one wording.

    as_count("k", k)                               a positive integer
    as_count("rounds", rounds, least=2)            an integer of at least 2
    as_count("loans", loans, least=0, most=1)      an integer in 0..1
    as_number("eps", eps, above=0, below=1)        in (0, 1)
    as_number("share", share, above=0, at_most=1)  in (0, 1]
    as_number("gap", gap, at_least=0)              a non-negative number

Each returns the builtin number, whatever it came as; a bool is none.
"""

import math
import numbers
from typing import Any

from boundwise.core.errors import InputError


def as_count(name: str, value: Any, *, least: int = 1, most: int | None = None) -> int:
    """Return an integer of at least ``least`` and at most ``most``.

    Parameters
    ----------
    name
        Of the argument, for the error.
    value
        Anything.
    least, most
        Smallest and largest value that is accepted; None for no largest.

    Returns
    -------
    int
        The builtin integer.

    Raises
    ------
    InputError
        If it is anything else, also a bool or a whole float.

    Examples
    --------
    >>> import numpy as np
    >>> as_count("k", np.int64(3))
    3
    """
    is_integer = isinstance(value, numbers.Integral) and not isinstance(value, bool)
    if not is_integer or int(value) < least or (most is not None and value > most):
        kinds = {0: "a non-negative integer", 1: "a positive integer"}
        kind = kinds.get(least, f"an integer of at least {least}")
        if most is not None:
            kind = f"an integer in {least}..{most}"
        raise InputError(f"{name} must be {kind}, got {value!r}.")
    return int(value)


def as_number(
    name: str,
    value: Any,
    *,
    at_least: float | None = None,
    above: float | None = None,
    at_most: float | None = None,
    below: float | None = None,
    finite: bool = True,
) -> float:
    """Return a number between bounds.

    Parameters
    ----------
    name
        Of the argument, for the error.
    value
        Anything.
    at_least, above
        Lower bound, included or not; at most one of them.
    at_most, below
        Upper bound, included or not; at most one of them.
    finite
        Whether infinity is refused.

    Returns
    -------
    float
        The builtin float.

    Raises
    ------
    InputError
        If it is anything else, also a bool or nan.

    Examples
    --------
    >>> as_number("eps", 1, above=0, below=1)
    Traceback (most recent call last):
    ...
    boundwise.core.errors.InputError: eps must be in (0, 1), got 1.
    """
    number = math.nan
    if not isinstance(value, bool) and isinstance(value, numbers.Real):
        try:
            number = float(value)
        except OverflowError:
            raise InputError(f"{name} must be a number, got one too large.") from None
    accepted = (
        not math.isnan(number)
        and (math.isfinite(number) or not finite)
        and (at_least is None or number >= at_least)
        and (above is None or number > above)
        and (at_most is None or number <= at_most)
        and (below is None or number < below)
    )
    if not accepted:
        wanted = _wording(at_least, above, at_most, below, finite)
        if finite and math.isinf(number) and not wanted.startswith("in "):
            wanted = "finite"
        raise InputError(f"{name} must be {wanted}, got {value!r}.")
    return number


def _wording(
    at_least: float | None,
    above: float | None,
    at_most: float | None,
    below: float | None,
    finite: bool,
) -> str:
    low = at_least if above is None else above
    high = at_most if below is None else below
    if low is not None and high is not None:
        left, right = "[" if above is None else "(", "]" if below is None else ")"
        return f"in {left}{low:g}, {high:g}{right}"
    if low == 0:
        return "a non-negative number" if above is None else "a positive number"
    if low is not None:
        return f"a number {'of at least' if above is None else 'above'} {low:g}"
    if high is not None:
        return f"a number {'of at most' if below is None else 'below'} {high:g}"
    return "a finite number" if finite else "a number"
