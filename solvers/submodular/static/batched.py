"""The greedy methods for an objective of the user's own: one call per batch of gains.

Lazy greedy asks for the elements of the largest bounds, twice as many each time,
until the best known gain is above all bounds.
"""

import math

import numpy as np
from numpy.typing import NDArray

from boundwise.solvers.submodular.objectives.protocol import Objective, Stack

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

#: Elements that lazy greedy asks for first.
_FIRST_BATCH = 16


class _Search:
    """A stack with candidates and upper bounds of their gains."""

    def __init__(self, stack: Stack, candidates: Ints, k: int) -> None:
        self.items = candidates.copy()
        self.k = k
        self.calls = 0
        self.chosen: list[int] = []
        self.won: list[float] = []
        self._stack = stack
        self.bounds = self.ask(np.arange(len(candidates)))

    @property
    def is_open(self) -> bool:
        """Whether there is room and something to put there."""
        return len(self.chosen) < self.k and len(self.items) > 0

    def ask(self, places: Ints) -> Floats:
        """Return the gains of the items at some places."""
        from boundwise.solvers.submodular.static.maximize import require_gains

        gains = np.asarray(self._stack.gains(self.items[places]), dtype=np.float64)
        require_gains(gains)
        self.calls += len(places)
        return gains

    def take(self, place: int, gain: float) -> None:
        """Choose an item."""
        element = int(self.items[place])
        self._stack.push(element)
        self.chosen.append(element)
        self.won.append(gain)
        self.items = np.delete(self.items, place)
        self.bounds = np.delete(self.bounds, place)


def choose(
    objective: Objective,
    candidates: Ints,
    k: int,
    method: str,
    eps: float,
    certify: bool,
    rng: np.random.Generator,
) -> tuple[Ints, Floats, int, float]:
    """Return the set, its gains, the calls, and how much more there could be."""
    from boundwise.solvers.submodular.static.maximize import largest_sum

    search = _Search(objective.stack(k), candidates, k)
    bound = largest_sum(search.bounds, k)
    if method == "threshold":
        _by_threshold(search, eps)
    else:
        wanted = len(candidates)
        if method == "stochastic":
            wanted = max(1, math.ceil(wanted / k * math.log(1.0 / eps)))
        while search.is_open and _step(search, method, wanted, rng):
            pass
    chosen = np.array(search.chosen, dtype=np.int64)
    won = np.array(search.won)
    if not certify:
        return chosen, won, search.calls, math.inf
    gains = search.ask(np.arange(len(search.items)))
    left = min(largest_sum(gains, k), bound - float(won.sum()))
    return chosen, won, search.calls, max(0.0, left)


def _step(search: _Search, method: str, wanted: int, rng: np.random.Generator) -> bool:
    """Choose one element; return False if none adds anything."""
    if not search.chosen:
        # The bounds are the exact gains over the empty set.
        gains, places = search.bounds, np.arange(len(search.items))
        if method == "stochastic":
            places = _sample(search, wanted, rng)
            gains = gains[places]
    elif method == "lazy":
        places, gains = _asked_lazily(search)
    else:
        places = np.arange(len(search.items))
        if method == "stochastic":
            places = _sample(search, wanted, rng)
        gains = search.ask(places)
    # Ties go to the smaller element; items are ascending.
    order = np.lexsort((places, -gains))
    if len(order) and gains[order[0]] > 0.0:
        search.take(int(places[order[0]]), float(gains[order[0]]))
        return True
    return method == "stochastic" and _step_over_all(search)


def _step_over_all(search: _Search) -> bool:
    """Choose the best of all after a sample without any gain."""
    gains = search.ask(np.arange(len(search.items)))
    if not len(gains) or gains.max() <= 0.0:
        return False
    search.take(int(np.argmax(gains)), float(gains.max()))
    return True


def _sample(search: _Search, wanted: int, rng: np.random.Generator) -> Ints:
    n = len(search.items)
    return np.sort(rng.choice(n, size=min(wanted, n), replace=False))


def _asked_lazily(search: _Search) -> tuple[Ints, Floats]:
    """Return the places that were asked for, and their gains."""
    order = np.lexsort((search.items, -search.bounds))
    asked, batch = 0, _FIRST_BATCH
    best = -math.inf
    while asked < len(order) and search.bounds[order[asked]] >= best:
        places = order[asked : asked + batch]
        search.bounds[places] = search.ask(places)
        best = max(best, float(search.bounds[places].max()))
        asked, batch = asked + len(places), 2 * batch
    places = order[:asked]
    return places, search.bounds[places]


def _by_threshold(search: _Search, eps: float) -> None:
    level = float(search.bounds.max(initial=0.0))
    last = eps * level / max(1, len(search.items))
    while search.is_open and level > 0.0 and level >= last:
        place = 0
        while place < len(search.items) and search.is_open:
            if search.bounds[place] >= level and search.chosen:
                search.bounds[place] = search.ask(np.array([place]))[0]
            if search.bounds[place] >= level:
                search.take(place, float(search.bounds[place]))
            else:
                place += 1
        level *= 1.0 - eps
