"""Few large amounts: a limited number of binaries switch amounts to a wider range.

    X = conv { (b, z) :  b_j in [l_j, u_j] if z_j = 1,  b_j in [s_j, t_j] if z_j = 0,
                         sum z <= k,  z in {0, 1}^p }

With s = t = 0 this is the set of sparse regression with big-M bounds; with a small
interval [s, t] its tailed version, where small amounts are free. For a given direction
the best amount of a pair is an end of its interval, so that switching it on changes
the objective by

    gain_j = d_z + min over [l, u] of d_b b - min over [s, t] of d_b b,

and the k pairs that gain most are switched on. Bertsimas, King, Mazumder (2016),
doi:10.1214/15-AOS1388.
"""

import math
from typing import Any

import numpy as np
import numpy.typing as npt

from boundwise.core.arguments import as_count
from boundwise.core.errors import InputError
from boundwise.heuristics.compiled import compiled
from boundwise.heuristics.frank_wolfe.protocols import Floats
from boundwise.solvers.convex.oracles.arguments import as_vector

_FREE, _ON, _OFF, _IMPOSSIBLE = 0, 1, 2, 3
States = npt.NDArray[np.int8]


@compiled()
def _options(
    direction: Floats, lower: Floats, upper: Floats, on: Floats, off: Floats
) -> tuple[Floats, Floats, Floats, States]:
    """Return the best amounts switched on and off, the gains, and what is possible.

    The intervals come as arrays of shape (2, p).
    """
    count = on.shape[1]
    amounts, rests = np.zeros(count), np.zeros(count)
    gains = np.zeros(count)
    states = np.empty(count, dtype=np.int8)
    for j in range(count):
        z = count + j
        low_on, high_on = max(on[0, j], lower[j]), min(on[1, j], upper[j])
        low_off, high_off = max(off[0, j], lower[j]), min(off[1, j], upper[j])
        can_be_on = low_on <= high_on and upper[z] >= 1.0
        can_be_off = low_off <= high_off and lower[z] <= 0.0
        amounts[j] = high_on if direction[j] < 0.0 else low_on
        rests[j] = high_off if direction[j] < 0.0 else low_off
        if can_be_on and can_be_off:
            states[j] = _FREE
            gains[j] = direction[z] + direction[j] * (amounts[j] - rests[j])
        elif can_be_on:
            states[j] = _ON
        elif can_be_off:
            states[j] = _OFF
        else:
            states[j] = _IMPOSSIBLE
    return amounts, rests, gains, states


@compiled()
def _switch(
    direction: Floats,
    lower: Floats,
    upper: Floats,
    on: Floats,
    off: Floats,
    limit: int,
) -> tuple[Floats, bool]:
    """Return the best vertex, and whether there is one."""
    amounts, rests, gains, states = _options(direction, lower, upper, on, off)
    count = gains.shape[0]
    point = np.zeros(2 * count)
    used = 0
    for j in range(count):
        if states[j] == _IMPOSSIBLE:
            return point, False
        if states[j] == _ON:
            point[j], point[count + j] = amounts[j], 1.0
            used += 1
        else:
            point[j] = rests[j]
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
    on: Floats,
    off: Floats,
    limit: int,
) -> tuple[float, Floats]:
    """Return the minimum, and what flipping each binary alone would add to it."""
    amounts, rests, gains, states = _options(direction, lower, upper, on, off)
    count = gains.shape[0]
    prices = np.zeros(2 * count)
    total, free = 0.0, limit
    for j in range(count):
        if states[j] == _IMPOSSIBLE:
            return math.inf, prices
        if states[j] == _ON:
            total += direction[count + j] + direction[j] * amounts[j]
            free -= 1
        else:
            total += direction[j] * rests[j]
    if free < 0:
        return math.inf, prices
    places = np.flatnonzero(states == _FREE)
    order = places[np.argsort(gains[places])]
    # The worst gain taken and the best one left out: what a flip is exchanged for.
    last_gain = min(0.0, gains[order[free - 1]]) if 0 < free <= order.shape[0] else 0.0
    next_gain = min(0.0, gains[order[free]]) if free < order.shape[0] else 0.0
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
    """Amounts of which at most k are large, with their binaries.

    The variables are (b_1, ..., b_p, z_1, ..., z_p); the z are integers.

    Parameters
    ----------
    lower, upper
        Bounds l <= u of the amounts where switched on, shape (p,).
    most
        Largest number k of binaries that are one.
    off_lower, off_upper
        Bounds of the amounts where switched off, within those where switched on; zero
        for amounts that vanish.

    Attributes
    ----------
    pairs
        Indices (amount, binary) of each pair, shape (p, 2).

    Raises
    ------
    InputError
        If the bounds off are not within those on, or ``most`` is not a positive
        integer.

    Examples
    --------
    >>> import numpy as np
    >>> sparse = Cardinality([-2.0, -2.0], [2.0, 2.0], 1)
    >>> sparse.extreme_point(
    ...     np.array([1.0, -3.0, 0.5, 0.5]), sparse.lower, sparse.upper
    ... )
    array([0., 2., 0., 1.])
    """

    def __init__(
        self,
        lower: Any,
        upper: Any,
        most: int,
        *,
        off_lower: Any = 0.0,
        off_upper: Any = 0.0,
    ) -> None:
        low = as_vector("lower", lower)
        count = len(low)
        high = as_vector("upper", upper, count)
        off_low = as_vector("off_lower", np.broadcast_to(off_lower, count), count)
        off_high = as_vector("off_upper", np.broadcast_to(off_upper, count), count)
        for name, bad in (
            ("lower", low > off_low),
            ("upper", high < off_high),
            ("off_lower", off_low > off_high),
        ):
            if bad.any():
                j = int(bad.argmax())
                raise InputError(
                    f"{name} must leave room for [{off_low[j]!r}, {off_high[j]!r}], "
                    f"got [{low[j]!r}, {high[j]!r}] at {j}."
                )
        self.most = as_count("most", most)
        self.lower = np.concatenate((low, np.zeros(count)))
        self.upper = np.concatenate((high, np.ones(count)))
        self.integers = np.arange(count, 2 * count)
        self.pairs = np.column_stack((np.arange(count), self.integers))
        self.on = np.vstack((low, high))
        self.off = np.vstack((off_low, off_high))

    def extreme_point(
        self, direction: Floats, lower: Floats, upper: Floats
    ) -> Floats | None:
        """Return the vertex that switches on what gains most."""
        point, is_feasible = _switch(
            direction, lower, upper, self.on, self.off, self.most
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
        return _price(direction, lower, upper, self.on, self.off, self.most)
