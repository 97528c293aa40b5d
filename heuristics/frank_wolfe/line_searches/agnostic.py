"""The step 2 / (t + 2), which needs no evaluation and does not always descend.

Dunn, Harshbarger (1978), doi:10.1016/0022-247X(78)90137-3; Jaggi (2013), ICML.
"""

from boundwise.heuristics.frank_wolfe.line_searches.line import Line


class Agnostic:
    """Go 2 / (t + 2) of the way in step t, or to the end of a shorter ray."""

    def choose(self, line: Line, largest: float) -> float:
        """Return the step, halved until it is in the domain."""
        step = min(largest, 2.0 / (line.iteration + 2.0))
        return line.largest_inside(step, by_value=True)
