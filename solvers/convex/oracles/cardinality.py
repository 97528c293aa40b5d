"""Few non-zeros: amounts that a limited number of binaries switch on.

    X = conv { (b, z) : l_j z_j <= b_j <= u_j z_j,  sum z <= k,  z in {0, 1}^p }

the set of sparse regression with big-M bounds. For a given direction each pair costs
nothing switched off, and switched on

    d_z + min over b in [l, u] of d_b b;

the k pairs that gain most are switched on. Bertsimas, King, Mazumder (2016),
doi:10.1214/15-AOS1388.
"""

import math
from typing import Any

import numpy as np

from boundwise.core.errors import InputError
from boundwise.heuristics.compiled import compiled
from boundwise.heuristics.frank_wolfe.protocols import Floats
from boundwise.solvers.convex.oracles.arguments import as_count, as_vector


@compiled()
def _switch(
    direction: Floats,
    lower: Floats,
    upper: Floats,
    low: Floats,
    high: Floats,
    limit: int,
) -> tuple[Floats, bool]:
    count = low.shape[0]
    point = np.zeros(2 * count)
    amounts, gains = np.empty(count), np.zeros(count)
    used = 0
    for j in range(count):
        z = count + j
        least, most = max(low[j], lower[j]), min(high[j], upper[j])
        can_be_on = least <= most and upper[z] >= 1.0
        can_be_off = lower[j] <= 0.0 <= upper[j] and lower[z] <= 0.0
        amounts[j] = most if direction[j] < 0.0 else least
        if can_be_on and not can_be_off:
            point[j], point[z] = amounts[j], 1.0
            used += 1
        elif can_be_on:
            gains[j] = direction[z] + direction[j] * amounts[j]
        elif not can_be_off:
            return point, False
    if used > limit:
        return point, False
    while used < limit:
        best = 0
        for j in range(count):
            if gains[j] < gains[best]:
                best = j
        if gains[best] >= 0.0:
            break
        point[best], point[count + best] = amounts[best], 1.0
        gains[best] = 0.0
        used += 1
    return point, True


@compiled()
def _price(
    direction: Floats,
    lower: Floats,
    upper: Floats,
    low: Floats,
    high: Floats,
    limit: int,
) -> tuple[float, Floats]:
    """Return the minimum and what flipping each binary alone would add to it."""
    count = low.shape[0]
    prices = np.zeros(2 * count)
    gains = np.empty(count)
    total, free = 0.0, limit
    choices = np.zeros(count, dtype=np.bool_)
    for j in range(count):
        z = count + j
        least, most = max(low[j], lower[j]), min(high[j], upper[j])
        can_be_on = least <= most and upper[z] >= 1.0
        can_be_off = lower[j] <= 0.0 <= upper[j] and lower[z] <= 0.0
        amount = most if direction[j] < 0.0 else least
        gains[j] = direction[z] + direction[j] * amount
        if can_be_on and can_be_off:
            choices[j] = True
        elif can_be_on:
            total += gains[j]
            free -= 1
        elif not can_be_off:
            return math.inf, prices
    if free < 0:
        return math.inf, prices
    places = np.flatnonzero(choices)
    order = places[np.argsort(gains[places])]
    # The best gain left out, and the worst one taken: what a flip is exchanged for.
    next_gain = min(0.0, gains[order[free]]) if free < order.shape[0] else 0.0
    last_gain = min(0.0, gains[order[free - 1]]) if 0 < free <= order.shape[0] else 0.0
    for rank in range(order.shape[0]):
        j = order[rank]
        if rank < free and gains[j] < 0.0:
            total += gains[j]
            prices[count + j] = min(0.0, gains[j] - next_gain)
        elif free > 0:
            prices[count + j] = max(0.0, gains[j] - last_gain)
        else:
            prices[count + j] = math.inf
    return total, prices


class Cardinality:
    """Amounts of which at most k are not zero, with their binaries.

    The variables are (b_1, ..., b_p, z_1, ..., z_p); the z are integers.

    Parameters
    ----------
    lower, upper
        Bounds l <= 0 <= u of the amounts where switched on, shape (p,).
    most
        Largest number k of binaries that are one.

    Attributes
    ----------
    pairs
        Indices (amount, binary) of each pair, shape (p, 2).

    Raises
    ------
    InputError
        If the bounds do not hold zero, or ``most`` is not a positive integer.

    Examples
    --------
    >>> import numpy as np
    >>> sparse = Cardinality([-2.0, -2.0], [2.0, 2.0], 1)
    >>> sparse.extreme_point(
    ...     np.array([1.0, -3.0, 0.5, 0.5]), sparse.lower, sparse.upper
    ... )
    array([0., 2., 0., 1.])
    """

    def __init__(self, lower: Any, upper: Any, most: int) -> None:
        self._low = as_vector("lower", lower)
        count = len(self._low)
        self._high = as_vector("upper", upper, count)
        for name, bad in (("lower", self._low > 0.0), ("upper", self._high < 0.0)):
            if bad.any():
                raise InputError(
                    f"{name} must hold zero, got [{self._low[bad.argmax()]!r}, "
                    f"{self._high[bad.argmax()]!r}] at {int(bad.argmax())}."
                )
        self.most = as_count("most", most)
        self.lower = np.concatenate((self._low, np.zeros(count)))
        self.upper = np.concatenate((self._high, np.ones(count)))
        self.integers = np.arange(count, 2 * count)
        self.pairs = np.column_stack((np.arange(count), self.integers))

    def extreme_point(
        self, direction: Floats, lower: Floats, upper: Floats
    ) -> Floats | None:
        """Return the vertex that switches on what gains most."""
        point, is_feasible = _switch(
            direction, lower, upper, self._low, self._high, self.most
        )
        return point if is_feasible else None

    def reduced_costs(
        self, direction: Floats, lower: Floats, upper: Floats
    ) -> tuple[float, Floats]:
        """Return the minimum z of <direction, .> and what flipping a binary adds.

        Returns
        -------
        tuple
            z, ``inf`` if the cut set is empty; and r, shape (2p,), with
            <direction, x> >= z + r_j for every x with binary j at 1 if r_j > 0, and
            >= z - r_j for every x with it at 0 if r_j < 0. The r of amounts are zero.
        """
        return _price(direction, lower, upper, self._low, self._high, self.most)
