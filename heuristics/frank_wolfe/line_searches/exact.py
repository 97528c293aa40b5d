"""The exact step on a parabola: t = min(largest, -<g, d> / d'Qd)."""

from boundwise.core.errors import InputError
from boundwise.heuristics.compiled import compiled
from boundwise.heuristics.frank_wolfe.line_searches.line import Line


@compiled()
def exact_step(slope: float, curvature: float, largest: float) -> float:
    """Return the minimiser of ``slope * t + curvature * t**2 / 2`` over [0, largest].

    Parameters
    ----------
    slope
        Derivative at zero.
    curvature
        Second derivative; at or below zero the end of a descending ray is best.
    largest
        End of the ray.
    """
    if curvature <= 0.0:
        return largest if slope < 0.0 else 0.0
    return min(largest, max(0.0, -slope / curvature))


class Exact:
    """Go to the minimiser along the ray of a quadratic objective."""

    def choose(self, line: Line, largest: float) -> float:
        """Return the minimiser.

        Raises
        ------
        InputError
            If the objective is not a `QuadraticObjective`.
        """
        curvature = line.curvature()
        if curvature is None:
            raise InputError(
                "line_search 'exact' needs an objective with product and curvature."
            )
        return line.largest_inside(exact_step(line.slope, curvature, largest))
