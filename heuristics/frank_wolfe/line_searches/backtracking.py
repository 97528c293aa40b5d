"""Shrink the step until the objective decreases enough.

    f(x + t d) <= f(x) + c t <g, d>

Armijo (1966), doi:10.2140/pjm.1966.16.1.
"""

from boundwise.core.arguments import as_count, as_number
from boundwise.heuristics.frank_wolfe.line_searches.line import Line


class Backtracking:
    """Try the whole ray first and shrink the step by a factor.

    Parameters
    ----------
    factor
        Factor of one shrinkage, in (0, 1).
    decrease
        Share c of the decrease that the slope promises, in (0, 1).
    trials
        Largest number of shrinkages.

    Raises
    ------
    InputError
        If a parameter is out of range.
    """

    def __init__(
        self, factor: float = 0.5, decrease: float = 1e-4, trials: int = 60
    ) -> None:
        self._factor = as_number("factor", factor, above=0, below=1)
        self._decrease = as_number("decrease", decrease, above=0, below=1)
        self._trials = as_count("trials", trials)

    def choose(self, line: Line, largest: float) -> float:
        """Return the first step that decreases the objective enough, else zero."""
        step = largest
        for _ in range(self._trials):
            promised = self._decrease * step * line.slope
            if line.value(step) <= line.start_value + promised:
                return step
            step *= self._factor
        return 0.0
