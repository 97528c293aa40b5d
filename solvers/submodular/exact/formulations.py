"""Direct formulations: coverage and facility location as mixed-integer programs.

    coverage            max sum_u w_u z_u,   z_u <= sum_{e covers u} x_e,   z_u <= 1
    facility location   the value of a user i, with similarities s_1 > ... > s_m > 0,
                        is sum_r (s_r - s_{r+1}) z_ir,   s_{m+1} = 0,
                        z_ir <= z_i,r-1 + sum_{j: s_ij = s_r} x_j,   z_ir <= 1

with x binary, sum x <= k, and z continuous: z_ir tells whether user i has a chosen
element at least as similar as s_r. The second is the radius formulation of Garcia,
Labbe, Marin (2011), doi:10.1287/ijoc.1100.0418, for maximization. A mixture of both
has both parts.
"""

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray
from pyscipopt import Model, quicksum
from scipy.sparse import csc_array, csr_array

from boundwise.solvers.submodular.objectives.base import CompiledObjective
from boundwise.solvers.submodular.objectives.kernels.chain import CHAIN, MAXIMUM
from boundwise.solvers.submodular.objectives.kernels.cover import COVER
from boundwise.solvers.submodular.objectives.kernels.dense import DENSE
from boundwise.solvers.submodular.objectives.program import Term

Floats = NDArray[np.float64]


def add_elements(model: Model, allowed: NDArray[np.bool_], k: int) -> list[Any]:
    """Add a binary variable for each element, and the limit on their number."""
    x = [
        model.addVar(name=f"x{e}", vtype="B", ub=float(may))
        for e, may in enumerate(allowed.tolist())
    ]
    model.addCons(quicksum(x) <= k, name="cardinality")
    return x


def has_direct_form(objective: object) -> bool:
    """Tell whether an objective is a sum of coverages and facility locations."""
    return isinstance(objective, CompiledObjective) and all(
        term.kind in (COVER, DENSE) or (term.kind is CHAIN and term.code == MAXIMUM)
        for _, term in objective.terms
    )


def set_direct_objective(
    model: Model, x: Sequence[Any], objective: CompiledObjective
) -> None:
    """Add the variables z and maximize the objective over x and z.

    Parameters
    ----------
    model
        The model.
    x
        Variables of the elements.
    objective
        A sum of coverages and facility locations.
    """
    pieces = []
    for t, (weight, term) in enumerate(objective.terms):
        write = _coverage if term.kind is COVER else _facility_location
        pieces += [weight * worth * z for worth, z in write(model, x, term, f"t{t}_")]
    model.setObjective(quicksum(pieces), "maximize")


def _coverage(
    model: Model, x: Sequence[Any], term: Term, prefix: str
) -> list[tuple[float, Any]]:
    """Return the weight and the variable of each item that can be covered."""
    shape = term.n_elements, term.n_items
    ones = np.ones(len(term.indices))
    by_item = csc_array(csr_array((ones, term.indices, term.rows), shape=shape))
    weights = term.data if len(term.data) else np.ones(term.n_items)
    found = []
    for item, weight in enumerate(weights.tolist()):
        column = slice(by_item.indptr[item], by_item.indptr[item + 1])
        owners = by_item.indices[column].tolist()
        if not owners or weight <= 0.0:
            continue
        z = model.addVar(name=f"{prefix}z{item}", vtype="C", lb=0.0, ub=1.0)
        model.addCons(z <= quicksum(x[e] for e in owners))
        found.append((weight, z))
    return found


def _facility_location(
    model: Model, x: Sequence[Any], term: Term, prefix: str
) -> list[tuple[float, Any]]:
    """Return the step and the variable of each level of each user."""
    shape = term.n_elements, term.n_items
    if term.kind is DENSE:
        similarity = term.data.reshape(shape)
    else:
        sparse = csr_array((term.data, term.indices, term.rows), shape=shape)
        similarity = sparse.toarray()
    found = []
    for user, column in enumerate(similarity.T):
        levels, place = np.unique(column, return_inverse=True)
        nearer: Any = 0.0
        for level in range(len(levels) - 1, -1, -1):
            if levels[level] <= 0.0:
                break
            below = float(levels[level - 1]) if level else 0.0
            name = f"{prefix}z{user}_{level}"
            z = model.addVar(name=name, vtype="C", lb=0.0, ub=1.0)
            at_level = quicksum(x[e] for e in np.flatnonzero(place == level).tolist())
            model.addCons(z <= nearer + at_level)
            found.append((float(levels[level]) - below, z))
            nearer = z
    return found
