"""The published search: swaps of pairs that the KKT conditions point at.

At a weight matrix W with order pi, a pair (i, j) with j before i is a candidate if the
edge i -> j would add little to cycles and has a gradient:

    Y(tau) = { (i, j) : grad h(W)_ij <= tau, |grad Q(W)_ij| > 0 }.

1. Exchange the positions of each pair of the small set, refitting the nodes between.
2. If some improve: apply them by ascending score, each unless its window of positions
   meets one already taken; go to 1.
3. Else do so with the rest of the large set, so many times in all, or stop.

Deng, Bello, Aragam, Ravikumar (2023), arXiv:2305.17277, sections 4 and 5.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from boundwise.core.arguments import as_count
from boundwise.core.errors import InputError
from boundwise.solvers.dag.descent import GAIN_TOL
from boundwise.solvers.dag.engines import Engine, Neighbourhood, TableEngine
from boundwise.solvers.dag.moments import Floats, Ints
from boundwise.solvers.dag.moves import feasible_ranges
from boundwise.solvers.dag.problem import OrderProblem
from boundwise.solvers.dag.search import Found, Recorder, best_of_starts
from boundwise.solvers.dag.stopping import Stopper, StopSearch
from boundwise.solvers.dag.walks import NAMES, walk_weights

#: Gradient, relative to the largest, that counts as none.
_NO_GRADIENT = 1e-12


@dataclass(frozen=True, slots=True)
class KktNeighbourhood:
    """Parameters of the published search.

    Parameters
    ----------
    h
        Acyclicity function: ``"logdet"``, ``"polynomial"`` or ``"exponential"``.
    small, large
        Numbers of pairs in the two sets, exactly (ties are cut, the larger gradient
        first); None for 1.5 d and sqrt(d) (d - 1) log10(d).
    large_uses
        How often the large set may help; None for d / 10, at least once.
    """

    h: str = "logdet"
    small: int | None = None
    large: int | None = None
    large_uses: int | None = None

    def __post_init__(self) -> None:
        """Validate."""
        if self.h not in NAMES:
            raise InputError(f"h must be one of {NAMES}, got {self.h!r}.")
        for name in ("small", "large", "large_uses"):
            value = getattr(self, name)
            if value is not None:
                as_count(name, value, least=0)

    def sizes(self, d: int) -> tuple[int, int, int]:
        """Return the sizes of both sets and the uses of the large one, for d nodes."""
        pairs = d * (d - 1) // 2
        wide = min(int(math.sqrt(d) * (d - 1) * math.log10(max(d, 1))), pairs)
        small = min(int(1.5 * d), wide) if self.small is None else self.small
        large = max(small, wide) if self.large is None else self.large
        uses = max(1, d // 10) if self.large_uses is None else self.large_uses
        return min(small, pairs), min(max(small, large), pairs), uses


def run_kkt(
    problem: OrderProblem,
    starts: Sequence[Ints],
    neighbourhood: KktNeighbourhood,
    stopper: Stopper,
    n_jobs: int | None = None,
) -> Found:
    """Search from several orders by the published algorithm; return the best answer.

    Parameters
    ----------
    problem
        Score, data and constraints.
    starts
        The orders to start from.
    neighbourhood
        Parameters.
    stopper
        When to stop: the first start is always looked at.
    n_jobs
        Threads, as in joblib.
    """
    make = problem.engines(Neighbourhood(), [0] * len(starts))

    def one(number: int) -> Found:
        return _from(problem, make(number), starts[number], neighbourhood, stopper)

    return best_of_starts(one, len(starts), stopper, n_jobs)


def _from(
    problem: OrderProblem,
    engine: Engine,
    start: Ints,
    neighbourhood: KktNeighbourhood,
    stopper: Stopper,
) -> Found:
    small, large, uses = neighbourhood.sizes(len(start))
    engine.start(start)
    if isinstance(engine, TableEngine):
        engine.set_check(stopper.check)
    record = Recorder(engine, stopper)
    try:
        while True:
            stopper.check()
            pairs = candidates(problem, engine, neighbourhood.h)
            if not _apply_best(engine, pairs[:small]):
                if not uses or not _apply_best(engine, pairs[small:large]):
                    break
                uses -= 1
            record.step()
    except StopSearch:
        record.stopped()
    return record.finish()


def candidates(problem: OrderProblem, engine: Engine, h: str) -> Ints:
    """Return position pairs (p, q), p < q, by ascending gradient of h.

    Parameters
    ----------
    problem
        Score, data and constraints.
    engine
        State of the search.
    h
        Acyclicity function.
    """
    order, W = engine.order, engine.weights()
    d = len(order)
    walks = walk_weights(np.abs(W[np.ix_(order, order)]), h)
    if problem.linear is None:
        slopes: Floats = np.ones((d, d))
    else:
        moments, required = problem.moments, problem.constraints.required
        slopes = problem.linear.slopes(moments, W, required)
    allowed = problem.constraints.allowed
    # Position p holds j, position q holds i: the edge i -> j is not in this order.
    slopes = np.where(allowed, slopes, 0.0)[np.ix_(order, order)].T
    low, high = feasible_ranges(order, problem.constraints.before)
    place = np.arange(d)
    feasible = (low[None, :] <= place[:, None]) & (high[:, None] >= place[None, :])
    upper = np.triu(feasible & (slopes > _NO_GRADIENT * slopes.max(initial=0.0)), 1)
    p, q = np.nonzero(upper)
    best_first = np.lexsort((-slopes[p, q], walks[p, q]))
    return np.column_stack([p, q])[best_first].astype(np.int64)


def _apply_best(engine: Engine, pairs: Ints) -> bool:
    """Evaluate swaps, apply the improving ones greedily; tell whether any does."""
    if not len(pairs):
        return False
    value = engine.value
    gains = engine.pair_gains(pairs)
    least = GAIN_TOL * abs(value)
    taken = np.zeros(len(engine.order), dtype=np.bool_)
    chosen = []
    for t in np.argsort(-gains, kind="stable"):
        p, q = pairs[t]
        if gains[t] <= least:
            break
        if not taken[p : q + 1].any():
            taken[p : q + 1] = True
            chosen.append(pairs[t])
    if not chosen:
        return False
    engine.swap(np.array(chosen))
    return engine.value < value
