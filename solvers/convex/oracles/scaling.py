"""Scale of a direction: tolerances of solvers are absolute, gradients are not.

A linear problem has the same vertices for d and d / s. With s a power of two the
division is exact, and solvers see entries of magnitude one whether the objective is
counted in micrometres or in light years.
"""

import math

from boundwise.heuristics.frank_wolfe.protocols import Floats


def scale_of(direction: Floats) -> float:
    """Return the power of two s with the largest entry of d / s in [1, 2); 1 for d = 0.

    Examples
    --------
    >>> import numpy as np
    >>> scale_of(np.array([3.0, -20.0])), scale_of(np.zeros(2))
    (16.0, 1.0)
    """
    largest = max(float(direction.max(initial=0.0)), -float(direction.min(initial=0.0)))
    if largest == 0.0:
        return 1.0
    return math.ldexp(1.0, math.frexp(largest)[1] - 1)
