"""Hamming distance as a linear function of two-valued variables.

For an integer variable y with bounds l and l + 1 and its value x in a solution,

    |y - x| = y - l  where x = l,   and   l + 1 - y  where x = l + 1.
"""

import numpy as np

from boundwise.heuristics.protocols import (
    BoolVector,
    FloatVector,
    IntVector,
    MipView,
    OtherObjective,
)


def two_valued(problem: MipView) -> IntVector:
    """Return the integer variables that have two values: all binary ones are."""
    return np.flatnonzero(problem.is_integer & (problem.upper - problem.lower == 1.0))


def hamming_distance(
    problem: MipView, reference: FloatVector, members: IntVector
) -> OtherObjective:
    """Return the distance of two-valued variables from a solution.

    Parameters
    ----------
    problem
        The problem.
    reference
        The solution, shape (n,).
    members
        Two-valued variables whose distance counts.

    Returns
    -------
    OtherObjective
        It is 0 at the reference and positive elsewhere.
    """
    at_upper = nearest_is_upper(problem, reference, members)
    coefficients = np.zeros(problem.n_variables)
    coefficients[members] = np.where(at_upper, -1.0, 1.0)
    base = np.where(at_upper, problem.upper[members], problem.lower[members])
    return OtherObjective(coefficients, float(-(coefficients[members] @ base)))


def nearest_is_upper(
    problem: MipView, reference: FloatVector, members: IntVector
) -> BoolVector:
    """Tell for two-valued variables whether the solution takes the larger value."""
    middle = problem.lower[members] + 0.5
    return np.asarray(reference[members] > middle, dtype=bool)
