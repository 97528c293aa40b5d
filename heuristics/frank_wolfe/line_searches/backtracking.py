"""Shrink the step until the objective decreases enough.

    f(x + t d) <= f(x) + c t <g, d>

Armijo (1966), doi:10.2140/pjm.1966.16.1.
"""

from boundwise.core.errors import InputError
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
        for name, value in (("factor", factor), ("decrease", decrease)):
            if not 0 < value < 1:
                raise InputError(f"{name} must be in (0, 1), got {value!r}.")
        if trials < 1:
            raise InputError(f"trials must be positive, got {trials!r}.")
        self._factor = factor
        self._decrease = decrease
        self._trials = trials

    def choose(self, line: Line, largest: float) -> float:
        """Return the first step that decreases the objective enough, else zero."""
        step = largest
        for _ in range(self._trials):
            promised = self._decrease * step * line.slope
            if line.value(step) <= line.start_value + promised:
                return step
            step *= self._factor
        return 0.0
