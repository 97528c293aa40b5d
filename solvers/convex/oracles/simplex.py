"""Simplices and hypersimplices: a box cut with one sum.

    X = { x : lower <= x <= upper, sum x = r }   or   sum x <= r

With lower 0 and upper r these are the probability and the unit simplex, with upper 1
and integral r the hypersimplices, whose vertices have r (at most r) ones.
"""

from typing import Any

import numpy as np

from boundwise.core.arguments import as_count, as_number
from boundwise.core.errors import InputError
from boundwise.heuristics.frank_wolfe.protocols import Floats
from boundwise.solvers.convex.oracles.arguments import as_bounds
from boundwise.solvers.convex.oracles.box import longest_step
from boundwise.solvers.convex.oracles.greedy import fill_greedily

#: An entry this close to its bound, or a sum to its limit, is at it.
_TIGHT = 1e-12


class BoundedSum:
    """All points of a box whose sum is given, or limited.

    Parameters
    ----------
    lower, upper
        Finite bounds, shape (n,).
    total
        The sum r.
    at_most
        Whether the sum may be less.
    integers
        No variable or all of them; then the sum must be integral too.

    Raises
    ------
    InputError
        If an argument is out of range, or no point satisfies all.

    Examples
    --------
    >>> import numpy as np
    >>> pairs = BoundedSum(np.zeros(4), np.ones(4), 2.0)
    >>> pairs.extreme_point(np.array([3.0, 1.0, 2.0, 4.0]), pairs.lower, pairs.upper)
    array([0., 1., 1., 0.])
    """

    def __init__(
        self,
        lower: Any,
        upper: Any,
        total: float,
        *,
        at_most: bool = False,
        integers: Any = (),
    ) -> None:
        self.lower, self.upper, self.integers = as_bounds(lower, upper, integers)
        self.total = as_number("total", total)
        self.at_most = bool(at_most)
        count = len(self.lower)
        if len(self.integers) not in (0, count):
            raise InputError(
                f"integers must be none or all of {count} variables, got "
                f"{len(self.integers)}."
            )
        if len(self.integers) and self.total != round(self.total):
            raise InputError(
                f"total must be an integer with integer variables, got {total!r}."
            )
        self._weights = np.ones(count)
        if self.extreme_point(np.zeros(count), self.lower, self.upper) is None:
            raise InputError(
                f"total must be within reach of the bounds, got {total!r} for sums in "
                f"[{self.lower.sum()!r}, {self.upper.sum()!r}]."
            )

    def extreme_point(
        self, direction: Floats, lower: Floats, upper: Floats
    ) -> Floats | None:
        """Return the vertex that takes the cheapest coordinates first."""
        return fill_greedily(
            direction, lower, upper, self._weights, self.total, at_most=self.at_most
        )

    def in_face_extreme_point(
        self, direction: Floats, x: Floats, lower: Floats, upper: Floats
    ) -> Floats:
        """Return the best vertex among those as tight as x, see `InFaceSet`."""
        fixed = (x <= lower + _TIGHT) | (x >= upper - _TIGHT)
        is_loose = self.at_most and x.sum() < self.total - _TIGHT * max(
            1.0, abs(self.total)
        )
        vertex = fill_greedily(
            direction,
            np.where(fixed, x, lower),
            np.where(fixed, x, upper),
            self._weights,
            self.total,
            at_most=is_loose,
        )
        return x.copy() if vertex is None else vertex

    def max_step(
        self, x: Floats, direction: Floats, lower: Floats, upper: Floats
    ) -> float:
        """Return the largest step within the box and below the limit of the sum."""
        step = longest_step(x, direction, lower, upper)
        growth = float(direction.sum())
        if self.at_most and growth > _TIGHT:
            step = min(step, max(0.0, (self.total - float(x.sum())) / growth))
        return step


class ProbabilitySimplex(BoundedSum):
    """Non-negative vectors with a given sum.

    Parameters
    ----------
    dimension
        Number of variables.
    radius
        The sum.
    integral
        Whether all variables are integers.

    Raises
    ------
    InputError
        If ``dimension`` or ``radius`` is not positive.
    """

    def __init__(
        self, dimension: int, radius: float = 1.0, *, integral: bool = False
    ) -> None:
        count = as_count("dimension", dimension)
        sum_of_all = as_number("radius", radius, above=0)
        super().__init__(
            np.zeros(count),
            np.full(count, sum_of_all),
            sum_of_all,
            integers=range(count) if integral else (),
        )


class UnitSimplex(BoundedSum):
    """Non-negative vectors with a limited sum.

    Parameters
    ----------
    dimension
        Number of variables.
    radius
        Largest sum.
    integral
        Whether all variables are integers.

    Raises
    ------
    InputError
        If ``dimension`` or ``radius`` is not positive.
    """

    def __init__(
        self, dimension: int, radius: float = 1.0, *, integral: bool = False
    ) -> None:
        count = as_count("dimension", dimension)
        limit = as_number("radius", radius, above=0)
        super().__init__(
            np.zeros(count),
            np.full(count, limit),
            limit,
            at_most=True,
            integers=range(count) if integral else (),
        )


class Hypersimplex(BoundedSum):
    """The hull of the 0/1 vectors with k ones.

    Parameters
    ----------
    dimension
        Number of variables.
    ones
        Number k of ones.

    Raises
    ------
    InputError
        If ``ones`` is not in 1..dimension.
    """

    def __init__(self, dimension: int, ones: int) -> None:
        count = as_count("dimension", dimension)
        super().__init__(
            np.zeros(count),
            np.ones(count),
            as_count("ones", ones),
            integers=range(count),
        )


class UnitHypersimplex(BoundedSum):
    """The hull of the 0/1 vectors with at most k ones.

    Parameters
    ----------
    dimension
        Number of variables.
    ones
        Largest number k of ones.

    Raises
    ------
    InputError
        If an argument is not a positive integer.
    """

    def __init__(self, dimension: int, ones: int) -> None:
        count = as_count("dimension", dimension)
        super().__init__(
            np.zeros(count),
            np.ones(count),
            as_count("ones", ones),
            at_most=True,
            integers=range(count),
        )
