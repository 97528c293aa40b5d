"""Choose what solves a convex problem, and say why.

SCIP's nonlinear solver is the better one for objectives it can hold as a few rows over
a mixed-integer program; the Frank-Wolfe tree is where the set is known by a
combinatorial oracle, where the objective is a black box or a log-determinant, and where
binaries switch variables off, since the perspective makes its relaxation tight.
"""

from dataclasses import dataclass
from typing import Any, Literal, get_args

import numpy as np

from boundwise.core.errors import InputError
from boundwise.heuristics.frank_wolfe.protocols import Objective
from boundwise.solvers.convex.native.formulate import EXPRESSIBLE
from boundwise.solvers.convex.objectives.least_squares import LeastSquares
from boundwise.solvers.convex.objectives.quadratic import Quadratic
from boundwise.solvers.convex.objectives.reformulate import (
    Reformulation,
)
from boundwise.solvers.convex.objectives.reformulate import (
    reformulate as reformulate_objective,
)
from boundwise.solvers.convex.oracles.mip import MixedIntegerSet
from boundwise.solvers.convex.sets import ReadSet

Method = Literal["auto", "fw", "scip"]


@dataclass(frozen=True, slots=True)
class Choice:
    """State what solves a problem and why.

    Parameters
    ----------
    method
        ``"fw"`` or ``"scip"``.
    reason
        Why, in words.
    reformulation
        How the objective was tightened, or None.
    """

    method: Literal["fw", "scip"]
    reason: str
    reformulation: Reformulation | None = None

    def relaxed(self, objective: Objective) -> Objective:
        """Return the function for bounds."""
        if self.reformulation is None:
            return objective
        return self.reformulation.objective

    def to_dict(self) -> dict[str, Any]:
        """Return the choice as ``stats`` holds it."""
        made = self.reformulation
        return {
            "method": self.method,
            "reason": self.reason,
            "reformulation": None
            if made is None
            else {
                "perspective": made.n_perspective,
                "linear": made.n_linear,
                "rule": made.rule,
            },
        }


_NAMES: dict[str, Literal["fw", "scip"]] = {"fw": "fw", "scip": "scip"}


def check_method(method: str) -> None:
    """Raise an `InputError` unless the method is known."""
    if method not in get_args(Method):
        raise InputError(f"method must be one of {get_args(Method)}, got {method!r}.")


def choose(
    objective: Objective, points: ReadSet, method: str, *, reformulate: bool
) -> Choice:
    """Return what solves a problem.

    Parameters
    ----------
    objective, points
        The problem.
    method
        What the user asked for.
    reformulate
        Whether the objective may be tightened.
    """
    check_method(method)
    made = _reformulation(objective, points) if reformulate else None
    if method != "auto":
        return Choice(_NAMES[method], "asked for", made)
    name, reason = _predict(objective, points, made)
    return Choice(name, reason, made)


def _predict(
    objective: Objective, points: ReadSet, made: Reformulation | None
) -> tuple[Literal["fw", "scip"], str]:
    """Return what was measured to be faster on problems of this kind."""
    if points.source is None:
        return "fw", "only an oracle of the set is known"
    if not isinstance(objective, EXPRESSIBLE):
        return "fw", f"SCIP cannot express {type(objective).__name__}"
    if isinstance(points.points, MixedIntegerSet):
        is_coupled = isinstance(objective, Quadratic) and not objective.is_separable
        if is_coupled and points.has_few_rows and made is None:
            return "fw", "a coupled quadratic over few rows"
        return "scip", "SCIP can express the objective, and the set is known by rows"
    kind = type(points.points).__name__
    is_bent = made is not None and made.n_perspective > 0
    if is_bent and not isinstance(objective, Quadratic | LeastSquares):
        # Newton steps converge slowly where the perspective meets another curvature.
        return "scip", f"{type(objective).__name__} with switched squares"
    return "fw", f"{kind} has an oracle in closed form"


def _reformulation(objective: Objective, points: ReadSet) -> Reformulation | None:
    integers = points.integers
    lower = np.asarray(points.points.lower)[integers]
    upper = np.asarray(points.points.upper)[integers]
    binaries = integers[(lower >= 0.0) & (upper <= 1.0)]
    return reformulate_objective(
        objective, binaries=binaries, switches=points.switches()
    )
