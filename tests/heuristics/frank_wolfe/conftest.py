"""Small sets and objectives that the tests of the Frank-Wolfe layer share."""

import itertools

import numpy as np
import pytest

from boundwise.heuristics.frank_wolfe.protocols import OracleAnswer


class VertexSet:
    """The hull of points, cut with a box by leaving out the points beyond it."""

    def __init__(self, points, integers=()):
        self.points = np.array(points, dtype=float)
        self.lower = self.points.min(axis=0)
        self.upper = self.points.max(axis=0)
        self.integers = np.array(integers, dtype=np.intp)
        self.calls = 0

    def extreme_point(self, direction, lower, upper):
        self.calls += 1
        inside = (self.points >= lower) & (self.points <= upper)
        kept = self.points[inside.all(axis=1)]
        return kept[(kept @ direction).argmin()].copy() if len(kept) else None


class InexactOracle:
    """Answer with any vertex that is good enough, and with a bound that is too low."""

    def __init__(self, points, slack, rng):
        self.points, self.slack, self.rng = points, slack, rng

    def minimize(self, direction, *, target=-np.inf, start=None):
        scores = self.points @ direction
        slack = self.slack if target > -np.inf else 0.0
        bound = float(scores.min() - slack * np.abs(direction).sum())
        enough = np.flatnonzero(scores <= max(target, scores.min()))
        chosen = self.points[self.rng.choice(enough)]
        others = tuple(self.points[self.rng.integers(0, len(self.points), 2)])
        return OracleAnswer(chosen, bound, others)


class Quadratic:
    """1/2 x'Qx + b'x with all that a quadratic may tell."""

    def __init__(self, Q, b):
        self.Q, self.b = Q, b

    def value(self, x):
        return float(0.5 * x @ self.Q @ x + self.b @ x)

    def gradient(self, x):
        return self.Q @ x + self.b

    def product(self, x):
        return self.Q @ x

    def curvature(self, direction):
        return float(direction @ self.Q @ direction)


class Smooth:
    """A quadratic and exponentials, with second derivatives."""

    def __init__(self, Q, b):
        self.Q, self.b = Q, b

    def value(self, x):
        return float(0.5 * x @ self.Q @ x + self.b @ x + np.exp(x).sum())

    def gradient(self, x):
        return self.Q @ x + self.b + np.exp(x)

    def hessian_product(self, x, directions):
        return directions @ self.Q + directions * np.exp(x)


@pytest.fixture(scope="session")
def make_set():
    """Return the class of finite hulls."""
    return VertexSet


@pytest.fixture(scope="session")
def make_inexact():
    """Return the class of inexact oracles."""
    return InexactOracle


@pytest.fixture(scope="session")
def make_objective():
    """Return a function that draws an objective: quadratic, smooth or as functions."""

    def make(kind, count, rng, rank=None):
        factor = rng.normal(size=(rank or count, count))
        Q, b = factor.T @ factor / count, rng.normal(size=count)
        if kind == "quadratic":
            return Quadratic(Q, b)
        return Smooth(Q, b)

    return make


@pytest.fixture(scope="session")
def cube_points():
    """Return the 0/1 points of four dimensions."""
    return np.array(list(itertools.product([0.0, 1.0], repeat=4)))


@pytest.fixture(scope="session")
def minimum_over_hull():
    """Return the minimum over the hull of points, by a solver over their weights."""
    from scipy.optimize import minimize

    def solve(objective, points):
        count = len(points)
        found = minimize(
            lambda w: objective.value(w @ points),
            np.full(count, 1.0 / count),
            jac=lambda w: points @ objective.gradient(w @ points),
            method="SLSQP",
            bounds=[(0.0, 1.0)] * count,
            constraints={
                "type": "eq",
                "fun": lambda w: w.sum() - 1.0,
                "jac": np.ones_like,
            },
            options={"maxiter": 500, "ftol": 1e-14},
        )
        return found.fun

    return solve
