"""Gradient cuts of a convex function, at points that Frank-Wolfe steps choose.

    t >= f(y) + <g(y), x - y>,   g the gradient, valid for every y in the domain

A cut at the LP's own point x is the deepest there and often useless elsewhere. The
points used besides are y + s (x - y), where y is an average of all LP points so far and
s minimises f on the way: the Frank-Wolfe step with the LP's vertex as answer of the
oracle.

References
----------
Kelley (1960), doi:10.1137/0108053. Ben-Ameur, Neto (2007), Acceleration of
cutting-plane and column generation algorithms, doi:10.1002/net.20137.
"""

import math
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from boundwise.core.errors import InputError
from boundwise.core.tolerances import FEAS_TOL, OBJ_TOL
from boundwise.heuristics.frank_wolfe.protocols import Floats, Objective

#: Golden sections of the step, and halvings on the way into the domain.
_SECTIONS = 12
_HALVINGS = 40
_GOLDEN = 0.5 * (math.sqrt(5.0) - 1.0)


@dataclass(frozen=True, slots=True)
class Cut:
    """Hold a cut t >= constant + gradient x.

    Parameters
    ----------
    gradient, constant
        Its coefficients.
    """

    gradient: Floats
    constant: float

    def value(self, x: Floats) -> float:
        """Return what the cut demands of t at x."""
        return self.constant + float(self.gradient @ x)


class GradientCuts:
    """Make cuts of one function.

    Parameters
    ----------
    objective
        The convex function.
    inside
        A point of its domain.

    Raises
    ------
    InputError
        If the function is not finite at that point.
    """

    def __init__(self, objective: Objective, inside: Floats) -> None:
        self._objective = objective
        self._inside = np.array(inside, dtype=np.float64)
        if not math.isfinite(self.value(self._inside)):
            raise InputError("objective must be finite at the point to begin with.")
        self._average = self._inside.copy()

    def value(self, x: Floats) -> float:
        """Return f(x), ``inf`` outside the domain."""
        in_domain = getattr(self._objective, "in_domain", None)
        if in_domain is not None and not in_domain(x):
            return math.inf
        value = float(self._objective.value(x))
        return value if math.isfinite(value) else math.inf

    def at(self, y: Floats) -> Cut:
        """Return the cut at a point of the domain."""
        gradient = np.array(self._objective.gradient(y), dtype=np.float64)
        value = self.value(y)
        # A cut that rounding errors tighten could cut off the optimum.
        slack = OBJ_TOL * max(1.0, abs(value))
        return Cut(gradient, value - float(gradient @ y) - slack)

    def demanding(self, x: Floats, t: float) -> Iterator[Cut]:
        """Yield cuts that (x, t) violates, if f(x) > t; and one on the way.

        Parameters
        ----------
        x, t
            A point whose t is below f(x).
        """
        step = self._step(x)
        if step is not None and not np.array_equal(step, x):
            between = self.at(step)
            if between.value(x) > t + violation_limit(t):
                yield between
        if math.isfinite(self.value(x)):
            yield self.at(x)
            return
        # Outside the domain: f grows without limit on the way, and so do its tangents.
        share = 0.5
        for _ in range(_HALVINGS):
            y = x + share * (self._inside - x)
            if math.isfinite(self.value(y)):
                cut = self.at(y)
                if cut.value(x) > t + max(1.0, abs(t)):
                    yield cut
                    return
            share *= 0.5

    def _step(self, x: Floats) -> Floats | None:
        """Move the average towards x as far as f decreases; return where it went."""
        base, direction = self._average, x - self._average
        if not direction.any():
            return None
        low, high = 0.0, 1.0
        left, right = 1.0 - _GOLDEN, _GOLDEN
        at_left, at_right = (self.value(base + s * direction) for s in (left, right))
        for _ in range(_SECTIONS):
            if at_left <= at_right:
                high, right, at_right = right, left, at_left
                left = high - _GOLDEN * (high - low)
                at_left = self.value(base + left * direction)
            else:
                low, left, at_left = left, right, at_right
                right = low + _GOLDEN * (high - low)
                at_right = self.value(base + right * direction)
        share = 0.5 * (low + high)
        # Without a least step the average would stay at a minimiser of the past.
        point = base + max(share, 0.05) * direction
        if not math.isfinite(self.value(point)):
            return None
        self._average = point
        return point.copy()


def violation_limit(t: float) -> float:
    """Return by how much f may exceed t at a solution.

    Twice the tolerance of the LP: a cut that holds within that must not be asked again.
    """
    return 2.0 * FEAS_TOL * max(1.0, abs(t))


def interior_point(objective: Objective, lower: Floats, upper: Floats) -> Floats:
    """Return a point of a box in the domain of a function.

    Raises
    ------
    InputError
        If neither the middle, nor a corner, nor the function itself has one.
    """
    low = np.where(np.isfinite(lower), lower, np.minimum(upper, 0.0) - 1.0)
    high = np.where(np.isfinite(upper), upper, np.maximum(low, 0.0) + 1.0)
    low = np.minimum(low, high)
    candidates = [0.5 * (low + high), high, low]
    domain_point = getattr(objective, "domain_point", None)
    if domain_point is not None:
        point = domain_point(low, high)
        if point is not None:
            candidates.append(point)
    in_domain = getattr(objective, "in_domain", lambda _: True)
    for point in candidates:
        if in_domain(point) and math.isfinite(float(objective.value(point))):
            return np.asarray(point)
    raise InputError(
        "objective must be finite somewhere between the bounds: give a start in its "
        "domain."
    )
