"""Least squares with ridge: f(x) = ||Ax - y||^2 + sum_j ridge_j x_j^2 + c'x."""

from functools import cached_property
from typing import Any, Self

import numpy as np
from scipy.sparse import issparse

from boundwise.solvers.convex.objectives import checks, spectrum
from boundwise.solvers.convex.objectives.checks import Floats
from boundwise.solvers.convex.objectives.linear_model import GRAM_SIZE, LinearModel
from boundwise.solvers.convex.objectives.quadratic import Quadratic


class LeastSquares(LinearModel):
    """Squared errors of a linear model.

    Parameters
    ----------
    A, y
        Data, shapes (m, n) and (m,); A dense or sparse.
    ridge
        Penalty of squares, a number or one for each variable, not negative.
    linear
        Linear part c, such as the price of indicators; zero if None.

    Raises
    ------
    InputError
        If a value is not finite or negative where it must not, or shapes disagree.

    Examples
    --------
    >>> f = LeastSquares([[1.0, 0.0], [0.0, 2.0]], [1.0, 2.0], ridge=1.0)
    >>> f.value(np.zeros(2)), f.value(np.ones(2))
    (5.0, 2.0)
    """

    _PENALTY = ("ridge", 2.0)

    def __init__(
        self, A: Any, y: Any, ridge: float | Floats = 0.0, linear: Any = None
    ) -> None:
        super().__init__(A, ridge, linear)
        self._y = checks.vector("y", y, self._A.shape[0])
        m, width = self._front.shape
        # A product with the Gram matrix is cheaper than one with A and one with A'.
        self._gram: Floats | None = None
        if width <= min(2 * m, GRAM_SIZE) and not issparse(self._front):
            self._gram = 2.0 * (self._back @ self._front)
            self._cross = 2.0 * (self._back @ self._y)

    @property
    def targets(self) -> Floats:
        """The vector y, read-only."""
        return self._y

    def gradient(self, x: Floats) -> Floats:
        """Return 2A'(Ax - y) + 2 ridge x + c."""
        if self._gram is None:
            return super().gradient(x)
        gradient = self._h * x + self._c
        gradient[: self._width] += self._gram @ x[: self._width] - self._cross
        return gradient

    def product(self, x: Floats) -> Floats:
        """Return Qx with Q the Hessian."""
        product = self._h * x
        front = x[: self._width]
        if self._gram is None:
            product[: self._width] += 2.0 * (self._back @ (self._front @ front))
        else:
            product[: self._width] += self._gram @ front
        return product

    def curvature(self, direction: Floats) -> float:
        """Return d'Qd with Q the Hessian."""
        moved = self.predictions(direction)
        return float(2.0 * (moved @ moved) + direction @ (self._h * direction))

    def hessian_product(self, x: Floats, directions: Floats) -> Floats:
        """Return the rows Qd of the rows d of ``directions``."""
        if self._gram is None:
            return super().hessian_product(x, directions)
        rows = directions * self._h
        rows[:, : self._width] += directions[:, : self._width] @ self._gram
        return rows

    @cached_property
    def strong_convexity(self) -> float:
        """Smallest eigenvalue of the Hessian."""
        if self._width < self.n_variables or self._width > self._front.shape[0]:
            return float(self._h.min())
        return max(0.0, spectrum.extreme_eigenvalues(self.to_quadratic().matrix)[0])

    def to_quadratic(self) -> Quadratic:
        """Return the same function as an explicit quadratic."""
        n = self.n_variables
        Q = np.diag(self._h)
        gram = 2.0 * spectrum.dense(self._back @ self._front)
        Q[: self._width, : self._width] += gram
        c = self._c.copy()
        c[: self._width] -= 2.0 * (self._back @ self._y)
        assert Q.shape == (n, n)
        return Quadratic(Q, c, float(self._y @ self._y))

    def moved(self, diagonal: Floats, linear: Floats) -> Self:
        """Return f(x) less a diagonal and plus a linear part; see `LinearModel`."""
        rest = self._remaining(diagonal)
        return type(self)(self._A, self._y, 0.5 * rest, self._c + linear)

    def _loss(self, u: Floats) -> float:
        residual = u - self._y
        return float(residual @ residual)

    def _slopes(self, u: Floats) -> Floats:
        return 2.0 * (u - self._y)

    def _bends(self, u: Floats) -> Floats:
        return np.full(len(u), 2.0)

    def _steepest(self) -> float:
        return 2.0
