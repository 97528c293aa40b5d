"""Local search on the rows as a partner: it improves the incumbent, or finds the first.

Its turns are short and start from the incumbent of the run, unless that is where it is
already; weights and tabus are kept between turns.
"""

import math

from boundwise.heuristics.linear import LinearMip
from boundwise.heuristics.local_search.ready import loop
from boundwise.heuristics.local_search.search import LocalSearch, nonzeros_of
from boundwise.solvers.mip.parameters import LnsParameters
from boundwise.solvers.mip.search import Search

#: Turns without a gain after which it is a waste to go on before there is news, where
#: there is a solution and where there is none.
_PATIENCE, _PATIENCE_WITHOUT = 3, 12
#: Seconds up to which a run is not worth compiling anything for.
_SHORT = 1.0


class LocalSearchPartner:
    """Improve the incumbent by moving one variable at a time.

    Parameters
    ----------
    mip
        The presolved problem as rows.
    search
        State shared by all parts of the run.
    parameters
        How long the turns are.
    seed
        Seed of its choices.
    """

    name = "local-search"
    concurrency = 1

    def __init__(
        self, mip: LinearMip, search: Search, parameters: LnsParameters, seed: int
    ) -> None:
        self._search = search
        self._parameters = parameters
        self._mip = mip
        self._seed = seed
        self._local: LocalSearch | None = None
        self._best_seen = math.inf
        self._fruitless = 0
        self._is_useful = len(mip.integers) > 0

    @property
    def turn_length(self) -> float:
        """Length of a turn."""
        return self._search.budget.portion(self._parameters.local_slice, 0.5, 5.0)

    def is_ready(self) -> bool:
        """Tell whether it has not been stuck for too long where the run stands."""
        search = self._search
        if not self._is_useful:
            return False
        # Where it has to be compiled first, others use the time; a reproducible run
        # does not look at the clock, and waits.
        if not (loop.is_done or search.meter.is_limited):
            if search.deadline.elapsed() > _SHORT:
                loop.begin()
            return False
        patience = _PATIENCE if search.x is not None else _PATIENCE_WITHOUT
        return self._fruitless < patience or search.best < self._best_seen

    def take_turn(self) -> None:
        """Search on."""
        search = self._search
        before = search.best
        if before < self._best_seen:
            self._fruitless = 0
        best = search.pool.best if search.pool else None
        with search.budget.slice(self.turn_length) as (seconds, work):
            if not loop.wait(seconds, search.interrupter):
                return
            if self._local is None:
                self._local = LocalSearch(self._mip, seed=self._seed)
            report = self._local.run(
                seconds=math.inf if search.meter.is_limited else seconds,
                effort=nonzeros_of(work),
                start=best.values if best else None,
                cutoff=before,
                on_solution=lambda values: search.offer(values, self.name),
                interrupter=search.interrupter,
                until=lambda: search.is_converged,
            )
        search.meter.charge(report.work)
        self._best_seen = search.best
        self._fruitless = 0 if self._best_seen < before else self._fruitless + 1

    def free(self) -> None:
        """Hold nothing that needs releasing."""
