"""The open-loop step 2 / (t + 2), halved for good whenever it would ascend.

    t = min(largest, 2^-N 2 / (t + 2)), the least N, never reset, without ascent

Carderera, Besançon, Pokutta (2021), NeurIPS, arXiv:2105.13913: converges for
generalised self-concordant functions without knowing their constants.
"""

from boundwise.heuristics.frank_wolfe.line_searches.line import Line

_MOST_HALVINGS = 60


class Monotonic:
    """Halve the agnostic step until it stays in the domain and does not ascend."""

    def __init__(self) -> None:
        self._halvings = 0

    def choose(self, line: Line, largest: float) -> float:
        """Return the step, zero if no halving helps."""
        for halvings in range(self._halvings, self._halvings + _MOST_HALVINGS):
            step = min(largest, 2.0 ** (1 - halvings) / (line.iteration + 2.0))
            if line.value(step) <= line.start_value:
                self._halvings = halvings
                return step
        return 0.0
