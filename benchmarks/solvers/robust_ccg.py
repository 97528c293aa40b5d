"""A yardstick: exact column-and-constraint generation."""

from boundwise.benchmarks.solvers.robust import Yardstick


class Adapter(Yardstick):
    """Solve by a copy of the recourse for each scenario."""

    method = "ccg"
