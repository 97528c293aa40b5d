"""LP completion: given the integers, solve for the continuous variables.

A solution that SCIP accepts in presolved space may miss a row of the original problem
by a little more than the checker allows. With the integers fixed, an LP at a tighter
tolerance repairs it, and gives the best continuous part there is.
"""

from typing import TYPE_CHECKING, Any

import numpy as np

from boundwise.heuristics.protocols import FloatVector

if TYPE_CHECKING:
    from boundwise.instances.instance import Instance

#: Feasibility tolerance of the LP: well inside what the checker allows.
_LP_TOL = 1e-9


def complete_continuous(
    instance: "Instance", x: FloatVector, time_limit: float, *, nearest: bool = False
) -> FloatVector | None:
    """Return the best solution whose integers are those of ``x``, or the nearest one.

    Parameters
    ----------
    instance
        The problem; only its bounds and linear rows are looked at.
    x
        Values of all variables, shape (n,); integers are rounded.
    time_limit
        Wall-clock seconds for the LP.
    nearest
        Whether to minimise the l1-distance from ``x`` instead of the instance's
        objective: for problems whose objective is not that.

    Returns
    -------
    ndarray or None
        Shape (n,), or None if there is no continuous part or the LP is not solved.
    """
    from scipy import optimize, sparse

    free = ~instance.is_integer
    if not free.any() or time_limit <= 0:
        return None
    fixed_part = np.where(instance.is_integer, np.round(x), 0.0)
    activity = instance.matrix @ fixed_part
    lower, upper = instance.row_lower - activity, instance.row_upper - activity
    columns = sparse.csr_array(instance.matrix)[:, np.flatnonzero(free)]
    # Rows without a continuous variable are the integers' own business.
    used = np.diff(columns.indptr) > 0
    equal = used & (instance.row_lower == instance.row_upper)
    above = used & ~equal & np.isfinite(lower)
    below = used & ~equal & np.isfinite(upper)
    sign = -1.0 if instance.sense == "maximize" else 1.0
    linprog: Any = optimize.linprog  # the stubs do not know sparse matrices
    costs = sign * instance.objective[free]
    bounds = np.column_stack([instance.lower[free], instance.upper[free]])
    shift = np.zeros(len(costs))
    if nearest:
        # Moves up and down from x, each at a cost of one.
        shift = np.clip(x[free], bounds[:, 0], bounds[:, 1])
        moved = columns @ shift
        lower, upper = lower - moved, upper - moved
        columns = sparse.csr_array(sparse.hstack([columns, -columns], format="csr"))
        costs = np.ones(2 * len(shift))
        rooms = np.concatenate([bounds[:, 1] - shift, shift - bounds[:, 0]])
        bounds = np.column_stack([np.zeros(len(costs)), rooms])
    answer = linprog(
        costs,
        A_ub=sparse.vstack([columns[below], -columns[above]], format="csr"),
        b_ub=np.concatenate([upper[below], -lower[above]]),
        A_eq=columns[equal],
        b_eq=lower[equal],
        bounds=bounds,
        method="highs",
        options={"primal_feasibility_tolerance": _LP_TOL, "time_limit": time_limit},
    )
    if answer.status != 0 or answer.x is None:
        return None
    completed = np.array(fixed_part)
    found = answer.x
    if nearest:
        ups, downs = np.split(found, 2)
        found = np.clip(shift + ups - downs, instance.lower[free], instance.upper[free])
    completed[free] = found
    return completed
