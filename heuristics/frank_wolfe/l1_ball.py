"""Least squares over an l1 ball from Gram data, by conditional gradients.

    minimise  f(y) = y'Ay + 2 b'y + c   subject to  ||y||_1 <= R

The vertices are +-R e_i. Each step moves weight between two vertices (or towards one),
so it touches one or two columns of A and costs O(k), whatever the number of data rows
behind A. With gradient g, v the vertex that minimises <g, .>, a the worst and s the
best vertex with weight, the variants go

    cg     towards v;
    pcg    from a to v;
    bpcg   from a to s if <g, a - s> is at least the Frank-Wolfe gap, else towards v;

with exact line search. The blended variant keeps the iterate sparse: it adds a vertex
only when moving weight among those it has promises less.

References
----------
Frank, Wolfe (1956), doi:10.1002/nav.3800030109. Lacoste-Julien, Jaggi (2015),
arXiv:1511.05932 (pairwise steps). Tsuji, Tanaka, Pokutta (2022), ICML,
arXiv:2110.12650 (blended pairwise conditional gradients).
"""

import math
from dataclasses import dataclass
from typing import Literal, get_args

import numpy as np
import numpy.typing as npt

from boundwise.core.arguments import as_count, as_number
from boundwise.core.errors import InputError
from boundwise.heuristics.compiled import compiled
from boundwise.heuristics.frank_wolfe.line_searches.exact import exact_step

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
Variant = Literal["cg", "pcg", "bpcg"]

_VARIANTS: tuple[str, ...] = get_args(Variant)


@dataclass(frozen=True, slots=True)
class L1Solution:
    """Hold the point reached.

    Parameters
    ----------
    point
        The iterate, inside the ball.
    value
        Its objective.
    gap
        Frank-Wolfe gap: the optimum is at least ``value - gap``.
    iterations
        Steps made.
    """

    point: Floats
    value: float
    gap: float
    iterations: int


@compiled()
def _extremes(g: Floats, weights: Floats) -> tuple[int, int, int]:
    """Find the minimising vertex and, among those with weight, the worst and best.

    Vertex i is +R e_i and vertex k+i is -R e_i.
    """
    size = g.shape[0]
    top, away, local = 0, -1, -1
    worst, best = 0.0, 0.0
    for i in range(size):
        if abs(g[i]) > abs(g[top]):
            top = i
        if weights[i] > 0.0:
            if away < 0 or g[i] > worst:
                worst, away = g[i], i
            if local < 0 or g[i] < best:
                best, local = g[i], i
        if weights[size + i] > 0.0:
            if away < 0 or -g[i] > worst:
                worst, away = -g[i], size + i
            if local < 0 or -g[i] < best:
                best, local = -g[i], size + i
    return top if g[top] < 0.0 else size + top, away, local


@compiled()
def _descend(
    A: Floats,
    b: Floats,
    c: float,
    radius: float,
    variant: int,
    target: float,
    gap_tol: float,
    give_up: bool,
    max_iterations: int,
) -> tuple[Floats, float, int]:
    """Run the method from y = 0; return the iterate, its last gap and the steps.

    Only the leading block of A that matches b is read.
    """
    size = b.shape[0]
    weights = np.zeros(2 * size)
    # y = 0 is the midpoint of two opposite vertices.
    weights[0] = weights[size] = 0.5
    y, u, g = np.zeros(size), np.zeros(size), np.empty(size)
    gap = math.inf
    for iteration in range(max_iterations):
        linear = quadratic = 0.0
        for i in range(size):
            g[i] = 2.0 * (u[i] + b[i])
            linear += g[i] * y[i]
            quadratic += u[i] * y[i]
        value = linear - quadratic + c
        vertex, away, local = _extremes(g, weights)
        i = vertex % size
        sign = 1.0 if vertex < size else -1.0
        gap = linear + radius * abs(g[i])
        if value <= target or gap <= gap_tol or (give_up and value - gap > target):
            return y, gap, iteration
        j = away % size
        other = 1.0 if away < size else -1.0
        pairwise = variant == 1
        if variant == 2:
            n = local % size
            kind = 1.0 if local < size else -1.0
            pairwise = radius * (other * g[j] - kind * g[n]) >= gap
            if pairwise:
                vertex, i, sign = local, n, kind
        if pairwise:
            slope = radius * (sign * g[i] - other * g[j])
            bend = A[i, i] + A[j, j] - 2.0 * sign * other * A[i, j]
            bend *= radius * radius
            largest = weights[away]
        else:
            slope = -gap
            bend = radius * (radius * A[i, i] - 2.0 * sign * u[i]) + quadratic
            largest = 1.0
        step = exact_step(slope, 2.0 * bend, largest)
        if not step > 0.0:
            return y, gap, iteration
        if pairwise:
            weights[vertex] += step
            weights[away] = 0.0 if step == largest else weights[away] - step
            y[i] = radius * (weights[i] - weights[size + i])
            y[j] = radius * (weights[j] - weights[size + j])
            for r in range(size):
                u[r] += step * radius * (sign * A[i, r] - other * A[j, r])
        else:
            for r in range(2 * size):
                weights[r] *= 1.0 - step
            weights[vertex] += step
            for r in range(size):
                y[r] = radius * (weights[r] - weights[size + r])
                u[r] = (1.0 - step) * u[r] + step * radius * sign * A[i, r]
        if iteration % 1000 == 999:
            # Forget the rounding errors of a thousand updates.
            for r in range(size):
                total = 0.0
                for q in range(size):
                    total += A[r, q] * y[q]
                u[r] = total
    return y, gap, max_iterations


