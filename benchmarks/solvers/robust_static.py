"""A yardstick: the static robust decision, evaluated with recourse."""

from boundwise.benchmarks.solvers.robust import Yardstick


class Adapter(Yardstick):
    """Solve by one reaction for all scenarios."""

    method = "static"
