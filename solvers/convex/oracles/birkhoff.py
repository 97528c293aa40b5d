"""The Birkhoff polytope: doubly stochastic matrices, the hull of the permutations.

An assignment problem in each call; an entry fixed to one forbids the rest of its row
and column, one fixed to zero is forbidden itself.

References
----------
Birkhoff (1946); Crouse (2016), doi:10.1109/TAES.2016.140952 (the assignment solver).
"""

import numpy as np
from scipy.optimize import linear_sum_assignment

from boundwise.core.arguments import as_count
from boundwise.heuristics.frank_wolfe.protocols import Floats
from boundwise.solvers.convex.oracles.box import longest_step

#: An entry this close to zero or one is at it.
_TIGHT = 1e-12


class Birkhoff:
    """Permutation matrices of one order, stored row by row, and their hull.

    Parameters
    ----------
    order
        Number of rows.

    Raises
    ------
    InputError
        If ``order`` is not a positive integer.

    Examples
    --------
    >>> import numpy as np
    >>> permutations = Birkhoff(2)
    >>> permutations.extreme_point(
    ...     np.array([1.0, 0.0, 0.0, 1.0]), permutations.lower, permutations.upper
    ... )
    array([0., 1., 1., 0.])
    """

    def __init__(self, order: int) -> None:
        self.order = as_count("order", order)
        count = self.order**2
        self.lower = np.zeros(count)
        self.upper = np.ones(count)
        self.integers = np.arange(count)

    def extreme_point(
        self, direction: Floats, lower: Floats, upper: Floats
    ) -> Floats | None:
        """Return the cheapest permutation that keeps the fixed entries."""
        shape = (self.order, self.order)
        costs = direction.reshape(shape)
        is_free = upper >= 1.0
        if lower.any() or not is_free.all():
            allowed = is_free.reshape(shape).copy()
            rows, columns = np.nonzero(lower.reshape(shape) > 0.0)
            forced = allowed[rows, columns]
            if not forced.all() or len(set(rows)) < len(rows):
                return None
            allowed[rows, :] = False
            allowed[:, columns] = False
            allowed[rows, columns] = True
            costs = np.where(allowed, costs, np.inf)
        try:
            chosen = linear_sum_assignment(costs)
        except ValueError:
            # Too few entries are allowed; the costs themselves are finite.
            return None
        vertex = np.zeros(shape)
        vertex[chosen] = 1.0
        return vertex.ravel()

    def in_face_extreme_point(
        self, direction: Floats, x: Floats, lower: Floats, upper: Floats
    ) -> Floats:
        """Return the cheapest permutation with zeros and ones where x has them."""
        vertex = self.extreme_point(
            direction,
            np.where(x >= 1.0 - _TIGHT, 1.0, lower),
            np.where(x <= _TIGHT, 0.0, upper),
        )
        return x.copy() if vertex is None else vertex

    def max_step(
        self, x: Floats, direction: Floats, lower: Floats, upper: Floats
    ) -> float:
        """Return the largest step that stays within the box."""
        return longest_step(x, direction, lower, upper)
