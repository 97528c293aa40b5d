"""Local search on the incumbent as an arm; it goes on where it was at the next call."""

from typing import TYPE_CHECKING

import numpy as np

from boundwise.heuristics.local_search.ready import loop
from boundwise.heuristics.local_search.search import LocalSearch, nonzeros_of
from boundwise.heuristics.protocols import Ending, FloatVector
from boundwise.heuristics.scheduling.arm import ArmRun, NodeContext

if TYPE_CHECKING:
    from boundwise.heuristics.linear import LinearMip

#: Least share of integer variables: local search is of little use on flows.
_LEAST_INTEGER = 0.5
#: Most seconds of a call, and most work units.
_MOST_SECONDS, _MOST_WORK = 1.0, 1.0
#: Share of the gap that a solution has to close.
_GAIN = 1e-4


class LocalSearchArm:
    """Move one variable at a time."""

    def __init__(self) -> None:
        self._rows: LinearMip | None = None
        self._search: LocalSearch | None = None

    @property
    def name(self) -> str:
        """Name of the arm."""
        return "local-search"

    def is_available(self, node: NodeContext) -> bool:
        """Tell whether the problem is one for local search.

        A run that looks at the clock does not wait for the loop to be compiled.
        """
        view = node.view
        if view.incumbent is None or view.is_integer.mean() < _LEAST_INTEGER:
            return False
        if node.is_timed and not loop.is_done:
            loop.begin()
            return False
        return view.rows is not None

    def run(self, node: NodeContext) -> ArmRun:
        """Search on from the incumbent."""
        rows = node.view.rows
        assert rows is not None
        search = self._search
        if search is None or self._rows is not rows:
            loop.wait()
            search = LocalSearch(rows, seed=int(node.rng.integers(2**31 - 1)))
            self._search, self._rows = search, rows
        found = 0

        def hand_over(values: FloatVector) -> None:
            nonlocal found
            found += node.try_solution(values)

        upper = float(node.model.getUpperbound())
        allowed = min(node.allowance, _MOST_SECONDS if node.is_timed else _MOST_WORK)
        report = search.run(
            seconds=allowed if node.is_timed else np.inf,
            effort=np.inf if node.is_timed else nonzeros_of(allowed),
            on_solution=hand_over,
            start=node.view.incumbent,
            cutoff=upper - _GAIN * max(1.0, abs(upper)),
        )
        return ArmRun(
            Ending.LIMIT, n_solutions=found, budget_used=1.0, outside=report.work
        )
