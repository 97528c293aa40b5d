"""The published search over orders, plainly: swaps of screened pairs, refits by OLS.

    pairs    forbidden edges i -> j (j before i), by grad h, the s smallest, with ties
    small    swap i and j, refit the nodes between; keep the pairs that lower the score
    apply    by score, those whose windows do not meet, refit everything
    large    if no small pair helps: the same with a larger set, a few times

grad h = (I - |W|)^-T. One least squares fit of rows for every node and pair; written as
the yardstick of the exact neighbourhood, which it is compared with in one process.

Deng, Bello, Aragam, Ravikumar (2023), arXiv:2305.17277.
"""

import math
import time
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]

_GAIN = 1e-12
#: Sizes of the small and the large set and number of large searches, as published.
_PUBLISHED = {50: (100, 1000, 10), 100: (150, 1500, 15)}


@dataclass(slots=True)
class PlainSearch:
    """What the plain search found.

    Parameters
    ----------
    order, W, score
        Best order, its weights and (1/2n) times the sum of squared residuals.
    n_fits
        Number of regressions.
    history
        CPU seconds and score at each improvement.
    finished
        Whether it ended by itself.
    """

    order: Ints
    W: Floats
    score: float
    n_fits: int = 0
    history: list[tuple[float, float]] = field(default_factory=list)
    finished: bool = False


def sizes(d: int) -> tuple[int, int, int]:
    """Return the small and the large set size and the number of large searches.

    Those of the published experiments, or of the later library's formula.
    """
    if d in _PUBLISHED:
        return _PUBLISHED[d]
    limit = min(int(math.sqrt(d) * (d - 1) * math.log10(d)), d * (d - 1) // 2)
    first = int(1.5 * d)
    return min(first, limit), max(first, limit), min(d // 10, 1)


def plain_search(X: Floats, order: Ints, cpu_limit: float = math.inf) -> PlainSearch:
    """Search from an order.

    Parameters
    ----------
    X
        Rows; centred here, in a copy.
    order
        Start.
    cpu_limit
        CPU seconds after which the best so far is returned.
    """
    run = _Run(X - X.mean(axis=0), cpu_limit)
    return run.search(order)


class _Run:
    def __init__(self, Z: Floats, cpu_limit: float) -> None:
        self._Z, self._limit = Z, cpu_limit
        self._begun = time.process_time()
        self._fits = 0

    def search(self, order: Ints) -> PlainSearch:
        small, large, uses = sizes(len(order))
        W, losses = self._fit(order, np.zeros((len(order),) * 2), 0, len(order) - 1)
        found = PlainSearch(order, W, float(losses.sum()))
        found.history.append((self._elapsed(), found.score))
        while self._elapsed() < self._limit:
            pairs = self._pairs(found, small)
            swapped = self._improve(found, losses, pairs)
            if swapped is None and uses > 0:
                uses -= 1
                rest = [p for p in self._pairs(found, large) if p not in set(pairs)]
                swapped = self._improve(found, losses, rest)
            if swapped is None:
                found.finished = self._elapsed() < self._limit
                break
            order = swapped
            W, losses = self._fit(order, found.W, 0, len(order) - 1)
            found.order, found.W, found.score = order, W, float(losses.sum())
            found.history.append((self._elapsed(), found.score))
        found.n_fits = self._fits
        return found

    def _elapsed(self) -> float:
        return time.process_time() - self._begun

    def _fit(
        self, order: Ints, W: Floats, first: int, last: int
    ) -> tuple[Floats, Floats]:
        """Refit the nodes at positions first..last; return weights and losses."""
        W = W.copy()
        losses = np.zeros(len(order))
        for k in range(first, last + 1):
            j, before = order[k], order[:k]
            W[:, j] = 0.0
            residual = self._Z[:, j]
            if k:
                weights = np.linalg.lstsq(self._Z[:, before], residual, rcond=None)[0]
                W[before, j] = weights
                residual = residual - self._Z[:, before] @ weights
                self._fits += 1
            losses[j] = 0.5 * float(residual @ residual) / len(residual)
        return W, losses

    def _pairs(self, found: PlainSearch, size: int) -> list[tuple[int, int]]:
        """Return positions (p, q), p < q, of the forbidden pairs of least grad h."""
        d = len(found.order)
        A = np.abs(found.W[np.ix_(found.order, found.order)])
        slope = np.linalg.inv(np.eye(d) - A).T
        p, q = np.triu_indices(d, 1)
        values = slope[q, p]  # edge from the later to the earlier node
        if not len(values):
            return []
        last = min(max(size, 1), len(values)) - 1
        bound = np.partition(values, last)[last]
        chosen = values <= bound
        return list(zip(p[chosen].tolist(), q[chosen].tolist(), strict=True))

    def _improve(
        self, found: PlainSearch, losses: Floats, pairs: list[tuple[int, int]]
    ) -> Ints | None:
        """Apply the improving swaps of disjoint windows; None if there are none."""
        good = []
        for p, q in pairs:
            if self._elapsed() >= self._limit:
                break
            order = found.order.copy()
            order[[p, q]] = order[[q, p]]
            window = order[p : q + 1]
            _, moved = self._fit(order, found.W, p, q)
            gain = float(losses[window].sum() - moved[window].sum())
            if gain > _GAIN * found.score:
                good.append((gain, p, q))
        if not good:
            return None
        order = found.order.copy()
        taken = np.zeros(len(order), dtype=bool)
        for _, p, q in sorted(good, reverse=True):
            if not taken[p : q + 1].any():
                taken[p : q + 1] = True
                order[[p, q]] = order[[q, p]]
        return order