@compiled()
def _descend_columns(
    A: Floats,
    B: Floats,
    c: Floats,
    sizes: Ints,
    radii: Floats,
    variant: int,
    target: float,
    max_iterations: int,
) -> tuple[Floats, Floats]:
    points, values = np.zeros(B.shape), np.empty(B.shape[1])
    for column in range(B.shape[1]):
        size = sizes[column]
        b = B[:size, column].copy()
        y, _, _ = _descend(
            A, b, c[column], radii[column], variant, target, 0.0, False, max_iterations
        )
        value = c[column]
        for i in range(size):
            points[i, column] = y[i]
            if y[i] != 0.0:
                product = 2.0 * b[i]
                for r in range(size):
                    product += A[i, r] * y[r]
                value += y[i] * product
        values[column] = value
    return points, values


def minimize_columns_over_l1_ball(
    A: Floats,
    B: Floats,
    c: Floats,
    *,
    sizes: Ints,
    radii: Floats,
    variant: Variant = "bpcg",
    target: float,
    max_iterations: int,
) -> tuple[Floats, Floats]:
    """Solve many problems that share their matrix, or leading blocks of it.

    Problem j is over the first ``sizes[j]`` coordinates, with linear part
    ``B[:sizes[j], j]``, constant ``c[j]`` and radius ``radii[j]``.

    Parameters
    ----------
    A, B, c
        The data of the problems, as in `minimize_over_l1_ball`.
    sizes, radii
        Number of coordinates and radius of each.
    variant, target, max_iterations
        As in `minimize_over_l1_ball`.

    Returns
    -------
    tuple
        One point a column, zero beyond its size; and the objectives.

    Raises
    ------
    InputError
        If the shapes do not match.
    """
    count = B.shape[1]
    if not (len(c) == len(sizes) == len(radii) == count and len(A) == len(B)):
        raise InputError(
            f"A, B, c, sizes and radii must match, got shapes {A.shape}, {B.shape}, "
            f"{c.shape}, {sizes.shape} and {radii.shape}."
        )
    if count and not (sizes.min() >= 1 and sizes.max() <= len(A) and radii.min() > 0):
        raise InputError("sizes must lie between 1 and len(A), radii above zero.")
    return _descend_columns(
        np.ascontiguousarray(A, dtype=np.float64),
        np.ascontiguousarray(B, dtype=np.float64),
        np.ascontiguousarray(c, dtype=np.float64),
        np.ascontiguousarray(sizes, dtype=np.int64),
        np.ascontiguousarray(radii, dtype=np.float64),
        _VARIANTS.index(variant),
        float(target),
        max_iterations,
    )


def minimize_over_l1_ball(
    A: Floats,
    b: Floats,
    c: float,
    *,
    radius: float,
    variant: Variant = "bpcg",
    target: float = -math.inf,
    gap_tol: float = 0.0,
    give_up: bool = False,
    max_iterations: int = 10_000,
) -> L1Solution:
    """Minimise ``y'Ay + 2 b'y + c`` over the l1 ball, starting from zero.

    Parameters
    ----------
    A
        Symmetric positive semidefinite matrix.
    b, c
        Linear and constant part.
    radius
        Radius of the ball.
    variant
        ``"cg"``, ``"pcg"`` or ``"bpcg"``.
    target
        Stop as soon as the objective is at most this.
    gap_tol
        Stop when the Frank-Wolfe gap is at most this.
    give_up
        Also stop when the gap proves that ``target`` cannot be reached.
    max_iterations
        Largest number of steps.

    Returns
    -------
    L1Solution
        The point reached, with its objective evaluated afresh.

    Raises
    ------
    InputError
        If an argument is out of range.

    Examples
    --------
    >>> solution = minimize_over_l1_ball(
    ...     np.eye(2), np.array([-3.0, 0.0]), 9.0, radius=1.0
    ... )
    >>> solution.point, solution.value
    (array([1., 0.]), 4.0)
    """
    if variant not in _VARIANTS:
        raise InputError(f"variant must be one of {_VARIANTS}, got {variant!r}.")
    radius = as_number("radius", radius, above=0)
    max_iterations = as_count("max_iterations", max_iterations)
    if A.shape != (len(b), len(b)) or not len(b):
        raise InputError(
            f"A and b must have matching sizes, got {A.shape} and {b.shape}."
        )
    A = np.ascontiguousarray(A, dtype=np.float64)
    b = np.ascontiguousarray(b, dtype=np.float64)
    point, gap, iterations = _descend(
        A,
        b,
        float(c),
        float(radius),
        _VARIANTS.index(variant),
        float(target),
        float(gap_tol),
        give_up,
        max_iterations,
    )
    value = float(point @ (A @ point) + 2.0 * (b @ point) + c)
    return L1Solution(point, value, float(gap), iterations)
