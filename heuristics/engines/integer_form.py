"""Turn linear rows into rows over integers, exactly where that is possible.

A row is multiplied by the smallest number that makes its coefficients integers (by the
least common multiple of their denominators, and divided by their common divisor). Where
there is none below a limit, coefficients are rounded at a fine scale, and the sides
give way by the largest error: the rounded row holds wherever the true one does.
Continuous variables become multiples of a step, and their rows give way by half of the
smallest step, or equations could not hold.
"""

from dataclasses import dataclass
from fractions import Fraction
from math import gcd, lcm

import numpy as np

from boundwise.core.tolerances import INT_TOL
from boundwise.heuristics.engines.frames import Array
from boundwise.heuristics.engines.problem import ProblemArrays

#: Values beyond this are out of reach for the integers of a row's activity.
LARGEST = 2.0**60
#: Largest denominator of a coefficient.
_DENOMINATOR = 10**6
#: Largest factor of a row.
_FACTOR = 10**9
#: Relative error of a coefficient that is a rational number up to rounding.
_EXACT = 4e-15
#: Sum of absolute values to which a row is scaled that cannot be scaled exactly.
_FINE = 2.0**40
#: Sums below this count as this, or the scale would overflow.
_LEAST = 2.0**-20


@dataclass(frozen=True, slots=True)
class IntegerForm:
    """Hold ``minimise c y``, ``row_lower <= A y <= row_upper`` over integers y.

    A variable is ``x = shift + step * y``.

    Parameters
    ----------
    lower, upper
        Bounds of y.
    objective
        Integer coefficients.
    objective_scale
        What the objective has been multiplied by.
    coefficients
        Of the rows, in the order of the problem's.
    row_lower, row_upper
        Sides; ``-LARGEST`` and ``LARGEST`` where absent.
    shifts, steps
        Of each variable; 0 and 1 for integer ones.
    is_exact
        Whether both problems have the same solutions and the same objective.
    """

    lower: Array
    upper: Array
    objective: Array
    objective_scale: float
    coefficients: Array
    row_lower: Array
    row_upper: Array
    shifts: Array
    steps: Array
    is_exact: bool

    @property
    def is_empty(self) -> bool:
        """Whether a variable or a row has no integer between its bounds."""
        no_value = (self.lower > self.upper).any()
        return bool(no_value or (self.row_lower > self.row_upper).any())

    def to_integers(self, x: Array) -> Array:
        """Return the nearest integer point of a point."""
        y = np.round((x - self.shifts) / self.steps)
        return np.clip(y, self.lower, self.upper).astype(np.int64)

    def to_values(self, y: Array) -> Array:
        """Return the point of an integer point."""
        return np.asarray(self.shifts + self.steps * y, dtype=np.float64)


def integer_form(
    problem: ProblemArrays, *, resolution: int = 6, widest: float = 1e7
) -> IntegerForm:
    """Return the problem over integers.

    Parameters
    ----------
    problem
        The problem.
    resolution
        A continuous variable has at least ``2 ** resolution`` values.
    widest
        Bounds that take the place of infinite and larger ones.
    """
    is_integer = problem.is_integer
    lower = np.where(is_integer, np.ceil(problem.lower - INT_TOL), problem.lower)
    upper = np.where(is_integer, np.floor(problem.upper + INT_TOL), problem.upper)
    cut = (lower < -widest) | (upper > widest)
    lower, upper = np.maximum(lower, -widest), np.minimum(upper, widest)
    steps = np.where(is_integer, 1.0, _steps(upper - lower, resolution))
    shifts = np.where(is_integer, 0.0, lower)
    low = np.where(is_integer, lower, 0.0)
    high = np.where(is_integer, upper, np.floor((upper - lower) / steps + 1e-9))
    largest = np.maximum(np.abs(low), np.abs(high))
    rows = _scaled_rows(problem, steps, shifts, largest)
    costs, scale, costs_exact = _scaled_objective(problem.objective * steps, largest)
    return IntegerForm(
        lower=low,
        upper=high,
        objective=costs,
        objective_scale=scale,
        coefficients=rows[0],
        row_lower=rows[1],
        row_upper=rows[2],
        shifts=shifts,
        steps=steps,
        is_exact=bool(is_integer.all() and not cut.any() and rows[3] and costs_exact),
    )


def _steps(ranges: Array, resolution: int) -> Array:
    """Return powers of two, at most 1: what is wide may well be whole."""
    wide = np.maximum(ranges, 1e-9)
    steps: Array = np.minimum(1.0, np.exp2(np.ceil(np.log2(wide) - resolution)))
    return steps


