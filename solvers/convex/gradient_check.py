"""Spot checks of an objective, once, before a run relies on it.

Its gradient, along random directions d:

    <grad f(x), d>  against  (f(x + h d) - f(x - h d)) / 2h;

its convexity, at the middle of two points:

    f((a + b) / 2)  <=  (f(a) + f(b)) / 2.
"""

import itertools
import math
from collections.abc import Callable, Sequence

import numpy as np

from boundwise.core.errors import InputError
from boundwise.heuristics.frank_wolfe.functions import checked_gradient
from boundwise.heuristics.frank_wolfe.protocols import Floats, Objective

_DIRECTIONS = 4
_STEP = 1e-6
#: Differences of doubles are good to about half their digits; mistakes are larger.
_TOLERANCE = 1e-3
_ROUNDING = 1e-9


def check_gradient(objective: Objective, x: Floats, rng: np.random.Generator) -> None:
    """Raise an error if the gradient is not that of the function.

    Parameters
    ----------
    objective
        The function.
    x
        A point where it is defined; directions along which it is not, nearby, are
        skipped.
    rng
        Draws the directions.

    Raises
    ------
    InputError
        If the gradient has the wrong shape, is not finite or disagrees.
    """
    value = float(objective.value(x))
    gradient, _ = checked_gradient(objective.gradient(x.copy()), x)
    for _ in range(_DIRECTIONS):
        direction = rng.standard_normal(len(x))
        direction /= np.linalg.norm(direction)
        step = _STEP * max(1.0, float(np.abs(x).max(initial=0.0)))
        with np.errstate(all="ignore"):
            ahead = float(objective.value(x + step * direction))
            behind = float(objective.value(x - step * direction))
        if not (math.isfinite(ahead) and math.isfinite(behind)):
            continue
        measured = (ahead - behind) / (2.0 * step)
        claimed = float(gradient @ direction)
        # What rounding of f and its curvature may do to the difference.
        noise = 1e-15 * max(abs(ahead), abs(behind), abs(value)) / step
        noise += abs(ahead - 2.0 * value + behind) / step
        scale = max(abs(measured), abs(claimed), float(np.abs(gradient).max()))
        if abs(measured - claimed) > _TOLERANCE * scale + 10.0 * noise:
            raise InputError(
                "grad must be the gradient of f: along a random direction it says "
                f"{claimed!r}, differences of f say {measured!r} "
                "(check_gradient=False skips this test)."
            )


def check_convexity(value: Callable[[Floats], float], points: Sequence[Floats]) -> None:
    """Raise an error if the function is above its chord between two of the points.

    Parameters
    ----------
    value
        The function, ``inf`` outside its domain.
    points
        Points of the set.

    Raises
    ------
    InputError
        If it is not convex there; passing proves nothing.
    """
    values = [value(point) for point in points]
    for (a, at_a), (b, at_b) in itertools.combinations(
        zip(points, values, strict=True), 2
    ):
        chord = 0.5 * (at_a + at_b)
        middle = value(0.5 * (a + b))
        if math.isfinite(chord) and middle > chord + _ROUNDING * max(
            1.0, abs(at_a), abs(at_b)
        ):
            raise InputError(
                f"f must be convex, but between two points of the set it is {middle!r} "
                f"in the middle, above {chord!r} on their chord."
            )
