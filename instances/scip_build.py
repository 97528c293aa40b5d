"""Build SCIP models: from the file by SCIP's own reader, or from the arrays.

SCIP reads the file itself where it can, so that a mistake of one parser shows as a
solution that the other rejects. Its reader drops or refuses some valid files; then
names, types, bounds or counts differ from the instance, and the arrays are used.
"""

from typing import TYPE_CHECKING, Any

import numpy as np

from boundwise.core.errors import InputError, SolverError
from boundwise.core.tolerances import INFINITY
from boundwise.instances.instance import Indicator, Instance
from boundwise.instances.mps.order import INTEGER, scip_types

if TYPE_CHECKING:
    from pyscipopt import Model

#: Relative difference within which two readings of one decimal agree.
_SAME = 1e-12


def to_model(instance: Instance) -> "Model":
    """Return a fresh, quiet model; see `Instance.to_model`."""
    if instance.path is not None:
        model = read_with_scip(instance)
        if model is not None:
            return model
    if instance.unchecked:
        raise SolverError(
            f"{instance.name!r} has constraints that exist only in its file or model "
            f"({instance.unchecked[0]}), which SCIP cannot read again."
        )
    return build_model(instance)


def read_with_scip(instance: Instance) -> "Model | None":
    """Return the model that SCIP reads from the file, or None if it differs."""
    from pyscipopt import Model

    model = Model()
    model.hideOutput()
    try:
        model.readProblem(str(instance.path))
    except OSError:
        return None
    return model if _agrees(model, instance) else None


def _agrees(model: "Model", instance: Instance) -> bool:
    """Tell whether the variables and the numbers of constraints are the same."""
    variables = model.getVars()
    n = instance.n_variables
    slacks = sum(
        2 if np.isfinite(i.lower) and np.isfinite(i.upper) else 1
        for i in instance.indicators
    )
    if tuple(v.name for v in variables[:n]) != instance.names:
        return False
    if instance.unchecked:
        return len(variables) == n
    conss = (
        instance.n_rows + len(instance.sos) + len(instance.semicontinuous) + 2 * slacks
    )
    extra = len(variables) - n
    if extra != slacks and not (extra == 0 and _is_extracted(instance)):
        return False
    if extra == slacks and slacks and model.getNConss() != conss:
        return False
    lower = np.array([v.getLbOriginal() for v in variables[:n]])
    upper = np.array([v.getUbOriginal() for v in variables[:n]])
    integer = [v.vtype() in ("BINARY", "INTEGER") for v in variables[:n]]
    objective = np.array([v.getObj() for v in variables[:n]])
    return (
        integer == instance.is_integer.tolist()
        and _close(lower, instance.lower)
        and _close(upper, instance.upper)
        and _close(objective, instance.objective)
        and _close(
            np.array([model.getObjoffset(original=True)]), np.array([instance.offset])
        )
        and (model.getObjectiveSense() == instance.sense)
        and _same_sets(model, instance)
    )


def _is_extracted(instance: Instance) -> bool:
    """Tell whether SCIP itself gave the instance: its slacks are variables then."""
    path = instance.path
    return path is not None and ".mps" not in path.name.lower()


def _same_sets(model: "Model", instance: Instance) -> bool:
    """Tell whether SCIP found the members of the special ordered sets."""
    if not instance.sos:
        return True
    found = sorted(
        (c.getConshdlrName(), tuple(v.name for v in model.getConsVars(c)))
        for c in model.getConss()
        if c.getConshdlrName() in ("SOS1", "SOS2")
    )
    expected = sorted(
        (f"SOS{s.kind}", tuple(instance.names[j] for j in s.indices))
        for s in instance.sos
    )
    return found == expected


def _close(values: np.ndarray, expected: np.ndarray) -> bool:
    values = np.where(values >= INFINITY, np.inf, values)
    values = np.where(values <= -INFINITY, -np.inf, values)
    with np.errstate(invalid="ignore"):
        near = np.abs(values - expected) <= _SAME * np.maximum(1.0, np.abs(expected))
    return bool(np.all((values == expected) | near))


