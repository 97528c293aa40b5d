"""How a neighbourhood turns a preference into fixings.

Only integer variables are ever fixed: a fixed continuous variable leaves a mixed
problem no room to move.
"""

import numpy as np

from boundwise.heuristics.protocols import (
    FloatVector,
    IntVector,
    SearchState,
    Subproblem,
)

#: Positions and values of a subproblem that fixes nothing.
NOTHING: tuple[IntVector, FloatVector] = (np.empty(0, dtype=np.int64), np.empty(0))


def count_to_fix(state: SearchState, fixing_rate: float) -> int:
    """Return how many integers a fixing rate fixes; at least one stays free."""
    n_integers = len(state.problem.integers)
    return min(n_integers - 1, max(0, round(fixing_rate * n_integers)))


def fix_first(
    state: SearchState,
    preference: FloatVector,
    n_fixed: int,
    rng: np.random.Generator,
) -> Subproblem | None:
    """Fix the integer variables of smallest preference to the current solution.

    Parameters
    ----------
    state
        Where the search stands.
    preference
        One number for each integer variable, in the order of
        ``state.problem.integers``; ties are broken at random.
    n_fixed
        How many to fix.
    rng
        Source of the tie-breaking.

    Returns
    -------
    Subproblem or None
        None if there is nothing to fix or nothing left free.
    """
    integers = state.problem.integers
    if n_fixed <= 0 or n_fixed >= len(integers):
        return None
    order = np.lexsort((rng.random(len(integers)), preference))
    return fix_to(integers[order[:n_fixed]], state.current, state)


def fix_to(
    fixed: IntVector, reference: FloatVector, state: SearchState
) -> Subproblem | None:
    """Fix integer variables to their rounded values in ``reference``.

    The values are moved into the global bounds, which may have become tighter since
    the reference was found.
    """
    if len(fixed) == 0:
        return None
    problem = state.problem
    values = np.clip(
        np.round(reference[fixed]), problem.lower[fixed], problem.upper[fixed]
    )
    return Subproblem(np.asarray(fixed, dtype=np.int64), values)
