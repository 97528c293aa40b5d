"""Pseudocosts: gain of the bound for each unit that branching moves a variable."""

import numpy as np

from boundwise.heuristics.frank_wolfe.protocols import Bools, Floats, Indices


class Pseudocosts:
    """Average unit gains of each variable and side.

    Parameters
    ----------
    dimension
        Number of variables.
    """

    def __init__(self, dimension: int) -> None:
        self._sums = np.zeros((2, dimension))
        self._counts = np.zeros((2, dimension), dtype=np.int64)

    def update(self, variable: int, is_up: bool, distance: float, gain: float) -> None:
        """Record that a side gained ``gain`` over the parent's objective."""
        if distance <= 0.0 or not np.isfinite(gain):
            return
        side = int(is_up)
        self._sums[side, variable] += max(0.0, gain) / distance
        self._counts[side, variable] += 1

    def is_known(self, variables: Indices, least: int = 1) -> Bools:
        """Tell which variables have enough records on both sides."""
        enough = self._counts[:, variables] >= least
        return np.asarray(enough.all(axis=0), dtype=np.bool_)

    def scores(self, variables: Indices, fractions: Floats) -> Floats:
        """Return the product of the expected gains of the two sides.

        A variable without records is given the average of all records.
        """
        down, up = (self._means(side)[variables] for side in (0, 1))
        scores: Floats = np.maximum(down * fractions, 1e-6) * np.maximum(
            up * (1.0 - fractions), 1e-6
        )
        return scores

    def _means(self, side: int) -> Floats:
        counts, sums = self._counts[side], self._sums[side]
        total = counts.sum()
        average = sums.sum() / total if total else 1.0
        means: Floats = np.where(counts > 0, sums / np.maximum(counts, 1), average)
        return means
