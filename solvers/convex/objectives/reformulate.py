"""Tighten an objective where binaries allow it, without changing any solution.

A diagonal h with f - 1/2 sum_j h_j x_j^2 convex is taken out and put back

- as the linear function 1/2 h_j x_j where x_j is binary (x^2 = x), and
- in perspective where a binary switches x_j off.

Both equal the squares at all solutions and exceed them on relaxations, so every bound
from a relaxation gets better. The diagonal is the ridge of a linear model, the
diagonal of a separable quadratic, and otherwise the largest that leaves the function
convex (`boundwise.solvers.convex.objectives.diagonal`).
"""

from dataclasses import dataclass
from typing import Literal, get_args

import numpy as np

from boundwise.core.errors import InputError
from boundwise.heuristics.frank_wolfe.protocols import Indices, Objective
from boundwise.solvers.convex.objectives.base import StructuredObjective
from boundwise.solvers.convex.objectives.checks import Floats
from boundwise.solvers.convex.objectives.diagonal import largest_diagonal
from boundwise.solvers.convex.objectives.least_squares import LeastSquares
from boundwise.solvers.convex.objectives.linear_model import GRAM_SIZE, LinearModel
from boundwise.solvers.convex.objectives.perspective import SMOOTHING, Perspective
from boundwise.solvers.convex.objectives.quadratic import Quadratic
from boundwise.solvers.convex.objectives.spectrum import dense, extreme_eigenvalues
from boundwise.solvers.convex.objectives.switches import NO_SWITCHES, Switches

Rule = Literal["largest", "eigenvalue", "given"]

#: Beyond this size the largest diagonal would take seconds: the eigenvalue serves.
_LARGEST_SIZE = 400
#: A curvature below this share of the largest one is not worth a reformulation.
_WORTH = 1e-7


@dataclass(frozen=True, slots=True)
class Reformulation:
    """Hold a tightened objective and what was done to it.

    Parameters
    ----------
    objective
        The function to minimise instead.
    n_linear
        Number of binaries whose squares became linear.
    n_perspective
        Number of switched variables put in perspective.
    rule
        Where the diagonal came from.
    """

    objective: StructuredObjective
    n_linear: int
    n_perspective: int
    rule: str

    @property
    def changes_anything(self) -> bool:
        """Whether the objective is another one."""
        return self.n_linear + self.n_perspective > 0


def reformulate(
    objective: Objective,
    *,
    binaries: Indices,
    switches: Switches = NO_SWITCHES,
    rule: Rule = "largest",
    smoothing: float = SMOOTHING,
) -> Reformulation | None:
    """Tighten an objective over a set with the given binaries and switches.

    Parameters
    ----------
    objective
        The function.
    binaries
        Indices of the variables that are 0 or 1 in every solution.
    switches
        Variables that binaries switch off, see
        `boundwise.solvers.convex.objectives.switches.find_switches`.
    rule
        Where the diagonal comes from if the Hessian has more than the one given by
        the objective's form: the largest one, its smallest eigenvalue, or only the
        form's.
    smoothing
        Smoothing of the perspective.

    Returns
    -------
    Reformulation or None
        None if there is nothing to tighten, or the structure is unknown.

    Raises
    ------
    InputError
        If the rule is unknown.
    """
    if rule not in get_args(Rule):
        raise InputError(f"rule must be one of {get_args(Rule)}, got {rule!r}.")
    if not isinstance(objective, Quadratic | LinearModel):
        return None
    n = objective.n_variables
    switched = np.zeros(n, dtype=bool)
    switched[switches.pairs[:, 0]] = True
    wanted = switched.copy()
    wanted[binaries] = True
    h, used = _diagonal(objective, wanted, rule)
    h[h <= _WORTH * float(h.max(initial=0.0))] = 0.0
    linear = np.zeros(n)
    linear[binaries] = 0.5 * h[binaries]
    linear[switched] = 0.0
    taken = 2.0 * linear
    d = h[switches.pairs[:, 0]]
    keep = d > 0.0
    if not (taken.any() or keep.any()):
        return None
    tightened = _without(objective, taken, linear)
    result: StructuredObjective = tightened
    if keep.any():
        result = Perspective(
            tightened,
            switches.pairs[keep],
            d[keep],
            bounds=switches.bounds[keep],
            smoothing=smoothing,
        )
    return Reformulation(
        result, int(np.count_nonzero(taken)), int(np.count_nonzero(keep)), used
    )


def _diagonal(
    objective: Quadratic | LinearModel, wanted: np.ndarray, rule: Rule
) -> tuple[Floats, str]:
    """Return h >= 0 on the wanted variables, and the rule that gave it."""
    form = np.where(wanted, _of_the_form(objective), 0.0)
    if rule == "given" or not isinstance(objective, Quadratic | LeastSquares):
        return form, "given"
    if isinstance(objective, Quadratic) and objective.is_separable:
        return form, "given"
    if objective.n_variables > GRAM_SIZE:
        return form, "given"
    if objective.n_variables > _LARGEST_SIZE:
        rule = "eigenvalue"
    explicit = (
        objective if isinstance(objective, Quadratic) else objective.to_quadratic()
    )
    # On top of the form's, so that no variable gets less than that.
    H = dense(explicit.matrix) - np.diag(form)
    # Variables that no square holds would only make the matrix singular.
    used = np.flatnonzero(H.any(axis=0))
    part, worth = H[np.ix_(used, used)], wanted[used]
    extra = np.zeros(len(H))
    if worth.any():
        if rule == "eigenvalue":
            smallest = max(0.0, extreme_eigenvalues(part)[0])
            extra[used] = np.where(worth, smallest, 0.0)
        else:
            extra[used] = largest_diagonal(part, worth.astype(np.float64))
    h = form + extra
    return (h, rule) if h.sum() > 1.001 * form.sum() else (form, "given")


def _of_the_form(objective: Quadratic | LinearModel) -> Floats:
    if isinstance(objective, LinearModel):
        return objective.quadratic
    return (
        objective.diagonal
        if objective.is_separable
        else np.zeros(objective.n_variables)
    )


def _without(
    objective: Quadratic | LinearModel, taken: Floats, linear: Floats
) -> Quadratic | LinearModel:
    """Return the function with the squares of binaries made linear."""
    if not taken.any():
        return objective
    if isinstance(objective, LeastSquares) and (taken > objective.quadratic).any():
        objective = objective.to_quadratic()
    moved: Quadratic | LinearModel = objective.moved(taken, linear)
    return moved
