"""In which order more variables are fixed, or fixed ones are freed again.

Where a neighbourhood has fixed too few variables, those are fixed next that are

1. near the fixed ones in the graph of constraints (they have the least freedom left),
2. cheap to fix by the root's reduced costs: d (x - x_LP) is what fixing at x costs,
3. drawn at random;

where it has fixed too many, the reverse order frees them: SCIP's rule (Hendel, 2022,
doi:10.1007/s12532-021-00209-7), without its third key, the pseudocosts, which only a
tree search knows.
"""

import numpy as np

from boundwise.heuristics.neighbourhoods.fixing import count_to_fix, fix_to
from boundwise.heuristics.neighbourhoods.graph import ConstraintGraph, members
from boundwise.heuristics.protocols import (
    FloatVector,
    IntVector,
    MipView,
    SearchState,
    Subproblem,
)

#: Layers of the constraint graph that are told apart.
_MOST_LAYERS = 4


def fix_about(
    state: SearchState,
    wanted: IntVector,
    fixing_rate: float,
    rng: np.random.Generator,
    graph: ConstraintGraph,
) -> Subproblem | None:
    """Fix the wanted variables to the current solution, or more or fewer of them.

    Parameters
    ----------
    state
        Where the search stands.
    wanted
        Integer variables that the neighbourhood would fix by itself.
    fixing_rate
        Fraction of the integer variables to fix.
    rng
        Breaks ties.
    graph
        Keeps the incidence by columns from one call to the next.

    Returns
    -------
    Subproblem or None
        None if nothing is wanted, or nothing would be fixed or free.
    """
    n_fixed = count_to_fix(state, fixing_rate)
    if n_fixed == 0 or len(wanted) == 0:
        return None
    if len(wanted) > n_fixed:
        order = np.lexsort((rng.random(len(wanted)), fixing_cost(state)[wanted]))
        return fix_to(wanted[order[:n_fixed]], state.current, state)
    rest = np.setdiff1d(state.problem.integers, wanted, assume_unique=True)
    distance = layers_from(state.problem, wanted, graph)[rest]
    order = np.lexsort((rng.random(len(rest)), fixing_cost(state)[rest], distance))
    more = rest[order[: n_fixed - len(wanted)]]
    return fix_to(np.concatenate([wanted, more]), state.current, state)


def fixing_cost(state: SearchState) -> FloatVector:
    """Return what the root LP says it costs to fix each variable where it is."""
    relaxation = state.relaxation
    if relaxation is None or relaxation.reduced_costs is None:
        return np.zeros(state.problem.n_variables)
    return relaxation.reduced_costs * (state.current - relaxation.values)


def layers_from(
    problem: MipView, sources: IntVector, graph: ConstraintGraph
) -> IntVector:
    """Return each variable's distance from the sources, capped, in constraints."""
    rows = problem.incidence
    distance = np.full(problem.n_variables, _MOST_LAYERS, dtype=np.int64)
    if rows.nnz == 0:
        return distance
    distance[sources] = 0
    columns = graph.columns(rows)
    seen = np.zeros(rows.shape[0], dtype=bool)
    layer = sources
    for depth in range(1, _MOST_LAYERS):
        touched = np.unique(members(columns, layer))
        touched = touched[~seen[touched]]
        seen[touched] = True
        reached = np.unique(members(rows, touched))
        layer = reached[distance[reached] == _MOST_LAYERS]
        if len(layer) == 0:
            break
        distance[layer] = depth
    return distance
