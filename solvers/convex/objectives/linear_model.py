"""Losses of linear models: f(x) = sum_i loss_i(a_i x) + 1/2 sum_j h_j x_j^2 + c'x.

What least squares, logistic and Poisson regression share. Columns of A behind the last
one with a nonzero entry (indicators of a sparse model, say) cost nothing.
"""

from abc import ABC, abstractmethod
from functools import cached_property
from typing import Any, ClassVar, Self

import numpy as np
from scipy.linalg import eigvalsh
from scipy.sparse import csr_array, issparse

from boundwise.core.errors import InputError
from boundwise.core.tolerances import OBJ_TOL
from boundwise.solvers.convex.objectives import checks, spectrum
from boundwise.solvers.convex.objectives.checks import Floats, Matrix

#: Below this many columns the Gram matrix is worth its place in memory.
GRAM_SIZE = 4000


class LinearModel(ABC):
    """A loss of a linear model; the subclasses say which.

    Parameters
    ----------
    A
        Data, one row an observation, one column a variable.
    penalty
        Penalty p_j >= 0 of squares, a number or one for each variable.
    linear
        The vector c.
    """

    #: Name of the penalty, and h_j / p_j.
    _PENALTY: ClassVar[tuple[str, float]]

    def __init__(self, A: Any, penalty: Any, linear: Any) -> None:
        self._A = checks.matrix("A", A)
        n = self._A.shape[1]
        name, factor = self._PENALTY
        h = factor * checks.non_negative(name, checks.vector(name, penalty, n))
        h.setflags(write=False)
        self._h: Floats = h
        self._c = checks.vector("linear", 0.0 if linear is None else linear, n)
        used = (
            self._A.indices[self._A.data != 0.0]
            if issparse(self._A)
            else np.flatnonzero(self._A.any(axis=0))
        )
        self._width = int(used.max()) + 1 if len(used) else 1
        self._front: Matrix = self._A[:, : self._width]
        if issparse(self._front):
            self._front = csr_array(self._front)
            self._back: Matrix = csr_array(self._front.T)
        else:
            self._front = np.ascontiguousarray(self._front)
            self._back = self._front.T

    @property
    def n_variables(self) -> int:
        """Number of variables."""
        return int(self._A.shape[1])

    @property
    def data(self) -> Matrix:
        """The matrix A."""
        return self._A

    @property
    def quadratic(self) -> Floats:
        """The vector h of the separable quadratic part, read-only."""
        return self._h

    @property
    def linear(self) -> Floats:
        """The vector c, read-only."""
        return self._c

    def _remaining(self, diagonal: Floats) -> Floats:
        """Return h - diagonal, which must not be negative."""
        rest = self._h - diagonal
        slack = OBJ_TOL * max(1.0, float(self._h.max()))
        if rest.min() < -slack:
            place = int(rest.argmin())
            raise InputError(
                f"diagonal must not exceed the curvature of the penalty, got "
                f"{diagonal[place]} at {place}, where that is {self._h[place]}."
            )
        return np.maximum(rest, 0.0)

    @abstractmethod
    def moved(self, diagonal: Floats, linear: Floats) -> Self:
        """Return f(x) - 1/2 sum_j diagonal_j x_j^2 + linear'x.

        Raises
        ------
        InputError
            If a diagonal entry exceeds the penalty's.
        """

    @abstractmethod
    def _loss(self, u: Floats) -> float:
        """Return the sum of the losses at the predictions u."""

    @abstractmethod
    def _slopes(self, u: Floats) -> Floats:
        """Return the derivative of each loss."""

    @abstractmethod
    def _bends(self, u: Floats) -> Floats:
        """Return the second derivative of each loss."""

    @abstractmethod
    def _steepest(self) -> float:
        """Return the largest second derivative of a loss anywhere."""

    def predictions(self, x: Floats) -> Floats:
        """Return Ax."""
        return np.asarray(self._front @ x[: self._width])

    def value(self, x: Floats) -> float:
        """Return f(x)."""
        rest = x @ (0.5 * self._h * x + self._c)
        return self._loss(self.predictions(x)) + float(rest)

    def gradient(self, x: Floats) -> Floats:
        """Return the gradient at x."""
        gradient = self._h * x + self._c
        gradient[: self._width] += self._back @ self._slopes(self.predictions(x))
        return gradient

    def hessian_product(self, x: Floats, directions: Floats) -> Floats:
        """Return the rows H(x) d of the rows d of ``directions``."""
        bends = self._bends(self.predictions(x))
        moved = np.asarray(self._front @ directions[:, : self._width].T)
        rows = directions * self._h
        rows[:, : self._width] += np.asarray(self._back @ (bends[:, None] * moved)).T
        return rows

    def in_domain(self, x: Floats) -> bool:
        """Tell whether f(x) is finite."""
        return bool(np.isfinite(self.value(x)))

    @property
    def strong_convexity(self) -> float:
        """Smallest h_j."""
        return float(self._h.min())

    @cached_property
    def lipschitz(self) -> float:
        """Largest eigenvalue of A'A times the steepest loss, plus the largest h_j."""
        m, n = self._front.shape
        if min(m, n) > GRAM_SIZE:
            norm = (
                float((self._front.multiply(self._front)).sum())
                if issparse(self._front)
                else float(np.vdot(self._front, self._front))
            )
        else:
            small = self._front @ self._back if m <= n else self._back @ self._front
            size = min(m, n) - 1
            norm = float(
                eigvalsh(spectrum.dense(small), subset_by_index=(size, size))[0]
            )
        return self._steepest() * norm + float(self._h.max())

    def curvature_floor(self) -> Floats:
        """Return h: the losses may be flat."""
        return self._h
