"""The minimiser of the quadratic upper model: t = -<g, d> / (L ||d||^2).

Demyanov, Rubinov (1970); Levitin, Polyak (1966), doi:10.1016/0041-5553(66)90114-5.
"""

from boundwise.core.arguments import as_number
from boundwise.heuristics.frank_wolfe.line_searches.exact import exact_step
from boundwise.heuristics.frank_wolfe.line_searches.line import Line


class ShortStep:
    """Use a known Lipschitz constant of the gradient.

    Parameters
    ----------
    smoothness
        The constant L.

    Raises
    ------
    InputError
        If ``smoothness`` is not positive and finite.
    """

    def __init__(self, smoothness: float) -> None:
        self._smoothness = as_number("smoothness", smoothness, above=0)

    def choose(self, line: Line, largest: float) -> float:
        """Return the step, halved until it is in the domain."""
        bend = self._smoothness * float(line.direction @ line.direction)
        return line.largest_inside(exact_step(line.slope, bend, largest))
