"""Optimal experiment design: information M(x) = A' diag(x) A of experiments a_i.

    D-optimality   f(x) = -log det M(x),   df/dx_i = -a_i' M^-1 a_i
    A-optimality   f(x) = trace M(x)^-1,   df/dx_i = -||M^-1 a_i||^2

Both are convex where M(x) is positive definite and infinite elsewhere. With A = QR and
Q of orthonormal columns, M = R' (Q' diag(x) Q) R, and the middle factor is singular
only where the design is, however badly A is scaled.

References
----------
Pukelsheim (2006), Optimal Design of Experiments, doi:10.1137/1.9780898719109.
"""

import math
from abc import ABC, abstractmethod
from typing import Any

import numpy as np
from scipy.linalg import qr, solve_triangular
from scipy.linalg.lapack import dpocon, dpotrf, dpotri

from boundwise.core.errors import InputError
from boundwise.solvers.convex.objectives import checks, spectrum
from boundwise.solvers.convex.objectives.checks import Floats

#: Squared ratio of lengths below which vectors count as linearly dependent.
_DEPENDENT = 1e-12
#: Reciprocal condition number of Q' diag(x) Q below which x is outside the domain:
#: there, gradients would have fewer than seven digits.
_SINGULAR = 1e-9


class _Design(ABC):
    """A criterion of the information matrix.

    Parameters
    ----------
    A
        Experiments, one a row, shape (m, p) with rank p.

    Raises
    ------
    InputError
        If A is not finite or its columns are linearly dependent.
    """

    def __init__(self, A: Any) -> None:
        self._A = spectrum.dense(checks.matrix("A", A))
        m, p = self._A.shape
        if m < p:
            raise InputError(
                f"A must have at least as many rows as columns, got {m, p}."
            )
        lengths = np.linalg.norm(self._A, axis=0)
        if not lengths.all():
            raise InputError("A must have linearly independent columns.")
        Q, R = qr(self._A, mode="economic")
        if (np.diag(R) ** 2 <= _DEPENDENT * lengths**2).any():
            raise InputError("A must have linearly independent columns.")
        self._Q = np.ascontiguousarray(Q)
        self._R = R

    @property
    def n_variables(self) -> int:
        """Number of experiments."""
        return int(self._A.shape[0])

    @property
    def experiments(self) -> Floats:
        """The matrix A."""
        return self._A

    @property
    def strong_convexity(self) -> float:
        """Return 0: the criteria flatten out for large designs."""
        return 0.0

    @property
    def lipschitz(self) -> float:
        """Return ``inf``: the gradient has no limit at the edge of the domain."""
        return math.inf

    def curvature_floor(self) -> Floats:
        """Return zeros."""
        return np.zeros(self.n_variables)

    def in_domain(self, x: Floats) -> bool:
        """Tell whether the information matrix is positive definite at x."""
        return self._factor(x) is not None

    def domain_point(self, lower: Floats, upper: Floats) -> Floats | None:
        """Return a point of a box in the domain, with as few experiments as possible.

        Parameters
        ----------
        lower, upper
            The box, shape (m,).

        Returns
        -------
        array or None
            ``lower`` with experiments added one unit each (or up to ``upper``) until
            they span the space, strongest first; None if the box has no such point.
        """
        x = np.array(lower, dtype=np.float64)
        p = self._A.shape[1]
        basis = np.zeros((p, 0))
        held = np.flatnonzero(x > 0.0)
        free = np.flatnonzero((x < upper) & (x <= 0.0))
        for group, is_held in ((held, True), (free, False)):
            rest = self._Q[group] - (self._Q[group] @ basis) @ basis.T
            while len(group) and basis.shape[1] < p:
                lengths = np.einsum("ij,ij->i", rest, rest)
                best = int(lengths.argmax())
                scale = float(np.einsum("ij,ij->i", self._Q, self._Q).max())
                if lengths[best] <= _DEPENDENT * scale:
                    break
                direction = rest[best] / math.sqrt(lengths[best])
                basis = np.column_stack([basis, direction])
                rest = rest - np.outer(rest @ direction, direction)
                if not is_held:
                    x[group[best]] += min(1.0, upper[group[best]] - x[group[best]])
        return x if basis.shape[1] == p and self.in_domain(x) else None

    def value(self, x: Floats) -> float:
        """Return f(x); ``inf`` outside the domain."""
        factor = self._factor(x)
        return math.inf if factor is None else self._criterion(factor)

    def gradient(self, x: Floats) -> Floats:
        """Return the gradient at x.

        Raises
        ------
        InputError
            If x is outside the domain.
        """
        return self._slopes(self._require_factor(x))

    @abstractmethod
    def _criterion(self, factor: Floats) -> float:
        """Return f from the lower Cholesky factor of Q' diag(x) Q."""

    @abstractmethod
    def _slopes(self, factor: Floats) -> Floats:
        """Return the gradient from the lower Cholesky factor of Q' diag(x) Q."""

    def _information(self, x: Floats) -> Floats:
        return np.asarray(self._Q.T @ (x[:, None] * self._Q))

    def _factor(self, x: Floats) -> Floats | None:
        # LAPACK directly: these matrices are small, and checks would cost more.
        information = self._information(x)
        norm = float(np.abs(information).sum(axis=0).max())
        factor, info = dpotrf(information, lower=1)
        if info != 0:
            return None
        reciprocal, _ = dpocon(factor, norm, uplo="L")
        return np.asarray(factor) if reciprocal > _SINGULAR else None

    def _inverse(self, factor: Floats) -> Floats:
        """Return the inverse of Q' diag(x) Q."""
        inverse, _ = dpotri(factor, lower=1)
        lower = np.tril(inverse)
        return np.asarray(lower + np.tril(lower, -1).T)

    def _require_factor(self, x: Floats) -> Floats:
        factor = self._factor(x)
        if factor is None:
            raise InputError("x must be in the domain: its information is singular.")
        return factor


