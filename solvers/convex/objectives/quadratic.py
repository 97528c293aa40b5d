"""Convex quadratics f(x) = 1/2 x'Qx + c'x + constant; Q dense, sparse or diagonal."""

from functools import cached_property
from typing import Any

import numpy as np
from scipy.sparse import csr_array, diags_array, issparse

from boundwise.core.arguments import as_number
from boundwise.core.errors import InputError
from boundwise.solvers.convex.objectives import checks, spectrum
from boundwise.solvers.convex.objectives.checks import Floats, Matrix


class Quadratic:
    """A convex quadratic function.

    Parameters
    ----------
    Q
        Symmetric positive semidefinite matrix, shape (n, n), dense or sparse; or its
        diagonal, shape (n,).
    c
        Linear part, shape (n,); zero if None.
    constant
        Constant part.

    Raises
    ------
    InputError
        If a value is not finite, shapes disagree, Q is not symmetric or has a negative
        eigenvalue (which the message tells).

    Examples
    --------
    >>> f = Quadratic([2.0, 4.0], [-2.0, 0.0])
    >>> f.value(np.array([1.0, 1.0])), f.gradient(np.array([1.0, 1.0]))
    (1.0, array([0., 4.]))
    """

    def __init__(self, Q: Any, c: Any = None, constant: float = 0.0) -> None:
        ndim = 2 if issparse(Q) else np.ndim(Q)
        if ndim not in (1, 2):
            raise InputError(
                f"Q must be a matrix or a diagonal, got {ndim} dimensions."
            )
        if ndim == 1:
            diagonal = checks.vector("Q", Q)
            if diagonal.size and diagonal.min() < 0.0:
                raise InputError(
                    "Q must be positive semidefinite, its smallest eigenvalue is "
                    f"{diagonal.min():.6g}: the objective is not convex."
                )
            self._diagonal: Floats | None = diagonal
            self._Q: Matrix = np.empty((0, 0))
            n = len(diagonal)
        else:
            self._diagonal = None
            self._Q = spectrum.symmetric("Q", checks.matrix("Q", Q))
            spectrum.require_positive_semidefinite("Q", self._Q)
            n = self._Q.shape[0]
        if not n:
            raise InputError("Q must not be empty.")
        self._n = n
        self._c = checks.vector("c", 0.0 if c is None else c, n)
        self._constant = as_number("constant", constant)

    @property
    def n_variables(self) -> int:
        """Number of variables."""
        return self._n

    @property
    def linear(self) -> Floats:
        """Linear part, read-only."""
        return self._c

    @property
    def constant(self) -> float:
        """Constant part."""
        return self._constant

    @property
    def is_separable(self) -> bool:
        """Whether Q is given as a diagonal."""
        return self._diagonal is not None

    @property
    def diagonal(self) -> Floats:
        """Diagonal of Q."""
        if self._diagonal is not None:
            return self._diagonal
        return np.asarray(self._Q.diagonal())

    @property
    def matrix(self) -> Matrix:
        """Q as a matrix; sparse if it was given as a diagonal."""
        if self._diagonal is not None:
            return csr_array(diags_array(self._diagonal))
        return self._Q

    def value(self, x: Floats) -> float:
        """Return f(x)."""
        return float(x @ (0.5 * self.product(x) + self._c)) + self._constant

    def gradient(self, x: Floats) -> Floats:
        """Return Qx + c."""
        return self.product(x) + self._c

    def product(self, x: Floats) -> Floats:
        """Return Qx."""
        if self._diagonal is not None:
            return np.asarray(self._diagonal * x)
        return np.asarray(self._Q @ x)

    def curvature(self, direction: Floats) -> float:
        """Return d'Qd."""
        return float(direction @ self.product(direction))

    def hessian_product(self, x: Floats, directions: Floats) -> Floats:
        """Return the rows Qd of the rows d of ``directions``."""
        if self._diagonal is not None:
            return np.asarray(directions * self._diagonal)
        return np.asarray((self._Q @ directions.T).T)

    def in_domain(self, x: Floats) -> bool:
        """Return True: a quadratic is finite everywhere."""
        return True

    @property
    def strong_convexity(self) -> float:
        """Smallest eigenvalue of Q, at least 0."""
        return max(0.0, self._spectrum[0])

    @property
    def lipschitz(self) -> float:
        """Largest eigenvalue of Q."""
        return max(0.0, self._spectrum[1])

    def curvature_floor(self) -> Floats:
        """Return a diagonal that Q exceeds: itself, or its smallest eigenvalue."""
        if self._diagonal is not None:
            return self._diagonal
        return np.full(self._n, self.strong_convexity)

    def moved(self, diagonal: Floats, linear: Floats) -> "Quadratic":
        """Return f(x) - 1/2 sum_j diagonal_j x_j^2 + linear'x.

        Raises
        ------
        InputError
            If that is not convex.
        """
        if self._diagonal is not None:
            rest: Any = np.maximum(self._diagonal - diagonal, 0.0)
        elif issparse(self._Q):
            rest = self._Q - diags_array(diagonal)
        else:
            rest = self._Q - np.diag(diagonal)
        return Quadratic(rest, self._c + linear, self._constant)

    @cached_property
    def _spectrum(self) -> tuple[float, float]:
        if self._diagonal is not None:
            return float(self._diagonal.min()), float(self._diagonal.max())
        return spectrum.extreme_eigenvalues(self._Q)
