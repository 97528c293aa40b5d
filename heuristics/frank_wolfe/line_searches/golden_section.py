"""Shrink a bracket of the minimiser by the golden ratio, with values only.

Kiefer (1953), doi:10.1090/S0002-9939-1953-0055639-3.
"""

import math

from boundwise.core.arguments import as_number
from boundwise.heuristics.frank_wolfe.line_searches.line import Line

_RATIO = (math.sqrt(5.0) - 1.0) / 2.0


class GoldenSection:
    """Search by values, for objectives whose gradients are dear.

    Parameters
    ----------
    tolerance
        Width of the last bracket, relative to the ray.

    Raises
    ------
    InputError
        If ``tolerance`` is not in (0, 1).
    """

    def __init__(self, tolerance: float = 1e-7) -> None:
        self._tolerance = as_number("tolerance", tolerance, above=0, below=1)

    def choose(self, line: Line, largest: float) -> float:
        """Return the best point seen, zero if none is below the start."""
        low, high = 0.0, line.largest_inside(largest, by_value=True)
        best = high
        width = self._tolerance * high
        inner, outer = high - _RATIO * (high - low), low + _RATIO * (high - low)
        while high - low > width:
            if line.value(inner) <= line.value(outer):
                best = min(best, inner, key=line.value)
                high, outer = outer, inner
                inner = high - _RATIO * (high - low)
            else:
                best = min(best, outer, key=line.value)
                low, inner = inner, outer
                outer = low + _RATIO * (high - low)
        return best if line.value(best) < line.start_value else 0.0
