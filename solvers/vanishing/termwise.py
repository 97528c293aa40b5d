"""Oracles that take the border term by term, each with its own least squares solver.

They work on the same Gram blocks as the exact oracle, on

    min_y (1/m) ||b + A y||^2,   A the values of O so far, b those of the term,

from A'A, A'b and b'b alone. `InverseHessian` is inverse Hessian boosting as published:
the inverse of A'A is kept and a column appended through its Schur complement sigma,

    q = (A'A)^-1 A'b,  sigma = b'b - b'A q,  loss = sigma/m,
    (A'A)^-1  <-  [[(A'A)^-1 + q q'/sigma, -q/sigma], [-q'/sigma, 1/sigma]].

Wirth, Kera, Pokutta (2023), arXiv:2207.01236. ABM: Limbeck (2013), dissertation,
University of Passau, "Computation of approximate border bases and applications".
"""

import math
from dataclasses import dataclass, field
from typing import Protocol

import numpy as np
import numpy.typing as npt
from scipy.linalg import eigh, eigvalsh

from boundwise.heuristics.frank_wolfe.l1_ball import Variant, minimize_over_l1_ball
from boundwise.solvers.vanishing.gram import Layer, Plan
from boundwise.solvers.vanishing.grow import Conversation, Step

Floats = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class TermFit:
    """Hold the best polynomial found for one border term.

    Parameters
    ----------
    coefficients
        Over the terms of O so far.
    leading
        Coefficient of the border term.
    loss
        Mean squared error.
    """

    coefficients: Floats
    leading: float
    loss: float


class TermSolver(Protocol):
    """Fit one border term after the other."""

    def fit(self, gram: Floats, cross: Floats, square: float) -> TermFit:
        """Fit a term, given A'A, A'b and b'b, all divided by m."""
        ...

    def join(self, cross: Floats, square: float) -> None:
        """Learn that the term just fitted joins O."""
        ...


@dataclass(slots=True)
class InverseHessian:
    """Fit exactly through the explicit inverse (IHB).

    Parameters
    ----------
    tau
        Largest l1 norm of the coefficients, or None. A solution beyond it is
        replaced by that of blended pairwise conditional gradients over the ball.
    psi
        Where those may stop.
    """

    psi: float
    tau: float | None = None
    _inverse: Floats = field(default_factory=lambda: np.ones((1, 1)), init=False)

    def fit(self, gram: Floats, cross: Floats, square: float) -> TermFit:
        """Fit a term, given A'A, A'b and b'b, all divided by m."""
        q = self._inverse @ cross
        sigma = max(square - float(cross @ q), 0.0)
        if self.tau is not None and np.abs(q).sum() > self.tau - 1.0:
            return _constrained(gram, cross, square, "bpcg", self.psi, self.tau)
        return TermFit(-q, 1.0, sigma)

    def join(self, cross: Floats, square: float) -> None:
        """Append the term to the inverse through its Schur complement."""
        q = self._inverse @ cross
        sigma = square - float(cross @ q)
        size = len(q)
        grown = np.empty((size + 1, size + 1))
        grown[:size, :size] = self._inverse + np.outer(q, q) / sigma
        grown[:size, size] = grown[size, :size] = -q / sigma
        grown[size, size] = 1.0 / sigma
        self._inverse = grown


@dataclass(frozen=True, slots=True)
class ConditionalGradients:
    """Fit over the l1 ball of radius tau - 1 by a Frank-Wolfe variant.

    Parameters
    ----------
    variant
        ``"cg"``, ``"pcg"`` or ``"bpcg"``.
    psi
        The method stops once it gets there, or proves that it cannot.
    tau
        Largest l1 norm of the coefficients, the leading one included.
    """

    variant: Variant
    psi: float
    tau: float

    def fit(self, gram: Floats, cross: Floats, square: float) -> TermFit:
        """Fit a term, given A'A, A'b and b'b, all divided by m."""
        return _constrained(gram, cross, square, self.variant, self.psi, self.tau)

    def join(self, cross: Floats, square: float) -> None:
        """Keep nothing."""


