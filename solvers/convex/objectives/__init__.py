"""Convex objectives whose structure the solver may use."""

from boundwise.solvers.convex.objectives.base import StructuredObjective
from boundwise.solvers.convex.objectives.design import AOptimal, DOptimal
from boundwise.solvers.convex.objectives.least_squares import LeastSquares
from boundwise.solvers.convex.objectives.logistic import LogisticLoss
from boundwise.solvers.convex.objectives.perspective import Perspective
from boundwise.solvers.convex.objectives.poisson import PoissonLoss
from boundwise.solvers.convex.objectives.quadratic import Quadratic
from boundwise.solvers.convex.objectives.reformulate import Reformulation, reformulate
from boundwise.solvers.convex.objectives.switches import Switches, find_switches

__all__ = [
    "AOptimal",
    "DOptimal",
    "LeastSquares",
    "LogisticLoss",
    "Perspective",
    "PoissonLoss",
    "Quadratic",
    "Reformulation",
    "StructuredObjective",
    "Switches",
    "find_switches",
    "reformulate",
]
