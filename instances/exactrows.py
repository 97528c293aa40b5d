"""Activities of rows: doubles with proven error bounds, and exact fractions.

For a row a x with k entries, evaluated in double precision u = 2^-53 from rounded
data, the error is at most (k + 6) u sum |a_j x_j| (1 + small); see Higham (2002),
Accuracy and Stability of Numerical Algorithms, section 3.1,
doi:10.1137/1.9780898718027.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_array

_UNIT = 2.0**-53
#: Covers the second-order terms and the rounding of the bound itself.
_SAFETY = 1.01
#: Covers underflow of products.
_TINY = 1e-300
_EXACT_LIMIT = 2.0**52


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
    """

    value: NDArray[np.float64]
    magnitude: NDArray[np.float64]
    error: NDArray[np.float64]

    @property
    def positive(self) -> NDArray[np.float64]:
        """Sum of the positive terms of each row."""
        return (self.magnitude + self.value) / 2


def activities(
    matrix: csr_array,
    x: NDArray[np.float64],
    integral: NDArray[np.bool_],
) -> Activities:
    """Compute activities and bounds on their errors.

    Parameters
    ----------
    matrix
        Rows; each double is the rounded exact coefficient.
    x
        Values; each double is the rounded exact value.
    integral
        Which doubles of ``x`` are exact and integers.

    Returns
    -------
    Activities
        The bounds are zero where only integers below 2^52 were added.
    """
    value = matrix @ x
    absolute = csr_array(
        (np.abs(matrix.data), matrix.indices, matrix.indptr), shape=matrix.shape
    )
    magnitude = absolute @ np.abs(x)
    entries = np.diff(matrix.indptr)
    error = _SAFETY * (entries + 6) * _UNIT * magnitude + _TINY * entries
    whole = np.abs(matrix.data) < _EXACT_LIMIT
    whole &= matrix.data == np.rint(matrix.data)
    whole &= integral[matrix.indices]
    if len(matrix.data):
        fractional = np.concatenate([[0], np.cumsum(~whole)])
        clean = fractional[matrix.indptr[1:]] == fractional[matrix.indptr[:-1]]
    else:
        clean = np.ones(len(entries), dtype=np.bool_)
    error[clean & (magnitude < _EXACT_LIMIT)] = 0.0
    return Activities(value, magnitude, error)


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
