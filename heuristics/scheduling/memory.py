"""What a scheduler keeps from call to call: arrays, root LP, good solutions.

All of it is in the order of the transformed variables, and is thrown away when a
restart changes them.
"""

import math
from collections.abc import Callable
from typing import Any

import numpy as np
from scipy import sparse

from boundwise.heuristics.dives.view import ScipView
from boundwise.heuristics.linear import LinearMip
from boundwise.heuristics.pool import SolutionPool
from boundwise.heuristics.protocols import (
    FloatVector,
    MipView,
    Relaxation,
    SearchState,
)
from boundwise.heuristics.scip.columns import reduced_costs
from boundwise.heuristics.scip.transfer import read_values

#: SCIP's own solutions that are read when a tree search begins.
_FIRST_SOLUTIONS = 5


class TreeMemory:
    """Remember one tree search.

    Parameters
    ----------
    model
        A ``pyscipopt.Model`` in the solving stage.
    make_rows
        Returns the linear rows in the order of the transformed variables, or None.
    """

    def __init__(
        self, model: Any, make_rows: Callable[[Any], LinearMip | None] | None = None
    ) -> None:
        self._model = model
        rows = None if make_rows is None else (lambda: make_rows(model))
        self.view = ScipView(model, rows)
        self.root: Relaxation | None = None
        self._root_lps = 0
        self._next_record = 1
        self._problem: MipView | None = None
        self._pool: SolutionPool | None = None
        self._known: FloatVector | None = None

    def record_root(self) -> None:
        """Keep the LP of the root, at doubling intervals: reading it takes time."""
        self._root_lps += 1
        if self._root_lps < self._next_record:
            return
        self._next_record = 2 * self._root_lps
        view = self.view
        view.root = view.values()
        self.root = Relaxation(
            view.root,
            float(view.objective @ view.root),
            reduced_costs(self._model, view.variables),
        )

    def state(self) -> SearchState:
        """Return where the search stands at a node whose LP is solved.

        Before the first solution, the one of the LP stands for the current one.
        """
        model, incumbent = self._model, self.view.incumbent
        values = self.view.values()
        here = Relaxation(values, float(self.view.objective @ values))
        bound = model.getLowerbound()
        known: tuple[FloatVector, ...] = ()
        if incumbent is not None:
            pool = self._current_pool(incumbent)
            known = tuple(solution.values for solution in pool)
        return SearchState(
            problem=self._current_problem(),
            current=values if incumbent is None else incumbent,
            best_objective=math.inf if incumbent is None else model.getUpperbound(),
            bound=-math.inf if model.isInfinity(abs(bound)) else float(bound),
            pool=known,
            relaxation=self.root,
            node_relaxation=here,
        )

    def _current_problem(self) -> MipView:
        if self._problem is None:
            view = self.view
            rows = view.rows
            lower, upper = view.global_bounds()
            # The graph guides neighbourhoods; without rows it has no edges.
            incidence = sparse.csr_array(np.zeros((0, view.n_variables)))
            if rows is not None:
                incidence = rows.matrix
            self._problem = MipView(
                lower, upper, view.objective, view.is_integer, incidence
            )
        return self._problem

    def _current_pool(self, incumbent: FloatVector) -> SolutionPool:
        if self._pool is None:
            self._pool = SolutionPool(self.view.is_integer)
            for solution in self._model.getSols()[:_FIRST_SOLUTIONS]:
                self._add(read_values(self._model, solution, self.view.variables))
        if incumbent is not self._known:
            self._known = incumbent
            self._add(incumbent)
        return self._pool

    def _add(self, values: FloatVector) -> None:
        assert self._pool is not None
        self._pool.add(values, float(self.view.objective @ values))
