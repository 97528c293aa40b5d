"""A short step whose smoothness constant is estimated on the way.

    f(x + t d) <= f(x) + t <g, d> + t^2 M ||d||^2 / 2,   t = -<g, d> / (M ||d||^2)

The estimate M is lowered a little before each step and raised until the inequality
holds. Where the difference of the two values is rounding noise, a slope that is still
negative at the new point accepts it: for convex f that proves descent.

References
----------
Pedregosa, Negiar, Askari, Jaggi (2020), AISTATS, arXiv:1806.05123. Pokutta (2024),
arXiv:2311.05313 (the test by slopes).
"""

import math

from boundwise.heuristics.frank_wolfe.line_searches.backtracking import Backtracking
from boundwise.heuristics.frank_wolfe.line_searches.exact import exact_step
from boundwise.heuristics.frank_wolfe.line_searches.line import Line

_LOWER, _RAISE = 0.9, 2.0
_TRIALS = 60


class Adaptive:
    """Estimate the smoothness from the steps made."""

    def __init__(self) -> None:
        self._estimate = math.nan
        self._fallback = Backtracking()

    def choose(self, line: Line, largest: float) -> float:
        """Return a step along which the quadratic model is an upper bound."""
        largest = line.largest_inside(largest)
        norm = float(line.direction @ line.direction)
        if norm == 0.0:
            return 0.0
        if math.isnan(self._estimate):
            self._estimate = self._first_estimate(line, largest, norm)
        estimate = max(_LOWER * self._estimate, 1e-300)
        for _ in range(_TRIALS):
            step = exact_step(line.slope, estimate * norm, largest)
            model = line.start_value + step * (
                line.slope + 0.5 * step * estimate * norm
            )
            if line.value(step) <= model or self._still_descends(line, step):
                self._estimate = estimate
                return step
            estimate *= _RAISE
        return self._fallback.choose(line, largest)

    def _still_descends(self, line: Line, step: float) -> bool:
        if not line.value(step) <= line.start_value:
            return False
        return line.slope_at(step) <= 0.0

    def _first_estimate(self, line: Line, largest: float, norm: float) -> float:
        probe = 1e-3 * largest
        change = line.slope_at(probe) - line.slope if probe > 0.0 else 0.0
        if not math.isfinite(change) or change <= 0.0:
            return 1.0
        return change / (probe * norm)
