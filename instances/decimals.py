"""Exact numbers: decimal texts and doubles as fractions, guarded against huge ones.

A decimal text with at most 15 significant digits is recovered from its double by
``Fraction(repr(value))``, so only longer ones need to be kept beside the data.
"""

import functools
import math
import re
from collections.abc import Sequence
from fractions import Fraction

import numpy as np
from numpy.typing import NDArray

from boundwise.core.errors import InputError

#: Decimal exponents beyond this are refused: they would make fractions of any size.
MAX_EXPONENT = 400
#: Longest number text in characters.
MAX_LENGTH = 2000
#: Below this a double has fewer than 15 significant digits.
_SMALLEST_NORMAL = 1e-290
#: Texts up to this length have at most 15 significant digits.
_SHORT = 15

_DECIMAL = re.compile(r"[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE]([+-]?\d+))?", re.ASCII)
_RATIO = re.compile(r"[+-]?\d+/\d+", re.ASCII)


def parse_decimal(text: str) -> Fraction:
    """Return the exact value of a decimal text such as ``-1.5e-3`` or ``1/3``.

    Parameters
    ----------
    text
        The number; infinities and nan are not numbers here.

    Returns
    -------
    Fraction
        Its value, without rounding.

    Raises
    ------
    InputError
        If the text is not a number, is too long or has a huge exponent.

    Examples
    --------
    >>> parse_decimal("0.1")
    Fraction(1, 10)
    """
    shown = text if len(text) <= 40 else text[:37] + "..."
    if len(text) > MAX_LENGTH:
        raise InputError(f"a number is too long: {shown!r}.")
    if match := _DECIMAL.fullmatch(text):
        exponent = match[1]
        if exponent is not None and (
            len(exponent) > 12 or abs(int(exponent)) > MAX_EXPONENT
        ):
            raise InputError(f"a number has a huge exponent: {shown!r}.")
        return Fraction(text)
    if _RATIO.fullmatch(text) and text.split("/")[1].strip("0"):
        return Fraction(text)
    raise InputError(f"not a number: {shown!r}.")


@functools.lru_cache(maxsize=2**16)
def decimal_of(value: float) -> Fraction:
    """Return the shortest decimal that rounds to ``value``, as a fraction.

    Examples
    --------
    >>> decimal_of(0.1)
    Fraction(1, 10)
    """
    return Fraction(repr(float(value)))


def to_float(value: Fraction) -> float:
    """Return the nearest double; infinite beyond the largest one."""
    try:
        return float(value)
    except OverflowError:
        return math.inf if value > 0 else -math.inf


def parse_many(
    texts: Sequence[str], *, infinite: bool = False
) -> tuple[NDArray[np.float64], dict[int, Fraction]]:
    """Convert number texts to doubles and keep what the doubles lose.

    Parameters
    ----------
    texts
        Number texts.
    infinite
        Whether infinities are allowed.

    Returns
    -------
    tuple
        The doubles, and the exact values at the positions where
        `decimal_of` of the double is not the text's value.

    Raises
    ------
    InputError
        If a text is not a number; the message does not know its line, see
        `first_bad`.
    """
    joined = " ".join(texts)
    # float() accepts underscores and digits of other scripts, files must not.
    if "_" in joined or not joined.isascii():
        raise InputError("not a number.")
    try:
        values = np.fromiter(map(float, texts), np.float64, len(texts))
    except ValueError:
        raise InputError("not a number.") from None
    if np.isnan(values).any() or not (infinite or np.isfinite(values).all()):
        raise InputError("not a finite number.")
    lengths = np.fromiter(map(len, texts), np.int64, len(texts))
    suspicious = (lengths > _SHORT) | (np.abs(values) < _SMALLEST_NORMAL)
    suspicious &= np.isfinite(values)
    exact: dict[int, Fraction] = {}
    known: dict[str, Fraction | None] = {}
    for position in np.flatnonzero(suspicious).tolist():
        text = texts[position]
        if text not in known:
            known[text] = _lost(text)
        value = known[text]
        if value is not None:
            exact[position] = value
    return values, exact


def first_bad(texts: Sequence[str], *, infinite: bool = False) -> tuple[int, str]:
    """Return the position and the text of the first one `parse_many` refuses."""
    for position, text in enumerate(texts):
        try:
            parse_many([text], infinite=infinite)
        except InputError:
            return position, text
    raise AssertionError("all texts are numbers")


def _lost(text: str) -> Fraction | None:
    """Return the exact value of ``text`` if its double does not tell it."""
    exact = parse_decimal(text)
    value = float(text)
    return None if math.isfinite(value) and decimal_of(value) == exact else exact
