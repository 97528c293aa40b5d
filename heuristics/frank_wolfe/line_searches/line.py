"""A ray along which a step is chosen, and the protocol of the rules that choose it.

    phi(t) = f(x + t d),  0 <= t <= largest,  phi'(0) = <g, d> < 0

A point outside the domain of f is one that the domain oracle refuses or, as for a
logarithmic barrier, one whose value or slope is not finite.
"""

import math
from collections.abc import Callable
from typing import Protocol, runtime_checkable

from boundwise.heuristics.frank_wolfe.protocols import Floats, Objective

#: Halvings before a ray counts as leaving the domain at once.
_HALVINGS = 60


class Line:
    """Evaluate an objective along a ray, each point once.

    Parameters
    ----------
    objective
        The function.
    x, value
        Start of the ray and the value there.
    direction
        Direction d.
    slope
        Derivative <g, d> at the start, negative.
    iteration
        Number of the step, from 0.
    in_domain
        Tells whether f is defined at a point, or None if it is everywhere.
    """

    __slots__ = (
        "_gradients",
        "_in_domain",
        "_inside",
        "_points",
        "_values",
        "direction",
        "iteration",
        "objective",
        "slope",
        "start_value",
        "x",
    )

    def __init__(
        self,
        objective: Objective,
        x: Floats,
        value: float,
        direction: Floats,
        slope: float,
        iteration: int = 0,
        in_domain: Callable[[Floats], bool] | None = None,
    ) -> None:
        self.objective = objective
        self.x = x
        self.start_value = value
        self.direction = direction
        self.slope = slope
        self.iteration = iteration
        self._in_domain = in_domain
        self._inside: dict[float, bool] = {}
        self._points: dict[float, Floats] = {}
        self._values: dict[float, float] = {0.0: value}
        self._gradients: dict[float, Floats] = {}

    def point(self, t: float) -> Floats:
        """Return x + t d."""
        found = self._points.get(t)
        if found is None:
            found = self._points[t] = self.x + t * self.direction
        return found

    def is_inside(self, t: float) -> bool:
        """Ask the domain oracle about x + t d."""
        if self._in_domain is None:
            return True
        found = self._inside.get(t)
        if found is None:
            found = self._inside[t] = bool(self._in_domain(self.point(t)))
        return found

    def value(self, t: float) -> float:
        """Return phi(t); ``inf`` outside the domain."""
        found = self._values.get(t)
        if found is None:
            found = math.inf
            if self.is_inside(t):
                found = float(self.objective.value(self.point(t)))
            if math.isnan(found):
                found = math.inf
            self._values[t] = found
        return found

    def gradient(self, t: float) -> Floats:
        """Return the gradient at x + t d."""
        found = self._gradients.get(t)
        if found is None:
            found = self._gradients[t] = self.objective.gradient(self.point(t))
        return found

    def slope_at(self, t: float) -> float:
        """Return phi'(t)."""
        return float(self.gradient(t) @ self.direction)

    def known_gradient(self, t: float) -> Floats | None:
        """Return the gradient at x + t d if it has been evaluated."""
        return self._gradients.get(t)

    def curvature(self) -> float | None:
        """Return d'Qd of a quadratic objective, None for any other."""
        curvature = getattr(self.objective, "curvature", None)
        return None if curvature is None else float(curvature(self.direction))

    def largest_inside(self, largest: float, *, by_value: bool = False) -> float:
        """Halve ``largest`` until the point is in the domain.

        Parameters
        ----------
        largest
            Where to begin.
        by_value
            Also ask for a finite value, at the cost of an evaluation.

        Returns
        -------
        float
            The step, or zero if none was found.
        """
        if self._in_domain is None and not by_value:
            return largest
        for _ in range(_HALVINGS):
            if by_value:
                if self.value(largest) < math.inf:
                    return largest
            elif self.is_inside(largest):
                return largest
            largest *= 0.5
        return 0.0


@runtime_checkable
class LineSearch(Protocol):
    """Choose steps; an object may carry what it learns from one step to the next."""

    def choose(self, line: Line, largest: float) -> float:
        """Return a step in [0, largest] whose point is in the domain.

        Zero says that no step was found.
        """
        ...
