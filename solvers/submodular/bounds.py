"""Upper bounds on the optimum that the state proves without another oracle call."""

import numpy as np

from boundwise.core.tolerances import OBJ_TOL
from boundwise.solvers.submodular.leveled.state import (
    ALIVE,
    GAMMA,
    N_ALIVE,
    NONE,
    TOTAL,
    UPPER_SLOT,
    K,
    State,
)


def upper_bound(state: State, lower: float, *, monotone: bool) -> float:
    """Return the best proven bound on f of any k alive elements.

    A guess that is not full proves f(G) + gamma/2 if f is monotone; the k largest
    singletons add up to a bound in any case; all alive elements are the optimum if
    there are at most k and f is monotone.

    Parameters
    ----------
    state
        The arrays.
    lower
        The value of the solution.
    monotone
        Whether f is.
    """
    k, alive, s = int(state.rules[K]), int(state.now[N_ALIVE]), state.now[UPPER_SLOT]
    if monotone and alive <= k:
        return lower
    singles = state.single[state.element[ALIVE, :alive]]
    if alive > k:
        singles = np.partition(singles, alive - k)[alive - k :]
    bound = float(np.maximum(singles, 0.0).sum())
    if monotone and s != NONE:
        bound = min(bound, float(state.worth[s, TOTAL] + state.worth[s, GAMMA] / 2))
    # Sums are rounded: the bound must not fall below what was found.
    return max(lower, bound * (1.0 + OBJ_TOL))
