"""Quick starts as a partner: cheap ways to first solutions, each tried once.

They come first, because they need no LP relaxation: on problems whose root LP takes
long, neighbourhoods have something to search around before the tree has begun. All are
tried even if the first succeeds: they cost a second, and their solutions differ.
"""

from collections.abc import Sequence

import numpy as np

from boundwise.heuristics.protocols import MipView, Start, StartContext
from boundwise.solvers.mip.parameters import LnsParameters
from boundwise.solvers.mip.presolved import PresolvedProblem
from boundwise.solvers.mip.search import Search

#: Rounds of trying all starts: each goes on where it has stopped.
_MOST_ROUNDS = 5


class QuickStarts:
    """Try each start once, and again while there is no solution.

    Parameters
    ----------
    starts
        In the order of trying.
    search
        State shared by all parts of the run.
    problem
        The presolved problem.
    view
        Its arrays.
    parameters
        How long each may take.
    rng
        Source of seeds.
    """

    name = "quick-start"
    concurrency = 1

    def __init__(
        self,
        starts: Sequence[Start],
        search: Search,
        problem: PresolvedProblem,
        view: MipView,
        parameters: LnsParameters,
        rng: np.random.Generator,
    ) -> None:
        self._starts = tuple(starts)
        self._rounds = 0
        self._search = search
        self._problem = problem
        self._view = view
        self._parameters = parameters
        self._rng = rng

    @property
    def turn_length(self) -> float:
        """Most that one start takes."""
        return self._search.budget.portion(self._parameters.quick_start, 0.5, 5.0)

    def is_ready(self) -> bool:
        """Tell whether they were not tried, or have not been enough."""
        if self._rounds == 0:
            return True
        return self._search.x is None and self._rounds < _MOST_ROUNDS

    def take_turn(self) -> None:
        """Try one start after the other."""
        search = self._search
        self._rounds += 1
        for start in self._starts:
            if search.reason_to_stop() is None:
                self._try(start)

    def _try(self, start: Start) -> None:
        search = self._search
        with search.budget.slice(self.turn_length) as (seconds, work):
            context = StartContext(
                source=self._problem.model,
                problem=self._view,
                seconds=seconds,
                work=work,
                memory=search.memory_left(),
                seed=int(self._rng.integers(2**31 - 1)),
                interrupter=search.interrupter,
                meter=search.meter,
                on_solution=lambda values: search.offer(
                    values, f"{self.name}/{start.name}"
                ),
                until=lambda: search.is_converged,
            )
            start.run(context)

    def free(self) -> None:
        """Hold nothing that needs releasing."""
