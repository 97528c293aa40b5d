"""Activities of rows: with proven error bounds, nearly exact, and exact.

Three ways, each costlier and sharper than the one before:

1. doubles. For k entries, unit roundoff u = 2^-53 and rounded data, the error is at
   most (k + 6) u sum |a_j x_j| (1 + small); see Higham (2002), Accuracy and Stability
   of Numerical Algorithms, section 3.1, doi:10.1137/1.9780898718027. Where a power of
   ten makes all numbers of a row integers below 2^50, nothing is rounded at all.
2. every number as a sum of two doubles, products split into two doubles without error
   (Dekker 1971, doi:10.1007/BF01397083), and one correctly rounded sum.
3. integers of any length over common denominators.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.sparse import csr_array

UNIT = 2.0**-53
#: Integers below this stay exact when scaled, added and subtracted as doubles.
WHOLE_LIMIT = 2.0**50
#: Covers the second-order terms and the rounding of the bound itself.
_SAFETY = 1.01
#: Covers underflow of products.
TINY = 1e-300
_MAX_DIGITS = 9
_SPLITTER = 2.0**27 + 1


def decimal_digits(values: NDArray[np.float64]) -> NDArray[np.int64]:
    """Return how many decimals each double's shortest decimal has, -1 if many.

    Examples
    --------
    >>> decimal_digits(np.array([3.0, 0.25, 0.1, 1 / 3]))
    array([ 0,  2,  1, -1])
    """
    digits = np.full(values.shape, -1, dtype=np.int64)
    open_ = np.abs(values) < 1e15
    for k in range(_MAX_DIGITS + 1):
        places = np.flatnonzero(open_)
        if not len(places):
            break
        found = scaled(values[places], k) / 10.0**k == values[places]
        found &= np.abs(values[places]) * 10.0**k < 1e15
        digits[places[found]] = k
        open_[places[found]] = False
    return digits


def scaled(values: NDArray[np.float64], digits: ArrayLike) -> NDArray[np.float64]:
    """Return ``values * 10 ** digits`` rounded to integers."""
    return np.asarray(np.rint(values * np.power(10.0, digits)))


@dataclass(frozen=True, slots=True)
class Activities:
    """Activities of all rows in double precision.

    Parameters
    ----------
    value
        A x, computed.
    magnitude
        |A| |x|, computed.
    error
        Bound on the distance of ``value`` from the exact activity, and of the
        computed positive part from the exact one.
    digits
        Where not negative, 10 ** digits times the row has integer terms only.
    whole
        Exact activity times 10 ** digits, where digits are not negative.
    """

    value: NDArray[np.float64]
    magnitude: NDArray[np.float64]
    error: NDArray[np.float64]
    digits: NDArray[np.int64]
    whole: NDArray[np.float64]

    @property
    def positive(self) -> NDArray[np.float64]:
        """Sum of the positive terms of each row."""
        return (self.magnitude + self.value) / 2


def activities(
    matrix: csr_array,
    x: NDArray[np.float64],
    a_digits: NDArray[np.int64],
    x_digits: NDArray[np.int64],
) -> Activities:
    """Compute activities and bounds on their errors.

    Parameters
    ----------
    matrix
        Rows; each double is the rounded exact coefficient.
    x
        Values; each double is the rounded exact value.
    a_digits, x_digits
        Decimals of the exact coefficients and values, -1 where there are many.

    Returns
    -------
    Activities
        The activities.
    """
    value = matrix @ x
    entry_x = x[matrix.indices]
    magnitude = _row_reduce(np.add, matrix, np.abs(matrix.data * entry_x))
    entries = np.diff(matrix.indptr)
    error = _SAFETY * (entries + 6) * UNIT * magnitude + TINY * entries
    entry_digits = x_digits[matrix.indices]
    blocked = _row_reduce(np.maximum, matrix, (a_digits < 0) | (entry_digits < 0)) > 0
    # Scale each row by the power of ten that all its coefficients need, and its
    # values by the one that they all need.
    row_a = _row_reduce(np.maximum, matrix, a_digits)
    row_x = _row_reduce(np.maximum, matrix, entry_digits)
    terms = scaled(matrix.data, np.repeat(row_a, entries))
    terms *= scaled(entry_x, np.repeat(row_x, entries))
    whole = _row_reduce(np.add, matrix, terms)
    size = _row_reduce(np.add, matrix, np.abs(terms))
    fits = (blocked == 0) & (size < WHOLE_LIMIT)
    digits = np.where(fits, row_a + row_x, -1).astype(np.int64)
    return Activities(value, magnitude, error, digits, whole)


def _row_reduce(
    operation: np.ufunc, matrix: csr_array, values: NDArray[Any]
) -> NDArray[np.float64]:
    """Reduce the entries of each row; an empty row gives 0."""
    result = np.zeros(matrix.shape[0])
    filled = np.flatnonzero(np.diff(matrix.indptr) > 0)
    if len(filled):
        result[filled] = operation.reduceat(values, matrix.indptr[filled])
    return np.maximum(result, 0.0) if operation is np.maximum else result


def whole_difference(
    side: NDArray[np.float64],
    side_digits: NDArray[np.int64],
    whole: NDArray[np.float64],
    digits: NDArray[np.int64],
) -> tuple[NDArray[np.float64], NDArray[np.bool_]]:
    """Return ``side - whole / 10 ** digits`` and where only its division rounds."""
    common = np.maximum(np.maximum(side_digits, digits), 0)
    left = scaled(side, common)
    right = whole * np.power(10.0, common - np.maximum(digits, 0))
    fits = (side_digits >= 0) & (digits >= 0)
    fits &= (np.abs(left) < WHOLE_LIMIT) & (np.abs(right) < WHOLE_LIMIT)
    return (left - right) / np.power(10.0, common), fits


def two_product(
    a: NDArray[np.float64], b: NDArray[np.float64]
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return the rounded products and what rounding lost, without error."""
    product = a * b
    a_high, b_high = _head(a), _head(b)
    a_low, b_low = a - a_high, b - b_high
    lost = ((a_high * b_high - product) + a_high * b_low + a_low * b_high) + (
        a_low * b_low
    )
    return product, lost


def _head(a: NDArray[np.float64]) -> NDArray[np.float64]:
    shifted = _SPLITTER * a
    return np.asarray(shifted - (shifted - a))


def exact_activity(
    coefficients: Sequence[Fraction], values: Sequence[Fraction]
) -> tuple[Fraction, Fraction]:
    """Return the exact activity of a row and the sum of its positive terms.

    All numbers are brought to common denominators first: adding integers is far
    faster than adding fractions.
    """
    scale_a = math.lcm(*(a.denominator for a in coefficients))
    scale_x = math.lcm(*(x.denominator for x in values))
    total = positive = 0
    for a, x in zip(coefficients, values, strict=True):
        term = (a.numerator * (scale_a // a.denominator)) * (
            x.numerator * (scale_x // x.denominator)
        )
        total += term
        if term > 0:
            positive += term
    scale = scale_a * scale_x
    return Fraction(total, scale), Fraction(positive, scale)
