"""Start: Feasibility Jump, and the LP for the continuous variables.

No LP relaxation is needed: from the point nearest to zero, variables jump to the values
of least weighted violation, and rows that stay violated gain weight. Luteberget and
Sartor (2023), doi:10.1007/s12532-023-00234-8.
"""

import math

from boundwise.core.arguments import as_number
from boundwise.core.clock import now
from boundwise.heuristics.linear import LinearMip
from boundwise.heuristics.local_search.ready import loop
from boundwise.heuristics.local_search.search import LocalSearch, nonzeros_of
from boundwise.heuristics.protocols import StartContext
from boundwise.heuristics.scip.rows import linear_mip


class FeasibilityJump:
    """Jump to a first solution; a later run goes on where the one before has stopped.

    Parameters
    ----------
    mip
        The presolved problem as linear rows, or None to take it from the context.
    effort
        Most nonzeros that all runs together look at: a second or two.

    Raises
    ------
    InputError
        If ``effort`` is not positive.
    """

    name = "feasibility-jump"

    def __init__(self, mip: LinearMip | None = None, effort: float = 6e7) -> None:
        self._mip = mip
        self._left = as_number("effort", effort, above=0, finite=False)
        self._search: LocalSearch | None = None
        self._refused = False

    def run(self, context: StartContext) -> None:
        """Search until there is a solution, the slice ends or the effort is used.

        A problem with constraints that are not linear is left alone.
        """
        is_limited = context.meter.is_limited
        seconds = math.inf if is_limited else context.seconds
        began = now()
        if self._refused or not loop.wait(seconds, context.interrupter):
            return
        if self._search is None:
            mip = self._mip or linear_mip(context.source)
            if mip is None:
                self._refused = True
                return
            self._search = LocalSearch(mip, seed=context.seed, by_amounts=True)
        if self._search.best is not None:
            return
        search = self._search
        report = search.run(
            seconds=max(0.0, seconds - (now() - began)),
            effort=min(self._left, nonzeros_of(context.work)),
            on_solution=context.on_solution,
            interrupter=context.interrupter,
            until=lambda: (
                search.best is not None or (not is_limited and context.until())
            ),
        )
        self._left = max(0.0, self._left - report.effort)
        context.meter.charge(report.work)
