"""Perspective reformulation: squares of variables that a binary switches off.

If z_k = 0 forces x_j = 0 in the feasible set, then with 1/2 d_j x_j^2 taken out of f,

    F(x, z) = f(x, z) + 1/2 sum_j d_j x_j^2 (1 - z_k) / (z_k + e)

replaces 1/2 d_j x_j^2 by 1/2 d_j (1 + e) x_j^2 / (z_k + e), for e -> 0 the perspective
of the square, which is the convex envelope of the square and the switch.

Guarantee: on every point of the feasible set with binary z_k, F = f. On its continuous
relaxation F >= f, and F is convex if f - 1/2 sum_j d_j x_j^2 is. So minimising F has
the same solutions and optimum, and every relaxation is at least as tight.

References
----------
Frangioni, Gentile (2006), Perspective cuts for a class of convex 0-1 mixed integer
programs, doi:10.1007/s10107-005-0594-3. Günlük, Linderoth (2010), Perspective
reformulations of mixed integer nonlinear programs with indicator variables,
doi:10.1007/s10107-010-0360-z.
"""

from collections.abc import Sequence
from typing import Any

import numpy as np

from boundwise.core.arguments import as_number
from boundwise.core.errors import InputError
from boundwise.heuristics.frank_wolfe.protocols import Indices, TwiceDifferentiable
from boundwise.solvers.convex.objectives import checks
from boundwise.solvers.convex.objectives.base import StructuredObjective
from boundwise.solvers.convex.objectives.checks import Floats

#: Smoothing e: smaller is tighter and harder on first-order methods.
SMOOTHING = 1e-2


class Perspective:
    """A convex function with the squares of switched variables put in perspective.

    Parameters
    ----------
    base
        The function f.
    pairs
        Pairs (j, k) of a variable and the binary that switches it off.
    curvature
        The d_j of each pair, with f - 1/2 sum d_j x_j^2 convex (not checked here, see
        `boundwise.solvers.convex.objectives.reformulate`). A variable in several
        pairs counts once for each.
    bounds
        Largest |x_j| of each pair where the binary is 1; ``inf`` if not known.
    smoothing
        The number e > 0.

    Raises
    ------
    InputError
        If a number is out of range or the lengths differ.

    Examples
    --------
    >>> from boundwise.solvers.convex.objectives.quadratic import Quadratic
    >>> F = Perspective(Quadratic([2.0, 0.0]), [(0, 1)], [2.0], smoothing=0.01)
    >>> F.value(np.array([1.0, 1.0])), round(F.value(np.array([0.5, 0.5])), 3)
    (1.0, 0.495)
    """

    def __init__(
        self,
        base: StructuredObjective,
        pairs: Sequence[tuple[int, int]] | Indices,
        curvature: Any,
        *,
        bounds: Any = np.inf,
        smoothing: float = SMOOTHING,
    ) -> None:
        n = base.n_variables
        places = np.array(pairs, dtype=np.intp).reshape(-1, 2)
        if len(places) and not 0 <= places.min() <= places.max() < n:
            raise InputError(f"pairs must hold indices in 0..{n - 1}.")
        self.base = base
        self._x, self._z = places[:, 0].copy(), places[:, 1].copy()
        if (self._x == self._z).any():
            raise InputError("pairs must hold two different variables each.")
        self._d = checks.non_negative(
            "curvature", checks.vector("curvature", curvature, len(places))
        )
        self._bounds = np.broadcast_to(
            np.asarray(bounds, dtype=np.float64), (len(places),)
        )
        self._e = as_number("smoothing", smoothing, above=0)
        # Each variable in one pair: then fancy assignment may replace `np.add.at`.
        self._is_simple = len(set(self._x)) == len(set(self._z)) == len(places)

    @property
    def pairs(self) -> Indices:
        """The pairs (j, k), shape (p, 2)."""
        return np.column_stack([self._x, self._z])

    @property
    def curvature_taken(self) -> Floats:
        """The d_j of each pair, read-only."""
        return self._d

    @property
    def smoothing(self) -> float:
        """The number e."""
        return self._e

    @property
    def n_variables(self) -> int:
        """Number of variables."""
        return self.base.n_variables

    @property
    def strong_convexity(self) -> float:
        """Return 0: along the binaries there is no curvature."""
        return 0.0

    @property
    def lipschitz(self) -> float:
        """That of f plus what the perspective adds where |x_j| <= bound * z_k."""
        if not len(self._d):
            return self.base.lipschitz
        # The Hessian of x^2/(z+e) is 2/(z+e) (1, -s)(1, -s)' with |s| <= bound.
        added = self._d * (1.0 + self._e) / self._e * (1.0 + self._bounds**2)
        return self.base.lipschitz + float(added.max())

    def in_domain(self, x: Floats) -> bool:
        """Tell whether the binaries are above -e and f is finite."""
        inside = bool((x[self._z] > -self._e).all())
        return inside and self.base.in_domain(x)

    def curvature_floor(self) -> Floats:
        """Return zeros: what could be taken out has been."""
        return np.zeros(self.n_variables)

    def value(self, x: Floats) -> float:
        """Return F(x)."""
        b, z = x[self._x], x[self._z]
        added = 0.5 * float((self._d * b * b) @ ((1.0 - z) / (z + self._e)))
        return self.base.value(x) + added

    def gradient(self, x: Floats) -> Floats:
        """Return the gradient of F at x."""
        gradient = self.base.gradient(x)
        b, shifted = x[self._x], x[self._z] + self._e
        slope = self._d * b / shifted
        along_x = slope * (1.0 + self._e - shifted)
        along_z = (-0.5 * (1.0 + self._e)) * slope * b / shifted
        if self._is_simple:
            gradient[self._x] += along_x
            gradient[self._z] += along_z
        else:
            np.add.at(gradient, self._x, along_x)
            np.add.at(gradient, self._z, along_z)
        return gradient

    def hessian_product(self, x: Floats, directions: Floats) -> Floats:
        """Return the rows H(x) d of the rows d of ``directions``.

        Raises
        ------
        InputError
            If the function f has no second derivatives.
        """
        if not isinstance(self.base, TwiceDifferentiable):
            raise InputError("base must have hessian_product for second derivatives.")
        rows = self.base.hessian_product(x, directions)
        b, shifted = x[self._x], x[self._z] + self._e
        weight = self._d * (1.0 + self._e) / shifted
        ratio = b / shifted
        bent = weight * (directions[:, self._x] - ratio * directions[:, self._z])
        along_x = bent - self._d * directions[:, self._x]
        along_z = -ratio * bent
        if self._is_simple:
            rows[:, self._x] += along_x
            rows[:, self._z] += along_z
        else:
            np.add.at(rows.T, self._x, along_x.T)
            np.add.at(rows.T, self._z, along_z.T)
        return rows
