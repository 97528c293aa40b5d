"""Submodular objectives: compiled ones, and the protocol for a user's own.

`Objective` is what the algorithms ask for: f of a set, and stacks of chosen elements
that answer f(e | prefix).
"""

from boundwise.solvers.submodular.objectives.check import (
    Counterexample,
    check_objective,
)
from boundwise.solvers.submodular.objectives.coverage import Coverage
from boundwise.solvers.submodular.objectives.facility_location import FacilityLocation
from boundwise.solvers.submodular.objectives.feature_based import (
    ConcaveOverModular,
    FeatureBased,
)
from boundwise.solvers.submodular.objectives.graph_cut import GraphCut
from boundwise.solvers.submodular.objectives.influence import Influence
from boundwise.solvers.submodular.objectives.log_determinant import LogDeterminant
from boundwise.solvers.submodular.objectives.mixture import Mixture
from boundwise.solvers.submodular.objectives.protocol import Objective, Stack
from boundwise.solvers.submodular.objectives.set_function import SetFunction

__all__ = [
    "ConcaveOverModular",
    "Counterexample",
    "Coverage",
    "FacilityLocation",
    "FeatureBased",
    "GraphCut",
    "Influence",
    "LogDeterminant",
    "Mixture",
    "Objective",
    "SetFunction",
    "Stack",
    "check_objective",
]