class DOptimal(_Design):
    """The volume criterion: minus the logarithm of the determinant of A' diag(x) A.

    Parameters
    ----------
    A
        Experiments, one a row, shape (m, p) with rank p.

    Raises
    ------
    InputError
        If A is not finite or its columns are linearly dependent.

    Examples
    --------
    >>> f = DOptimal([[1.0, 0.0], [0.0, 1.0], [1.0, 1.0]])
    >>> round(f.value(np.array([2.0, 1.0, 0.0])), 6)
    -0.693147
    >>> f.in_domain(np.array([1.0, 0.0, 0.0]))
    False
    """

    def __init__(self, A: Any) -> None:
        super().__init__(A)
        self._log_scale = 2.0 * float(np.log(np.abs(np.diag(self._R))).sum())

    def hessian_product(self, x: Floats, directions: Floats) -> Floats:
        """Return the rows H(x) d of the rows d of ``directions``."""
        leverage = self._Q @ self._inverse(self._require_factor(x)) @ self._Q.T
        return np.asarray(directions @ (leverage * leverage))

    def _criterion(self, factor: Floats) -> float:
        return -2.0 * float(np.log(np.diag(factor)).sum()) - self._log_scale

    def _slopes(self, factor: Floats) -> Floats:
        solved = self._Q @ self._inverse(factor)
        return np.asarray(-np.einsum("ij,ij->i", solved, self._Q))


class AOptimal(_Design):
    """The average criterion: the trace of the inverse of A' diag(x) A.

    Parameters
    ----------
    A
        Experiments, one a row, shape (m, p) with rank p.

    Raises
    ------
    InputError
        If A is not finite or its columns are linearly dependent.

    Examples
    --------
    >>> f = AOptimal([[1.0, 0.0], [0.0, 1.0], [1.0, 1.0]])
    >>> round(f.value(np.array([1.0, 2.0, 0.0])), 9)
    1.5
    """

    def __init__(self, A: Any) -> None:
        super().__init__(A)
        # trace(R^-1 N R^-T) = <N, R^-T R^-1> for N the inverse of Q' diag(x) Q.
        inverse = solve_triangular(self._R, np.eye(len(self._R)))
        self._scale = np.asarray(inverse.T @ inverse)

    def hessian_product(self, x: Floats, directions: Floats) -> Floats:
        """Return the rows H(x) d of the rows d of ``directions``."""
        solved = self._Q @ self._inverse(self._require_factor(x))
        bend = 2.0 * (solved @ self._scale @ solved.T) * (solved @ self._Q.T)
        return np.asarray(directions @ bend)

    def _criterion(self, factor: Floats) -> float:
        return float(np.vdot(self._inverse(factor), self._scale))

    def _slopes(self, factor: Floats) -> Floats:
        solved = self._Q @ self._inverse(factor)
        return np.asarray(-np.einsum("ij,ij->i", solved @ self._scale, solved))