def build_model(instance: Instance) -> "Model":
    """Build a model from the arrays.

    Parameters
    ----------
    instance
        The problem. SCIP groups its variables (binary, integer, continuous): if
        they do not stand so already, the order of ``getVars()`` is not that of
        ``names``, see `variables_of`.

    Returns
    -------
    pyscipopt.Model
        The model. Indicator and semicontinuity constraints add continuous variables
        behind the others.
    """
    from pyscipopt import Model
    from pyscipopt.scip import Expr, Term

    model = Model(instance.name)
    model.hideOutput()
    types = scip_types(instance.is_integer, instance.is_binary)
    kinds = np.array(["B", "I", "C"])[types]
    variables = [
        model.addVar(name=name, vtype=kind, lb=low, ub=up, obj=cost)
        for name, kind, low, up, cost in zip(
            instance.names,
            kinds.tolist(),
            _scip_infinity(instance.lower),
            _scip_infinity(
                np.where(
                    instance.is_binary & (types == INTEGER), np.inf, instance.upper
                )
            ),
            instance.objective.tolist(),
            strict=True,
        )
    ]
    for j in np.flatnonzero(instance.is_binary & (types == INTEGER)).tolist():
        # SCIP would take an integer variable with these bounds for a binary one.
        model.chgVarUb(variables[j], instance.upper[j])
    terms = [Term(v) for v in variables]

    def expression(indices: Any, coefficients: Any) -> Any:
        return Expr({terms[j]: a for j, a in zip(indices, coefficients, strict=True)})

    if instance.sense == "maximize":
        model.setMaximize()
    if instance.offset:
        model.addObjoffset(instance.offset)
    starts = instance.matrix.indptr.tolist()
    columns = instance.matrix.indices.tolist()
    values = instance.matrix.data.tolist()
    for name, begin, end, low, up in zip(
        instance.row_names,
        starts[:-1],
        starts[1:],
        instance.row_lower.tolist(),
        instance.row_upper.tolist(),
        strict=True,
    ):
        row = expression(columns[begin:end], values[begin:end])
        _add_row(model, row, low, up, name)
    _add_special(model, instance, variables, expression)
    return model


def variables_of(model: "Model", instance: Instance) -> list[Any]:
    """Return the variables of a model in the order of its instance.

    Parameters
    ----------
    model
        A model of the instance, which may have further variables behind.
    instance
        The problem.

    Raises
    ------
    InputError
        If SCIP holds them in another order, and two have the same name.
    """
    variables = model.getVars()
    types = scip_types(instance.is_integer, instance.is_binary)
    if np.all(np.diff(types) >= 0):
        return list(variables[: instance.n_variables])
    if len(set(instance.names)) < instance.n_variables:
        raise InputError(
            f"{instance.name!r} has two variables of one name; they must be unique, "
            "or stand in SCIP's order: binary, integer, continuous."
        )
    by_name = {v.name: v for v in reversed(variables)}
    return [by_name[name] for name in instance.names]


def _scip_infinity(values: np.ndarray) -> list[float | None]:
    return [None if np.isinf(v) else v for v in values.tolist()]


def _add_row(model: "Model", row: Any, low: float, up: float, name: str) -> None:
    from pyscipopt.scip import ExprCons

    model.addCons(
        ExprCons(
            row,
            None if low == -np.inf else low,
            None if up == np.inf else up,
        ),
        name=name,
    )


def _add_special(
    model: "Model", instance: Instance, variables: list[Any], expression: Any
) -> None:
    for s in instance.sos:
        add = model.addConsSOS1 if s.kind == 1 else model.addConsSOS2
        add([variables[j] for j in s.indices], list(s.weights), name=s.name)
    for indicator in instance.indicators:
        _add_indicator(model, indicator, variables, expression)
    for semi in instance.semicontinuous:
        # x + gap >= lower and one of the two zero. (SCIP 10.0.2 with a disjunction
        # constraint instead has called wrong solutions optimal.)
        x = variables[semi.index]
        gap = model.addVar(name=f"{x.name}_gap", lb=0.0, ub=semi.lower)
        model.addCons(x + gap >= semi.lower, name=f"{x.name}_row")
        model.addConsSOS1([x, gap], [1, 2], name=f"semicont_{x.name}")


def _add_indicator(
    model: "Model", indicator: Indicator, variables: list[Any], expression: Any
) -> None:
    row = expression(indicator.indices, indicator.coefficients)
    # SCIP makes the slack of a row of integers an implied integer and puts it before
    # the continuous variables; a row that holds a continuous gap has no such slack.
    whole = all(
        variables[j].vtype() != "CONTINUOUS" and a == round(a)
        for j, a in zip(indicator.indices, indicator.coefficients, strict=True)
    )
    for sign, side in ((1.0, indicator.upper), (-1.0, -indicator.lower)):
        if np.isinf(side):
            continue
        demand = sign * row <= side
        if whole:
            gap = model.addVar(name=f"{indicator.name}_gap", lb=0.0)
            model.addCons(sign * row - gap <= side, name=f"{indicator.name}_row")
            demand = gap <= 0.0
        model.addConsIndicator(
            demand,
            binvar=variables[indicator.binary],
            activeone=bool(indicator.value),
            name=indicator.name,
        )
