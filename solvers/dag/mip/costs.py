"""Least squares with a price per parent, as a cost of one node given its predecessors.

    cost(j, A) = min { 1/2 Var(x_j - sum_{i in P} w_i x_i) + price |P| :  P within A }

Parents are chosen forward and backward, one at a time, so a cost is an upper bound on
the minimum: good enough for a heuristic, which proves nothing. With price 0, P = A.
"""

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]

#: Change of a cost, relative to the variance, that counts as one.
_GAIN = 1e-10


class PricedLeastSquares:
    """Fit nodes from a covariance, with answers remembered.

    Parameters
    ----------
    S
        Regular covariance.
    price
        Price of a parent, not negative.
    """

    def __init__(self, S: Floats, price: float) -> None:
        self._S, self._price = S, price
        self._known: dict[tuple[int, bytes], tuple[float, Floats]] = {}

    def cost(self, node: int, predecessors: Ints) -> tuple[float, Floats]:
        """Return the cost and the weights, zero for those not chosen.

        Parameters
        ----------
        node
            The node.
        predecessors
            Nodes that may be parents.
        """
        allowed = np.zeros(len(self._S), dtype=bool)
        allowed[predecessors] = True
        key = (node, allowed.tobytes())
        if key not in self._known:
            self._known[key] = self._fit(node, allowed)
        value, weights = self._known[key]
        return value, weights[predecessors]

    def _fit(self, node: int, allowed: npt.NDArray[np.bool_]) -> tuple[float, Floats]:
        chosen = allowed.copy() if self._price == 0.0 else self._chosen(node, allowed)
        weights = np.zeros(len(self._S))
        variance = least_variance(self._S, node, chosen, weights)
        return 0.5 * variance + self._price * int(chosen.sum()), weights

    def _chosen(
        self, node: int, allowed: npt.NDArray[np.bool_]
    ) -> npt.NDArray[np.bool_]:
        """Toggle the parent that lowers the cost most until none does."""
        chosen = np.zeros_like(allowed)
        best = 0.5 * self._S[node, node]
        least = _GAIN * best
        while True:
            toggled, value = -1, best
            for i in np.flatnonzero(allowed):
                chosen[i] ^= True
                variance = least_variance(self._S, node, chosen)
                found = 0.5 * variance + self._price * int(chosen.sum())
                chosen[i] ^= True
                if found < value - least:
                    toggled, value = int(i), found
            if toggled < 0:
                return chosen
            chosen[toggled] ^= True
            best = value


def least_variance(
    S: Floats, node: int, parents: npt.NDArray[np.bool_], weights: Floats | None = None
) -> float:
    """Return the variance of a node that its parents leave.

    Parameters
    ----------
    S
        Covariance, regular on the parents.
    node
        The node.
    parents
        Mask of the parents.
    weights
        Receives the weights if given; zeros are expected.
    """
    chosen = np.flatnonzero(parents)
    if not len(chosen):
        return float(S[node, node])
    fitted = np.linalg.solve(S[np.ix_(chosen, chosen)], S[chosen, node])
    if weights is not None:
        weights[chosen] = fitted
    return max(0.0, float(S[node, node] - S[chosen, node] @ fitted))