def _scaled_rows(
    problem: ProblemArrays, steps: Array, shifts: Array, largest: Array
) -> tuple[Array, Array, Array, bool]:
    starts, indices = problem.starts, problem.indices
    values = problem.coefficients * steps[indices]
    counts = np.diff(starts)
    row_of = np.repeat(np.arange(problem.n_rows), counts)
    factors, exact = _row_factors(values, starts)
    sizes = np.bincount(row_of, np.abs(values) * largest[indices], problem.n_rows)
    rough = ~exact | (factors * sizes > LARGEST / 8)
    fine = np.exp2(np.floor(np.log2(_FINE / np.maximum(sizes, _LEAST))))
    factors = np.where(rough, fine, factors)
    scaled = values * factors[row_of]
    coefficients = np.round(scaled)
    slack = np.bincount(
        row_of, np.abs(coefficients - scaled) * largest[indices], problem.n_rows
    )
    slack = np.where(rough, slack, 0.0)
    moved = np.bincount(row_of, problem.coefficients * shifts[indices], problem.n_rows)
    row_lower = (problem.row_lower - moved) * factors
    row_upper = (problem.row_upper - moved) * factors
    # Equations of continuous variables hold up to half of the smallest step.
    grid = np.where(problem.is_integer[indices], np.inf, np.abs(scaled))
    give = np.full(problem.n_rows, np.inf)
    np.minimum.at(give, row_of, grid)
    give = np.where(np.isfinite(give) & (row_upper - row_lower < give), give / 2, 0.0)
    slack = slack + give
    noise = np.minimum(0.1, 1e-9 * np.maximum(1.0, factors))
    noise = noise + 1e-12 * np.abs(np.where(np.isfinite(row_lower), row_lower, 0.0))
    return (
        coefficients,
        np.clip(np.ceil(row_lower - slack - noise), -LARGEST, LARGEST),
        np.clip(np.floor(row_upper + slack + noise), -LARGEST, LARGEST),
        not rough.any(),
    )


def _scaled_objective(costs: Array, largest: Array) -> tuple[Array, float, bool]:
    starts = np.array([0, len(costs)])
    factors, exact = _row_factors(costs, starts)
    factor, is_exact = float(factors[0]), bool(exact[0])
    size = float(np.abs(costs) @ largest)
    if not is_exact or factor * size > LARGEST / 8:
        is_exact = False
        factor = float(np.exp2(np.floor(np.log2(_FINE / max(size, _LEAST)))))
    return np.round(costs * factor), factor, is_exact


def _row_factors(values: Array, starts: Array) -> tuple[Array, Array]:
    """Return the factor of each row, and whether it makes all values integers."""
    n_rows = len(starts) - 1
    sizes, places = np.unique(np.abs(values), return_inverse=True)
    tops, bottoms = _fractions(sizes)
    factors = np.ones(n_rows)
    exact = np.ones(n_rows, dtype=bool)
    tops_of, bottoms_of = tops[places], bottoms[places]
    counts = np.diff(starts)
    row_of = np.repeat(np.arange(n_rows), counts)
    exact[row_of[bottoms_of == 0]] = False
    plain = np.ones(n_rows, dtype=bool)
    plain[row_of[bottoms_of != 1]] = False
    filled = np.flatnonzero(plain & (counts > 0))
    if len(filled):
        # Rows that are not plain lie between these: cut each one out.
        edges = np.column_stack([starts[filled], starts[filled + 1]]).ravel()
        divisors = np.gcd.reduceat(np.append(tops_of, 0), edges)[::2]
        factors[filled] = 1.0 / np.maximum(divisors, 1)
    for row in np.flatnonzero(~plain & exact).tolist():
        part = slice(starts[row], starts[row + 1])
        multiple = lcm(*set(bottoms_of[part].tolist()))
        if multiple > _FACTOR:
            exact[row] = False
            continue
        pairs = set(zip(tops_of[part].tolist(), bottoms_of[part].tolist(), strict=True))
        divisor = gcd(*(top * (multiple // bottom) for top, bottom in pairs))
        factors[row] = multiple / max(divisor, 1)
    return factors, exact


def _fractions(sizes: Array) -> tuple[Array, Array]:
    """Return numerators and denominators; a denominator of 0 for no fraction."""
    tops = np.zeros(len(sizes), dtype=np.int64)
    bottoms = np.zeros(len(sizes), dtype=np.int64)
    whole = (sizes == np.round(sizes)) & (sizes < 2.0**53)
    tops[whole], bottoms[whole] = sizes[whole], 1
    for place in np.flatnonzero(~whole & (sizes < 2.0**40)).tolist():
        size = float(sizes[place])
        nearest = Fraction(size).limit_denominator(_DENOMINATOR)
        if abs(float(nearest) - size) <= _EXACT * size:
            tops[place], bottoms[place] = nearest.numerator, nearest.denominator
    return tops, bottoms
