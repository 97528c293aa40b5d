"""Frank-Wolfe branch-and-bound for convex mixed-integer nonlinear problems."""

from boundwise.heuristics.frank_wolfe.frank_wolfe import frank_wolfe
from boundwise.solvers.convex.bounds import Sharpness
from boundwise.solvers.convex.minimize import minimize
from boundwise.solvers.convex.native import attach_frank_wolfe
from boundwise.solvers.convex.result import ConvexResult

__all__ = [
    "ConvexResult",
    "Sharpness",
    "attach_frank_wolfe",
    "frank_wolfe",
    "minimize",
]
