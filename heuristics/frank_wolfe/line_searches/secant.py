"""Find a zero of the slope by secants inside a shrinking bracket.

    t+ = t1 - phi'(t1) (t1 - t0) / (phi'(t1) - phi'(t0))

The first trial is the previous step. As soon as the slope has changed sign the zero is
bracketed; a secant that leaves the bracket, or shrinks it too slowly, is replaced by
bisection, so the search ends for every convex objective. One secant is exact on a
quadratic. The bracket and the fall-back are safeguards of our own.

References
----------
Hendrych, Besançon, Martínez-Rubio, Pokutta (2025), ICML, arXiv:2501.18775.
"""

import math

from boundwise.core.arguments import as_number
from boundwise.heuristics.frank_wolfe.line_searches.backtracking import Backtracking
from boundwise.heuristics.frank_wolfe.line_searches.line import Line

_MAX_EVALUATIONS = 40
#: Relative difference of two values that is rounding.
_NOISE = 1e-12


class Secant:
    """Search by safeguarded secants.

    Parameters
    ----------
    tolerance
        Stop when the slope is this fraction of the slope at the start.

    Raises
    ------
    InputError
        If ``tolerance`` is not in (0, 1).
    """

    def __init__(self, tolerance: float = 1e-4) -> None:
        self._tolerance = as_number("tolerance", tolerance, above=0, below=1)
        self._fallback = Backtracking()
        self._last = math.inf

    def choose(self, line: Line, largest: float) -> float:
        """Return a step near the minimiser that does not raise the objective."""
        largest = line.largest_inside(largest)
        step = self._root(line, largest)
        # Near the optimum values differ by rounding only; slopes still tell descent.
        if not line.value(step) <= line.start_value + _NOISE * abs(line.start_value):
            step = self._fallback.choose(line, largest)
        self._last = step if step > 0.0 else math.inf
        return step

    def _root(self, line: Line, largest: float) -> float:
        low, low_slope = 0.0, line.slope
        high, high_slope = math.inf, 0.0
        enough = self._tolerance * -line.slope
        trial = min(self._last, largest)
        for _ in range(_MAX_EVALUATIONS):
            slope = line.slope_at(trial)
            if not math.isfinite(slope):
                # Outside the domain of f, of which nobody told.
                largest = trial = low + 0.5 * (trial - low)
                continue
            if abs(slope) <= enough or (slope < 0.0 and trial >= largest):
                return trial
            width = high - low
            before, slope_before = (low, low_slope)
            if slope > 0.0:
                if high < math.inf:
                    before, slope_before = (high, high_slope)
                high, high_slope = trial, slope
            else:
                low, low_slope = trial, slope
            following = _secant(before, slope_before, trial, slope)
            if high == math.inf:
                trial = largest if not trial < following < largest else following
            elif low < following < high and high - low <= 0.6 * width:
                trial = following
            else:
                trial = 0.5 * (low + high)
        return low


def _secant(t0: float, slope0: float, t1: float, slope1: float) -> float:
    if slope1 == slope0:
        return math.nan
    return t1 - slope1 * (t1 - t0) / (slope1 - slope0)