@dataclass(frozen=True, slots=True)
class AcceleratedGradient:
    """Fit without a constraint by Nesterov's accelerated gradient method.

    Parameters
    ----------
    psi
        The method stops once it gets there.
    tau
        As for `InverseHessian`.
    max_iterations
        Largest number of steps.
    """

    psi: float
    tau: float | None = None
    max_iterations: int = 10_000

    def fit(self, gram: Floats, cross: Floats, square: float) -> TermFit:
        """Fit a term, given A'A, A'b and b'b, all divided by m."""
        spectrum = eigvalsh(gram)
        smoothness, convexity = 2.0 * spectrum[-1], 2.0 * max(spectrum[0], 0.0)
        root = math.sqrt(smoothness / convexity) if convexity > 0 else math.inf
        momentum = (root - 1.0) / (root + 1.0) if math.isfinite(root) else 1.0
        x = y = np.zeros(len(cross))
        best, stalled = square, 0
        for _ in range(self.max_iterations):
            ahead = x - 2.0 * (gram @ x + cross) / smoothness
            x, y = ahead + momentum * (ahead - y), ahead
            loss = float(y @ (gram @ y) + 2.0 * (cross @ y) + square)
            stalled = 0 if loss < best - _STALL_TOL * self.psi else stalled + 1
            best = min(best, loss)
            if loss <= self.psi or stalled >= _STALL_STEPS:
                break
        if self.tau is not None and np.abs(y).sum() > self.tau - 1.0:
            return _constrained(gram, cross, square, "bpcg", self.psi, self.tau)
        return TermFit(y, 1.0, max(loss, 0.0))

    def join(self, cross: Floats, square: float) -> None:
        """Keep nothing."""


@dataclass(frozen=True, slots=True)
class SmallestEigenvector:
    """Fit as ABM does: unit coefficient vector, the leading coefficient among them.

    The loss is the smallest eigenvalue of the Gram matrix of O and the term. It is
    at most that of the fit with leading coefficient one, so ABM finds more
    generators, of lower degree, at the same psi; numbers of generators do not
    compare.
    """

    def fit(self, gram: Floats, cross: Floats, square: float) -> TermFit:
        """Fit a term, given A'A, A'b and b'b, all divided by m."""
        size = len(cross)
        full = np.empty((size + 1, size + 1))
        full[:size, :size] = gram
        full[size, :size] = full[:size, size] = cross
        full[size, size] = square
        values, vectors = eigh(full, subset_by_index=(0, 0))
        vector = vectors[:, 0] if vectors[size, 0] >= 0 else -vectors[:, 0]
        return TermFit(vector[:size], float(vector[size]), max(float(values[0]), 0.0))

    def join(self, cross: Floats, square: float) -> None:
        """Keep nothing."""


@dataclass(slots=True)
class TermwiseOracle:
    """Decide a border term by term with any solver.

    Parameters
    ----------
    solver
        Fits the terms.
    psi
        Largest mean squared error that vanishes.
    """

    solver: TermSolver
    psi: float
    _gram: Floats = field(default_factory=lambda: np.ones((1, 1)), init=False)

    def decide(self, layers: tuple[Layer, ...]) -> Conversation:
        """Decide on the last layer, given the layers of O before it."""
        size, width = len(self._gram), len(layers[-1])
        gram = yield Plan(layers, np.arange(size + width), symmetric=True)
        products = gram.products / gram.n_rows
        G = np.zeros((size + width, size + width))
        G[:size, :size] = self._gram
        joined: list[int] = []
        leading: list[int] = []
        fits: list[TermFit] = []
        for j in range(width):
            at = size + len(joined)
            cross = np.concatenate([products[:size, j], products[size:][joined, j]])
            square = float(products[size + j, j])
            fit = self.solver.fit(G[:at, :at], cross, square)
            if fit.loss <= self.psi:
                leading.append(j)
                fits.append(fit)
                continue
            self.solver.join(cross, square)
            G[at, :at] = G[:at, at] = cross
            G[at, at] = square
            joined.append(j)
        final = size + len(joined)
        self._gram = G[:final, :final].copy()
        coefficients = np.zeros((final, len(leading)))
        for place, fit in enumerate(fits):
            coefficients[: len(fit.coefficients), place] = fit.coefficients
        return Step(
            np.array(joined, dtype=np.int64),
            np.array(leading, dtype=np.int64),
            coefficients,
            np.array([fit.leading for fit in fits]),
            np.array([fit.loss for fit in fits]),
        )


#: An improvement below this fraction of psi counts as none ...
_STALL_TOL = 1e-4
#: ... and so many in a row end the accelerated gradient method.
_STALL_STEPS = 20


def _constrained(
    gram: Floats,
    cross: Floats,
    square: float,
    variant: Variant,
    psi: float,
    tau: float,
) -> TermFit:
    solution = minimize_over_l1_ball(
        gram,
        cross,
        square,
        radius=tau - 1.0,
        variant=variant,
        target=psi,
        gap_tol=_GAP_TOL * psi,
        give_up=True,
    )
    return TermFit(solution.point, 1.0, max(solution.value, 0.0))


#: Frank-Wolfe gap, as a fraction of psi, at which a fit counts as optimal.
_GAP_TOL = 0.01
