"""Uncertainty sets: boxes, budgets, and polytopes given by rows.

    box       lower <= xi <= upper
    budget    0 <= xi <= 1,  sum xi <= Gamma
    polytope  A xi <= b,  lower <= xi <= upper

All are bounded and not empty. Each can be maximised over, sampled and projected on.
Bertsimas, Sim (2004), The price of robustness, doi:10.1287/opre.1030.0065.
"""

from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from boundwise.core.arguments import as_count, as_number
from boundwise.core.errors import InputError
from boundwise.core.tolerances import FEAS_TOL
from boundwise.instances.robust.arrays import vector

Floats = NDArray[np.float64]

#: Alternating projections on a polytope end at this distance, or after so many rounds.
_PROJECTION_TOL = 1e-10
_PROJECTION_ROUNDS = 10_000


class UncertaintySet(Protocol):
    """A polytope of scenarios xi in R^q: A xi <= b within finite bounds."""

    matrix: Floats
    rhs: Floats
    lower: Floats
    upper: Floats
    nominal: Floats

    @property
    def dimension(self) -> int:
        """Number q of uncertain quantities."""
        ...

    def contains(self, scenario: Floats) -> bool:
        """Tell whether a scenario is in the set, within 1e-6."""
        ...

    def maximize(self, direction: Floats) -> Floats:
        """Return a vertex that maximises a linear function."""
        ...

    def project(self, point: Floats) -> Floats:
        """Return the closest scenario."""
        ...

    def sample(self, rng: np.random.Generator, count: int) -> Floats:
        """Return scenarios from the whole set, shape (count, q)."""
        ...

    def sample_vertices(self, rng: np.random.Generator, count: int) -> Floats:
        """Return random vertices, shape (count, q)."""
        ...


class BoxSet:
    """A box of scenarios.

    Parameters
    ----------
    lower, upper
        Bounds, shape (q,).
    nominal
        The expected scenario; the middle if None.

    Raises
    ------
    InputError
        If a bound is not finite, the set is empty, or ``nominal`` is outside.

    Examples
    --------
    >>> BoxSet([-1, -1], [1, 1]).maximize(np.array([2.0, -3.0]))
    array([ 1., -1.])
    """

    def __init__(self, lower: Any, upper: Any, nominal: Any = None) -> None:
        self.lower = vector("lower", lower)
        self.upper = vector("upper", upper, len(self.lower))
        if not (self.lower <= self.upper).all():
            raise InputError("the uncertainty set is empty: lower exceeds upper.")
        self.matrix = np.zeros((0, len(self.lower)))
        self.rhs = np.zeros(0)
        middle = 0.5 * (self.lower + self.upper) if nominal is None else nominal
        self.nominal = _checked_nominal(self, middle)

    @property
    def dimension(self) -> int:
        """Number q of uncertain quantities."""
        return len(self.lower)

    def contains(self, scenario: Floats) -> bool:
        """Tell whether a scenario is in the box, within 1e-6."""
        return bool(
            (scenario >= self.lower - FEAS_TOL).all()
            and (scenario <= self.upper + FEAS_TOL).all()
        )

    def maximize(self, direction: Floats) -> Floats:
        """Return a vertex that maximises a linear function."""
        return np.where(direction > 0, self.upper, self.lower)

    def project(self, point: Floats) -> Floats:
        """Return the closest scenario."""
        return np.clip(point, self.lower, self.upper)

    def sample(self, rng: np.random.Generator, count: int) -> Floats:
        """Return uniform scenarios, shape (count, q)."""
        return rng.uniform(self.lower, self.upper, (count, self.dimension))

    def sample_vertices(self, rng: np.random.Generator, count: int) -> Floats:
        """Return random vertices, shape (count, q)."""
        high = rng.random((count, self.dimension)) < 0.5
        return np.where(high, self.upper, self.lower)


class BudgetSet:
    """Scenarios xi in [0, 1]^q of which at most Gamma go wrong in sum.

    Parameters
    ----------
    dimension
        Number q of uncertain quantities.
    gamma
        The budget, not negative; need not be an integer.

    Raises
    ------
    InputError
        If an argument is out of range.

    Examples
    --------
    >>> BudgetSet(3, 1.5).maximize(np.array([1.0, 3.0, 2.0]))
    array([0. , 1. , 0.5])
    """

    def __init__(self, dimension: int, gamma: float) -> None:
        dimension = as_count("dimension", dimension)
        self.gamma = as_number("gamma", gamma, at_least=0)
        self.matrix = np.ones((1, dimension))
        self.rhs = np.array([self.gamma])
        self.lower = np.zeros(dimension)
        self.upper = np.ones(dimension)
        self.nominal = np.zeros(dimension)

    @property
    def dimension(self) -> int:
        """Number q of uncertain quantities."""
        return len(self.lower)

    def contains(self, scenario: Floats) -> bool:
        """Tell whether a scenario is in the set, within 1e-6."""
        return bool(
            scenario.min() >= -FEAS_TOL
            and scenario.max() <= 1.0 + FEAS_TOL
            and scenario.sum() <= self.gamma + FEAS_TOL
        )

    def maximize(self, direction: Floats) -> Floats:
        """Return a vertex that maximises a linear function."""
        order = np.argsort(-direction, kind="stable")
        scenario = np.zeros(self.dimension)
        gains = direction[order] > 0
        scenario[order] = np.where(gains, self._staircase(), 0.0)
        return scenario

    def project(self, point: Floats) -> Floats:
        """Return the closest scenario: clip(point - shift, 0, 1) with the right shift.

        The sum falls with the shift and is linear between its kinks.
        """
        clipped = np.clip(point, 0.0, 1.0)
        if clipped.sum() <= self.gamma:
            return clipped
        kinks = np.unique(np.concatenate([point, point - 1.0, [0.0]]))
        kinks = kinks[kinks >= 0.0]
        sums = np.clip(point[None, :] - kinks[:, None], 0.0, 1.0).sum(axis=1)
        after = int(np.argmax(sums <= self.gamma))
        left, right = kinks[after - 1], kinks[after]
        fall = sums[after - 1] - sums[after]
        shift = left + (right - left) * (sums[after - 1] - self.gamma) / fall
        return np.asarray(np.clip(point - shift, 0.0, 1.0))

    def sample(self, rng: np.random.Generator, count: int) -> Floats:
        """Return scenarios of all sums up to Gamma, shape (count, q)."""
        draws = rng.random((count, self.dimension)) ** 2.0
        total = rng.uniform(0.0, min(self.gamma, self.dimension), (count, 1))
        scale = total / np.maximum(draws.sum(axis=1, keepdims=True), 1e-12)
        return np.asarray(draws * np.minimum(scale, 1.0))

    def sample_vertices(self, rng: np.random.Generator, count: int) -> Floats:
        """Return random vertices that use the whole budget, shape (count, q)."""
        steps = np.tile(self._staircase(), (count, 1))
        return np.asarray(rng.permuted(steps, axis=1))

    def _staircase(self) -> Floats:
        """Return the entries of a vertex: ones, then the fraction left, then zeros."""
        return np.clip(self.gamma - np.arange(self.dimension), 0.0, 1.0)


