"""Convex quadratic problems over linear rows from MINLPLib files.

SCIP reads the file. What is taken: one quadratic constraint that holds the objective
variable, everything else linear. Other files do not have the form of this suite.

References
----------
Bussieck, Drud, Meeraus (2003), MINLPLib, doi:10.1287/ijoc.15.1.114.15159.
"""

import os
from pathlib import Path
from typing import Any

import numpy as np

from boundwise.core.errors import InputError, NotAvailableError
from boundwise.instances.convex import ConvexProblem, Part
from boundwise.instances.instance import Instance
from boundwise.solvers.convex.objectives.quadratic import Quadratic

#: Environment variable that names folders with files, separated as in ``PATH``.
ENVIRONMENT = "BOUNDWISE_MINLPLIB"
_SUFFIXES = (".osil", ".lp", ".mps", ".nl")
_LINEAR = {"linear", "setppc", "logicor", "knapsack", "varbound"}


def minlplib_problem(name: str) -> ConvexProblem:
    """Read a problem by the name of its file.

    Parameters
    ----------
    name
        Bare name, such as ``alan``.

    Raises
    ------
    NotAvailableError
        If no folder of ``BOUNDWISE_MINLPLIB`` has the file.
    InputError
        If the problem has not the form of the suite, or is not convex.
    """
    reasons = []
    for path in _files(name):
        try:
            return read_quadratic(path)
        except InputError as error:
            reasons.append(str(error))
    if reasons:
        raise InputError("; ".join(reasons))
    raise NotAvailableError(
        f"there is no file of {name!r} in the folders of {ENVIRONMENT}."
    )


def read_quadratic(path: Path) -> ConvexProblem:
    """Read a quadratic problem over linear rows.

    Raises
    ------
    InputError
        If the file has another form.
    """
    from pyscipopt import Model

    model = Model()
    model.hideOutput()
    try:
        model.readProblem(str(path))
    except Exception as error:
        raise InputError(f"SCIP cannot read {str(path)!r}: {error}.") from error
    curved = [c for c in model.getConss() if c.getConshdlrName() == "nonlinear"]
    other = [
        c
        for c in model.getConss()
        if c.getConshdlrName() not in _LINEAR and c not in curved
    ]
    if len(curved) != 1 or other or model.getObjectiveSense() != "minimize":
        raise InputError(f"{path.name} is no quadratic over linear rows.")
    [epigraph] = curved
    if not model.checkQuadraticNonlinear(epigraph):
        raise InputError(f"the nonlinear function of {path.name} is not quadratic.")
    return _problem(model, epigraph, path)


def _problem(model: Any, epigraph: Any, path: Path) -> ConvexProblem:
    variables = model.getVars()
    index = {v.name: j for j, v in enumerate(variables)}
    cost = np.array([v.getObj() for v in variables])
    Q, c = np.zeros((len(variables),) * 2), np.zeros(len(variables))
    bilinear, squares, linear = model.getTermsQuadratic(epigraph)
    for first, second, value in bilinear:
        i, j = index[first.name], index[second.name]
        Q[i, j] += value
        Q[j, i] += value
    for variable, square, slope in squares:
        Q[index[variable.name], index[variable.name]] += 2.0 * square
        c[index[variable.name]] += slope
    for variable, slope in linear:
        c[index[variable.name]] += slope
    # lhs <= q(x) + slope t <= rhs with t in the objective: t = (side - q(x)) / slope.
    held = [j for j in np.flatnonzero(cost) if c[j] and not Q[j].any()]
    if len(held) != 1 or not cost[held[0]] > 0.0:
        raise InputError(f"{path.name} does not minimise its nonlinear function.")
    [t] = held
    side = model.getRhs(epigraph) if c[t] < 0.0 else model.getLhs(epigraph)
    if model.isInfinity(abs(side)):
        raise InputError(f"{path.name} is unbounded: its function only has a limit.")
    scale = -cost[t] / c[t]
    kept = np.arange(len(variables)) != t
    objective = Quadratic(
        scale * Q[np.ix_(kept, kept)],
        (cost + scale * c)[kept],
        model.getObjoffset(original=True) - scale * side,
    )
    model.delCons(epigraph)
    rows = Instance.from_model(model)
    if rows.matrix[:, [t]].nnz:
        raise InputError(f"{path.name} uses its objective variable elsewhere.")
    feasible = Instance(
        name=path.stem,
        objective=np.zeros(int(kept.sum())),
        matrix=rows.matrix[:, np.flatnonzero(kept)],
        row_lower=rows.row_lower,
        row_upper=rows.row_upper,
        lower=rows.lower[kept],
        upper=rows.upper[kept],
        is_integer=rows.is_integer[kept],
        names=tuple(n for n, keep in zip(rows.names, kept, strict=True) if keep),
        row_names=rows.row_names,
    )
    arrays = {
        "Q": np.array(objective.matrix),
        "linear": np.array(objective.linear),
        "constant": np.array(objective.constant),
    }
    return ConvexProblem(
        name=path.stem, objective=Part("quadratic", arrays), feasible=feasible
    )


def _files(name: str) -> list[Path]:
    folders = [Path(p) for p in os.environ.get(ENVIRONMENT, "").split(os.pathsep) if p]
    paths = [folder / f"{name}{end}" for folder in folders for end in _SUFFIXES]
    return [path for path in paths if path.is_file()]
