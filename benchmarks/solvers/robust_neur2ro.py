"""A yardstick: the learned method with the network that comes with the package."""

from boundwise.benchmarks.solvers.robust import Yardstick


class Adapter(Yardstick):
    """Solve by a network in place of recourse copies."""

    method = "neur2ro"
