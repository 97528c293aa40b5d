"""Primal heuristics of the tree: integer points near the relaxation, then polished.

    nearest     v in argmin { ||y - x||^2 : y in X, floor x <= y_I <= ceil x }, which is
                one linear problem, since the square is linear between two integers
    gradient    x <- LMO(grad f(x)), a few times: Frank-Wolfe steps of full length
    random      the same, nearest to a point with every integer rounded up with
                probability frac(x_j)
    polish      integers fixed at those of a candidate, f minimised over the rest

They run at a share of the nodes, counted and not timed: the same seed gives the same
run.
"""

import math
import time
from collections.abc import Iterator
from typing import Protocol

import numpy as np

from boundwise.core.tolerances import INT_TOL
from boundwise.heuristics.frank_wolfe.protocols import Floats, Indices, Oracle
from boundwise.solvers.convex.incumbent import Incumbent

#: Full-length gradient steps in a row.
_GRADIENT_STEPS = 10
#: Random roundings at the root.
_RANDOM_ROUNDINGS = 5
#: Nodes at which the heuristics run in any case.
_FIRST_RUNS = 5


class Space(Protocol):
    """What the heuristics ask of the problem."""

    integers: Indices

    @property
    def n_variables(self) -> int:
        """Number of variables."""
        ...

    def oracle(self, lower: Floats, upper: Floats) -> Oracle:
        """Return the oracle of integer points of the set cut with a box."""
        ...

    def is_defined(self, x: Floats) -> bool:
        """Tell whether f is defined at a point."""
        ...

    def gradient(self, x: Floats) -> Floats:
        """Return the gradient."""
        ...

    def minimize_continuous(
        self, lower: Floats, upper: Floats, start: Floats, cutoff: float
    ) -> Floats | None:
        """Return a minimiser over a box that fixes all integers; None if cut off."""
        ...


class PrimalHeuristics:
    """Look for solutions around the iterates of nodes.

    Parameters
    ----------
    space
        The problem.
    incumbent
        Receives what is found.
    rng
        For random roundings.
    share
        Share of the nodes at which they run.
    """

    def __init__(
        self,
        space: Space,
        incumbent: Incumbent,
        rng: np.random.Generator,
        share: float,
    ) -> None:
        self._space = space
        self._incumbent = incumbent
        self._rng = rng
        self._share = share
        self._polished: set[bytes] = set()
        self._visits = 0
        self._runs = 0
        self.seconds = 0.0
        self.calls = 0

    def run(self, x: Floats, lower: Floats, upper: Floats, is_root: bool) -> None:
        """Try the heuristics at an iterate, if their share is not used up."""
        self._visits += 1
        if self._runs > _FIRST_RUNS + self._share * self._visits:
            return
        self._runs += 1
        started = time.monotonic()
        try:
            for who, point in self._candidates(x, lower, upper, is_root):
                self.consider(point, who)
        finally:
            self.seconds += time.monotonic() - started

    def consider(self, point: Floats, who: str) -> None:
        """Offer a feasible point, and the best one that shares its integers."""
        self._incumbent.offer(point, who)
        integers = self._space.integers
        if len(integers) == self._space.n_variables:
            return
        values = np.rint(point[integers])
        if len(integers) and np.abs(values - point[integers]).max() > INT_TOL:
            return
        key = (values + 0.0).tobytes()
        if key in self._polished:
            return
        self._polished.add(key)
        lower, upper = self._space_box(values)
        polished = self._space.minimize_continuous(
            lower, upper, point, self._incumbent.objective
        )
        if polished is not None:
            self._incumbent.offer(polished, f"{who}+polish")

    def _candidates(
        self, x: Floats, lower: Floats, upper: Floats, is_root: bool
    ) -> Iterator[tuple[str, Floats]]:
        nearest = self._nearest(x, x, lower, upper)
        if nearest is not None:
            yield "nearest", nearest
        if is_root:
            yield from self._along_gradient(x, lower, upper)
            for _ in range(_RANDOM_ROUNDINGS):
                goal = self._randomly_rounded(x)
                point = self._nearest(x, goal, lower, upper)
                if point is not None:
                    yield "random", point

    def _nearest(
        self, x: Floats, goal: Floats, lower: Floats, upper: Floats
    ) -> Floats | None:
        """Minimise the distance from a goal over the unit box around x."""
        integers = self._space.integers
        low, up = lower.copy(), upper.copy()
        floor = np.floor(x[integers] + INT_TOL)
        low[integers] = np.maximum(low[integers], floor)
        up[integers] = np.minimum(up[integers], np.ceil(x[integers] - INT_TOL))
        if (low > up).any():
            return None
        direction = np.zeros(len(x))
        direction[integers] = 1.0 - 2.0 * (goal[integers] - floor)
        self.calls += 1
        return self._space.oracle(low, up).minimize(direction).vertex

    def _along_gradient(
        self, x: Floats, lower: Floats, upper: Floats
    ) -> Iterator[tuple[str, Floats]]:
        oracle = self._space.oracle(lower, upper)
        seen: set[bytes] = set()
        for _ in range(_GRADIENT_STEPS):
            if not self._space.is_defined(x):
                return
            gradient = self._space.gradient(x)
            self.calls += 1
            vertex = oracle.minimize(gradient).vertex
            if vertex is None or vertex.tobytes() in seen:
                return
            seen.add(vertex.tobytes())
            yield "gradient", vertex
            x = vertex

    def _randomly_rounded(self, x: Floats) -> Floats:
        point = x.copy()
        integers = self._space.integers
        values = point[integers]
        fractions = values - np.floor(values)
        ups = self._rng.random(len(integers)) < fractions
        point[integers] = np.floor(values) + ups
        return point

    def _space_box(self, values: Floats) -> tuple[Floats, Floats]:
        low = np.full(self._space.n_variables, -math.inf)
        up = np.full(self._space.n_variables, math.inf)
        low[self._space.integers] = up[self._space.integers] = values
        return low, up
