"""A convex mixed-integer problem as a SCIP model with a linear objective.

    minimise  c'x + k + sum t   subject to   t >= term(x) for every convex term

Terms are lifted: a dense sum of squares ||Ax - y||^2 becomes residual variables
r = Ax - y and sum r_i^2 <= t, so that gradient cuts have as many entries as there are
residuals and SCIP branches and propagates on sparse rows. Squares of binaries are
linear. Squares of switched variables get one epigraph each: SCIP then recognises the
perspective.

Measured on sparse regression with 15 observations: 0.2 s instead of more than 40 s for
the dense form.

References
----------
Bestuzheva, Gleixner, Vigerske (2023), A computational study of perspective cuts,
doi:10.1007/s12532-023-00246-4.
"""

import os
from dataclasses import dataclass
from typing import Any, Literal, get_args

import numpy as np

from boundwise.core.errors import InputError
from boundwise.heuristics.frank_wolfe.protocols import Objective
from boundwise.heuristics.scip.load import load
from boundwise.instances.instance import Instance
from boundwise.instances.scip_build import variables_of
from boundwise.solvers.convex.native.rows import instance_of
from boundwise.solvers.convex.native.terms import Terms, factor
from boundwise.solvers.convex.objectives.least_squares import LeastSquares
from boundwise.solvers.convex.objectives.logistic import LogisticLoss
from boundwise.solvers.convex.objectives.poisson import PoissonLoss
from boundwise.solvers.convex.objectives.quadratic import Quadratic
from boundwise.solvers.convex.objectives.spectrum import dense
from boundwise.solvers.convex.objectives.switches import find_switches

Form = Literal["lifted", "cone", "dense", "cuts"]

#: Objectives that SCIP can express.
EXPRESSIBLE = (Quadratic, LeastSquares, LogisticLoss, PoissonLoss)


@dataclass(slots=True)
class NativeModel:
    """Hold a SCIP model of a convex problem.

    Parameters
    ----------
    model
        The ``pyscipopt.Model``, in problem stage.
    variables
        Its variables in the order of x; others stand for convex terms.
    objective
        The function that it minimises.
    instance
        The rows of the feasible set.
    form
        How the objective is written.
    """

    model: Any
    variables: list[Any]
    objective: Objective
    instance: Instance
    form: Form


def formulate(
    objective: Objective, feasible_set: Any, *, form: Form = "lifted"
) -> NativeModel | None:
    """Write a problem as a SCIP model.

    Parameters
    ----------
    objective
        The convex function.
    feasible_set
        An `Instance`, a path, a ``pyscipopt.Model`` (its objective is ignored), or an
        oracle that knows its rows (``instance`` or ``to_instance()``).
    form
        ``"lifted"``; ``"cone"`` with switched squares as x^2 <= s z; ``"dense"``, one
        nonlinear constraint in x alone; ``"cuts"``: only a variable t, which
        `boundwise.solvers.convex.native.attach.FrankWolfeCuts` must keep above f.

    Returns
    -------
    NativeModel or None
        None if SCIP cannot express the objective (log-determinants, traces of
        inverses, black boxes), or nothing is known of the set but an oracle.

    Raises
    ------
    InputError
        If the form is unknown or sizes differ.
    """
    if form not in get_args(Form):
        raise InputError(f"form must be one of {get_args(Form)}, got {form!r}.")
    if form != "cuts" and not isinstance(objective, EXPRESSIBLE):
        return None
    source = feasible_set if _is_program(feasible_set) else instance_of(feasible_set)
    if source is None:
        return None
    instance, model = load(source)
    variables = variables_of(model, instance)
    n = getattr(objective, "n_variables", instance.n_variables)
    if n != instance.n_variables:
        raise InputError(
            f"objective has {n} variables, the feasible set {instance.n_variables}."
        )
    native = NativeModel(model, variables, objective, instance, form)
    if form != "cuts":
        terms, constant = _express(native)
        set_objective(model, terms, constant)
    return native


def set_objective(model: Any, terms: list[Any], constant: float) -> None:
    """Let a model minimise the sum of linear terms and numbers, and nothing else."""
    from pyscipopt import quicksum

    numbers = [term for term in terms if isinstance(term, float)]
    rest = [term for term in terms if not isinstance(term, float)]
    model.setObjective(quicksum(rest), "minimize")
    offset = constant + sum(numbers)
    model.addObjoffset(offset - model.getObjoffset(original=True))


def _is_program(feasible_set: Any) -> bool:
    from pyscipopt import Model

    return isinstance(feasible_set, str | os.PathLike | Model)


def _express(native: NativeModel) -> tuple[list[Any], float]:
    """Add the terms of the objective; return what to minimise and a constant."""
    objective = native.objective
    terms = Terms(native.model, native.variables)
    lift = native.form != "dense"
    if isinstance(objective, Quadratic):
        added = terms.linear(objective.linear)
        if objective.is_separable:
            added += _ridge(native, terms, objective.diagonal)
        else:
            root = factor(dense(objective.matrix))
            if lift:
                added += terms.squares(root, np.zeros(len(root)))
            else:
                added += _plain_quadratic(native, dense(objective.matrix))
        return added, objective.constant
    assert isinstance(objective, LeastSquares | LogisticLoss | PoissonLoss)
    added = terms.linear(objective.linear)
    added += _ridge(native, terms, objective.quadratic)
    A = objective.data
    if isinstance(objective, LeastSquares):
        added += terms.squares(A, objective.targets, lift=lift)
    elif isinstance(objective, LogisticLoss):
        added += terms.logistic(A, objective.labels, 1.0 / A.shape[0])
    else:
        weight = 1.0 / A.shape[0]
        added += terms.exponentials(A, weight)
        added += terms.linear(np.asarray(-weight * (A.T @ objective.counts)))
    return added, 0.0


def _ridge(native: NativeModel, terms: Terms, h: np.ndarray) -> list[Any]:
    """Add 1/2 sum_j h_j x_j^2."""
    weights = 0.5 * h
    if native.form == "dense":
        return terms.sum_of_squares(weights)
    instance = native.instance
    # x^2 = x: linear, and tighter than any cut on the square.
    binary = instance.is_binary & (instance.lower == 0.0) & (instance.upper == 1.0)
    added = terms.linear(np.where(binary, weights, 0.0))
    rest = np.where(binary, 0.0, weights)
    switches: dict[int, int] = {}
    if native.form == "cone" and rest.any():
        found = find_switches(
            instance.matrix,
            instance.row_lower,
            instance.row_upper,
            instance.lower,
            instance.upper,
            instance.is_integer,
        )
        switches = dict(found.pairs.tolist())
    return added + terms.weighted_squares(rest, switches)


def _plain_quadratic(native: NativeModel, Q: np.ndarray) -> list[Any]:
    """Add t with 1/2 x'Qx <= t, written out in x."""
    from pyscipopt import quicksum

    x, model = native.variables, native.model
    t = model.addVar(name="quadratic", lb=None, ub=None)
    rows, columns = np.nonzero(np.triu(Q))
    model.addCons(
        quicksum(
            float(Q[i, j]) * (0.5 if i == j else 1.0) * x[i] * x[j]
            for i, j in zip(rows.tolist(), columns.tolist(), strict=True)
        )
        <= t
    )
    return [t]