class PolyhedralSet:
    """A bounded polytope of scenarios, A xi <= b within finite bounds.

    Parameters
    ----------
    matrix, rhs
        A of shape (k, q) and b of shape (k,).
    lower, upper
        Finite bounds, shape (q,).
    nominal
        The expected scenario; a point inside if None.

    Raises
    ------
    InputError
        If a number is not finite, shapes disagree, the set is empty, or ``nominal``
        is outside.
    """

    def __init__(
        self, matrix: Any, rhs: Any, lower: Any, upper: Any, nominal: Any = None
    ) -> None:
        self.lower = vector("lower", lower)
        q = len(self.lower)
        self.upper = vector("upper", upper, q)
        self.rhs = vector("rhs", rhs)
        flat = vector("matrix", np.ravel(matrix), len(self.rhs) * q)
        self.matrix = flat.reshape(len(self.rhs), q)
        inside = self._optimum(np.zeros(q))
        if nominal is None:
            corners = self.sample_vertices(np.random.default_rng(0), 2 * q)
            nominal = np.vstack([inside, corners]).mean(axis=0)
        self.nominal = _checked_nominal(self, nominal)

    @property
    def dimension(self) -> int:
        """Number q of uncertain quantities."""
        return len(self.lower)

    def contains(self, scenario: Floats) -> bool:
        """Tell whether a scenario is in the set, within 1e-6."""
        scale = 1.0 + np.abs(self.rhs)
        return bool(
            (scenario >= self.lower - FEAS_TOL).all()
            and (scenario <= self.upper + FEAS_TOL).all()
            and (self.matrix @ scenario <= self.rhs + FEAS_TOL * scale).all()
        )

    def maximize(self, direction: Floats) -> Floats:
        """Return a vertex that maximises a linear function."""
        return self._optimum(direction)

    def project(self, point: Floats) -> Floats:
        """Return the closest scenario by Dykstra's alternating projections."""
        norms = np.maximum((self.matrix**2).sum(axis=1), 1e-300)
        current = np.array(point, dtype=np.float64)
        memory = np.zeros((len(self.rhs) + 1, self.dimension))
        for _ in range(_PROJECTION_ROUNDS):
            before = current.copy()
            for i, row in enumerate(self.matrix):
                shifted = current + memory[i]
                excess = max(0.0, float(row @ shifted - self.rhs[i]))
                current = shifted - excess / norms[i] * row
                memory[i] = shifted - current
            shifted = current + memory[-1]
            current = np.clip(shifted, self.lower, self.upper)
            memory[-1] = shifted - current
            if np.abs(current - before).max() <= _PROJECTION_TOL:
                break
        return current

    def sample(self, rng: np.random.Generator, count: int) -> Floats:
        """Return random mixtures of random vertices, shape (count, q)."""
        corners = self.sample_vertices(rng, 4 * self.dimension + 4)
        weights = rng.dirichlet(np.full(len(corners), 0.3), count)
        return np.asarray(weights @ corners)

    def sample_vertices(self, rng: np.random.Generator, count: int) -> Floats:
        """Return vertices that are extreme in random directions, shape (count, q)."""
        directions = rng.normal(size=(count, self.dimension))
        return np.vstack([self._optimum(direction) for direction in directions])

    def _optimum(self, direction: Floats) -> Floats:
        from scipy.optimize import linprog

        answer = linprog(
            -direction,
            A_ub=self.matrix,
            b_ub=self.rhs,
            bounds=list(zip(self.lower.tolist(), self.upper.tolist(), strict=True)),
            method="highs-ds",
        )
        if answer.x is None:
            raise InputError(
                f"the uncertainty set must not be empty ({answer.message})."
            )
        return np.asarray(answer.x, dtype=np.float64)


def _checked_nominal(uncertainty: UncertaintySet, nominal: Any) -> Floats:
    scenario = vector("nominal", nominal, uncertainty.dimension)
    if not uncertainty.contains(scenario):
        raise InputError(f"nominal must be in the uncertainty set, got {scenario}.")
    return scenario
