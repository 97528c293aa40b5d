"""Knapsacks: a box cut with one row of positive weights.

    X = { x : lower <= x <= upper, sum_j a_j x_j <= b }

The continuous set has a greedy oracle. With integer variables the oracle is exact: a
dynamic programme over the capacity where weights are integers and few enough states
arise, else depth-first branch and bound with the greedy bound.

References
----------
Kellerer, Pferschy, Pisinger (2004), Knapsack Problems, doi:10.1007/978-3-540-24777-7.
Horowitz, Sahni (1974), doi:10.1145/321812.321823.
"""

from typing import Any

import numpy as np

from boundwise.core.arguments import as_number
from boundwise.core.errors import InputError
from boundwise.core.tolerances import FEAS_TOL
from boundwise.heuristics.compiled import compiled
from boundwise.heuristics.frank_wolfe.protocols import Floats
from boundwise.solvers.convex.oracles.arguments import as_bounds, as_vector
from boundwise.solvers.convex.oracles.greedy import fill_greedily

#: Largest number of states of the dynamic programme, one byte-sized decision each.
_MOST_STATES = 20_000_000


@compiled()
def _by_states(gains: Floats, weights: Floats, most: Floats, capacity: int) -> Floats:
    """Return the copies of each item, by a table over items and used capacity.

    Bounded items are split into powers of two, which leaves 0/1 items.
    """
    count = gains.shape[0]
    pieces = 0
    for j in range(count):
        left = int(most[j])
        size = 1
        while left > 0:
            left -= min(size, left)
            size *= 2
            pieces += 1
    owner = np.empty(pieces, dtype=np.intp)
    copies = np.empty(pieces, dtype=np.int64)
    piece = 0
    for j in range(count):
        left = int(most[j])
        size = 1
        while left > 0:
            copies[piece] = min(size, left)
            owner[piece] = j
            left -= copies[piece]
            size *= 2
            piece += 1
    best = np.zeros(capacity + 1)
    taken = np.zeros((pieces, capacity + 1), dtype=np.bool_)
    for piece in range(pieces):
        weight = int(weights[owner[piece]]) * copies[piece]
        gain = gains[owner[piece]] * copies[piece]
        for used in range(capacity, weight - 1, -1):
            value = best[used - weight] + gain
            if value > best[used]:
                best[used] = value
                taken[piece, used] = True
    result = np.zeros(count)
    used = capacity
    for piece in range(pieces - 1, -1, -1):
        if taken[piece, used]:
            result[owner[piece]] += copies[piece]
            used -= int(weights[owner[piece]]) * copies[piece]
    return result


@compiled()
def _by_branching(
    gains: Floats, weights: Floats, most: Floats, capacity: float, slack: float
) -> Floats:
    """Return the copies of each item; items come by falling gain per weight."""
    count = gains.shape[0]
    chosen, best = np.zeros(count), np.zeros(count)
    value = best_value = 0.0
    left = capacity
    j = 0
    while True:
        # Forward: as many copies as fit, as long as the bound is above the best.
        while j < count:
            bound, room = value, left
            for i in range(j, count):
                if weights[i] * most[i] <= room:
                    bound += gains[i] * most[i]
                    room -= weights[i] * most[i]
                else:
                    bound += gains[i] * max(room, 0.0) / weights[i]
                    break
            if bound <= best_value:
                break
            copies = min(most[j], np.floor((left + slack) / weights[j]))
            chosen[j] = max(copies, 0.0)
            value += gains[j] * chosen[j]
            left -= weights[j] * chosen[j]
            j += 1
        if j == count and value > best_value:
            best_value = value
            best[:] = chosen
        # Backward: one copy less of the last item taken.
        j -= 1
        while j >= 0 and chosen[j] == 0.0:
            j -= 1
        if j < 0:
            return best
        chosen[j] -= 1.0
        value -= gains[j]
        left += weights[j]
        for i in range(j + 1, count):
            chosen[i] = 0.0
        j += 1


class Knapsack:
    """Points of a box below one row of positive weights.

    Parameters
    ----------
    weights
        Coefficients a, positive, shape (n,).
    capacity
        Right-hand side b.
    upper
        Upper bounds, finite; default 1.
    lower
        Lower bounds, finite; default 0.
    integral
        Whether all variables are integers.

    Raises
    ------
    InputError
        If weights are not positive, or the lower bounds exceed the capacity.

    Examples
    --------
    >>> import numpy as np
    >>> sack = Knapsack([3.0, 2.0, 2.0], 4.0)
    >>> sack.extreme_point(np.array([-4.0, -2.5, -2.5]), sack.lower, sack.upper)
    array([0., 1., 1.])
    """

    def __init__(
        self,
        weights: Any,
        capacity: float,
        *,
        upper: Any = None,
        lower: Any = None,
        integral: bool = True,
    ) -> None:
        self.weights = as_vector("weights", weights)
        count = len(self.weights)
        if self.weights.min() <= 0:
            raise InputError(
                f"weights must be positive, got {self.weights.min()!r} at "
                f"{int(self.weights.argmin())}."
            )
        self.capacity = as_number("capacity", capacity)
        self.lower, self.upper, self.integers = as_bounds(
            np.zeros(count) if lower is None else as_vector("lower", lower, count),
            np.ones(count) if upper is None else as_vector("upper", upper, count),
            range(count) if integral else (),
        )
        if self.weights @ self.lower > self.capacity:
            raise InputError(
                f"capacity must hold the lower bounds, got {capacity!r} for "
                f"{float(self.weights @ self.lower)!r}."
            )
        self._are_whole = bool((self.weights == np.rint(self.weights)).all())

    def extreme_point(
        self, direction: Floats, lower: Floats, upper: Floats
    ) -> Floats | None:
        """Return an exact minimiser; see the module for how it is found."""
        point = fill_greedily(
            direction, lower, upper, self.weights, self.capacity, at_most=True
        )
        if point is None or not len(self.integers):
            return point
        if np.array_equal(point, np.rint(point)):
            return point
        return self._integral(direction, lower, upper)

    def _integral(self, direction: Floats, lower: Floats, upper: Floats) -> Floats:
        left = self.capacity - float(self.weights @ lower)
        slack = FEAS_TOL * max(1.0, abs(self.capacity))
        wanted = np.flatnonzero((direction < 0.0) & (upper > lower))
        gains = -direction[wanted]
        weights = self.weights[wanted]
        order = np.argsort(-gains / weights, kind="stable")
        wanted, gains, weights = wanted[order], gains[order], weights[order]
        most = (upper - lower)[wanted]
        whole = int(np.floor(left + slack))
        pieces = float(np.ceil(np.log2(most + 1.0)).sum())
        if self._are_whole and pieces * (whole + 1) <= _MOST_STATES:
            copies = _by_states(gains, weights, most, max(whole, 0))
        else:
            copies = _by_branching(gains, weights, most, left, slack)
        point = lower.copy()
        point[wanted] += copies
        return point
