"""Objectives from the data of an instance."""

from boundwise.core.errors import InputError
from boundwise.instances.convex import Part
from boundwise.solvers.convex.objectives.base import StructuredObjective
from boundwise.solvers.convex.objectives.design import AOptimal, DOptimal
from boundwise.solvers.convex.objectives.least_squares import LeastSquares
from boundwise.solvers.convex.objectives.logistic import LogisticLoss
from boundwise.solvers.convex.objectives.poisson import PoissonLoss
from boundwise.solvers.convex.objectives.quadratic import Quadratic


def objective_of(part: Part) -> StructuredObjective:
    """Return the objective that the arrays of a problem describe.

    Raises
    ------
    InputError
        If the arrays do not fit, or the kind is not known.

    Examples
    --------
    >>> from boundwise.instances.generators.convex import generate_convex
    >>> problem = generate_convex("portfolio:n=3")
    >>> objective_of(problem.objective).n_variables
    3
    """
    arrays = part.arrays
    linear = arrays.get("linear")
    match part.kind:
        case "quadratic":
            return Quadratic(arrays["Q"], linear, float(arrays["constant"]))
        case "least_squares":
            return LeastSquares(arrays["A"], arrays["y"], arrays["ridge"], linear)
        case "logistic":
            return LogisticLoss(arrays["A"], arrays["labels"], arrays["mu"], linear)
        case "poisson":
            return PoissonLoss(arrays["A"], arrays["counts"], arrays["alpha"], linear)
        case "d_optimal":
            return DOptimal(arrays["A"])
        case "a_optimal":
            return AOptimal(arrays["A"])
    raise InputError(f"kind must be one of those of ConvexProblem, got {part.kind!r}.")
