"""A problem as its network sees it."""

from dataclasses import dataclass

import numpy as np

from boundwise.heuristics.networks.mlp import Mlp
from boundwise.instances.robust.arrays import Floats
from boundwise.solvers.robust.learned.set_inputs import SetInputs
from boundwise.solvers.robust.learned.value_network import ValueNetwork
from boundwise.solvers.robust.problem import TwoStageProblem


@dataclass(frozen=True, slots=True, eq=False)
class NetworkView:
    """Hold a problem, a network and the features of the problem.

    Parameters
    ----------
    problem
        The problem.
    network
        A network trained for its class.
    inputs
        What the network sees of the problem.
    """

    problem: TwoStageProblem
    network: ValueNetwork
    inputs: SetInputs

    @classmethod
    def of(cls, problem: TwoStageProblem, network: ValueNetwork) -> "NetworkView":
        """Return the view of a problem.

        Raises
        ------
        InputError
            If the network does not suit the problem.
        """
        return cls(problem, network, network.inputs(problem))

    def at_decision(self, x: Floats) -> Mlp:
        """Return the network from xi to the predicted value of ``x``."""
        return self.network.at_decision(self.inputs, x)

    def predict(self, x: Floats, scenarios: Floats) -> Floats:
        """Return the predicted values of one decision, one for each scenario."""
        network = self.network.at_scenarios(self.inputs, scenarios)
        return np.asarray(network.forward(x[None])[0])
