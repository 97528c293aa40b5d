"""Recognise combinatorial sets in the rows of a mixed-integer program.

A linear problem over such a set is solved in microseconds and exactly, where a search
over the rows takes milliseconds:

    no rows                                         a box
    one row with equal coefficients                 a bounded sum, hypersimplices
    |b_j| limited by its own binary, sum z <= k     few large amounts
"""

import numpy as np

from boundwise.core.errors import InputError
from boundwise.heuristics.frank_wolfe.protocols import FeasibleSet, Floats
from boundwise.instances.instance import Instance
from boundwise.solvers.convex.oracles.box import Box
from boundwise.solvers.convex.oracles.cardinality import Cardinality
from boundwise.solvers.convex.oracles.simplex import BoundedSum

#: Relative difference within which two numbers of a model are the same.
_SAME = 1e-12


def recognise(instance: Instance) -> FeasibleSet | None:
    """Return the combinatorial set that the rows of a program describe.

    Parameters
    ----------
    instance
        The program; its objective is ignored.

    Returns
    -------
    FeasibleSet or None
        None if it is none of those that are known, is empty, or is unbounded.
    """
    if (
        instance.sos
        or instance.indicators
        or instance.semicontinuous
        or instance.unchecked
    ):
        return None
    try:
        if instance.n_rows == 0:
            return _box(instance)
        if instance.n_rows == 1:
            return _bounded_sum(instance)
        return _cardinality(instance)
    except InputError:
        # The set refuses its arguments: infinite bounds, fractional sums.
        return None


def _box(instance: Instance) -> FeasibleSet | None:
    if np.isinf(instance.lower).any() or np.isinf(instance.upper).any():
        return None
    return Box(
        instance.lower, instance.upper, integers=np.flatnonzero(instance.is_integer)
    )


def _bounded_sum(instance: Instance) -> FeasibleSet | None:
    row = instance.matrix.toarray()[0]
    factor = row[0]
    if factor == 0.0 or np.abs(row - factor).max() > _SAME * abs(factor):
        return None
    sides = np.array([instance.row_lower[0], instance.row_upper[0]]) / factor
    low, up = sides.min(), sides.max()
    is_exact = low == up
    if not is_exact and low > instance.lower.sum():
        return None
    return BoundedSum(
        instance.lower,
        instance.upper,
        float(up),
        at_most=not is_exact,
        integers=np.flatnonzero(instance.is_integer),
    )


def _cardinality(instance: Instance) -> FeasibleSet | None:
    """Recognise amounts first, then their binaries in the same order."""
    n = instance.n_variables
    p = n // 2
    is_pairs = n == 2 * p and not instance.is_integer[:p].any()
    if not is_pairs or not instance.is_binary[p:].all():
        return None
    if (instance.lower[p:] != 0.0).any() or (instance.upper[p:] != 1.0).any():
        return None
    low, high = instance.lower[:p], instance.upper[:p]
    on = np.vstack([low, high])
    off = on.copy()
    most = p
    matrix = instance.matrix
    for row in range(instance.n_rows):
        begin, end = matrix.indptr[row], matrix.indptr[row + 1]
        columns, values = matrix.indices[begin:end], matrix.data[begin:end]
        sides = (float(instance.row_lower[row]), float(instance.row_upper[row]))
        if len(columns) == 2 and columns[0] < p and columns[1] == columns[0] + p:
            _apply_switch(int(columns[0]), values, sides, on, off)
        elif len(columns) == p and columns[0] == p and (values == values[0]).all():
            limits = sorted(side / values[0] for side in sides)
            if limits[0] > 0.0:
                return None
            most = min(most, int(np.floor(limits[1] + _SAME)))
        else:
            return None
    return Cardinality(on[0], on[1], most, off_lower=off[0], off_upper=off[1])


def _apply_switch(
    j: int, values: Floats, sides: tuple[float, float], on: Floats, off: Floats
) -> None:
    """Cut both intervals of an amount with ``a b + c z`` between the sides."""
    a, c = float(values[0]), float(values[1])
    for interval, z in ((off, 0.0), (on, 1.0)):
        ends = sorted(((sides[0] - c * z) / a, (sides[1] - c * z) / a))
        interval[0, j] = max(interval[0, j], ends[0])
        interval[1, j] = min(interval[1, j], ends[1])
