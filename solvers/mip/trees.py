"""The tree searches of a run: the one that finds first solutions, the one that proves.

The start runs SCIP with FEASIBILITY emphasis; if that finds nothing, a copy without an
objective and a tree with SCIP's default settings get their turns. The emphasised tree
has then paid for its root, so slices of tree search go on with it until the run stalls;
then a tree with SCIP's default settings takes over, since proving is what is left to
do, and the incumbent prunes from its root on.
"""

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from boundwise.core.status import Status
from boundwise.heuristics.protocols import MipView, Relaxation, Start, StartContext
from boundwise.heuristics.scip.statuses import proof_of
from boundwise.heuristics.scip.tree import TreeSearch
from boundwise.heuristics.starts.feasibility_emphasis import FeasibilityEmphasis
from boundwise.heuristics.starts.objective_free import ObjectiveFree
from boundwise.solvers.mip.parameters import LnsParameters
from boundwise.solvers.mip.presolved import PresolvedProblem
from boundwise.solvers.mip.search import Search


class Trees:
    """Run the tree searches in slices and learn from them.

    Parameters
    ----------
    search
        State shared by all parts of the run.
    problem
        The presolved problem.
    view
        Its arrays.
    parameters
        How long the slices are.
    rng
        Source of the seeds.
    options
        The user's own SCIP parameters.
    """

    def __init__(
        self,
        search: Search,
        problem: PresolvedProblem,
        view: MipView,
        parameters: LnsParameters,
        rng: np.random.Generator,
        options: Mapping[str, Any] | None,
    ) -> None:
        self._search = search
        self._problem = problem
        self._view = view
        self._parameters = parameters
        self._rng = rng
        self._options = options
        self._start = FeasibilityEmphasis()
        self._any_solution = ObjectiveFree()
        self._default: TreeSearch | None = None
        self.relaxation: Relaxation | None = None
        self.proof: Status | None = None

    @property
    def slice_length(self) -> float:
        """Length of one slice, in the unit of the budget."""
        return self._search.budget.portion(self._parameters.tree_slice, 1.0, 30.0)

    @property
    def is_finished(self) -> bool:
        """Whether the tree whose turn it is has nothing left to search."""
        tree = self._default or self._start.tree
        return tree is not None and tree.is_finished

    def find_first(self) -> None:
        """Look for first solutions until there are some and news become rare."""
        search, parameters = self._search, self._parameters
        amount = search.budget.portion(parameters.start, 1.0, 60.0)
        turns = (self._run_emphasis, self._run_objective_free, self._run_default)
        while True:
            # No setting finds solutions everywhere: let them take turns.
            for turn in turns:
                if self.proof is not None or search.reason_to_stop() is not None:
                    return
                turn(amount)
                if search.x is not None or self.is_finished:
                    return
            amount *= 2.0

    def run_slice(self, *, stalled: bool) -> None:
        """Run one slice of the tree whose turn it is.

        Parameters
        ----------
        stalled
            Whether the run has found nothing for long: time to prove.
        """
        if self._default is None and (self._start.tree is None or stalled):
            self._use_default()
        tree = self._default or self._start.tree
        assert tree is not None
        if not tree.is_finished:
            self._run(tree, self.slice_length, None)

    def free(self) -> None:
        """Release the memory of all trees."""
        self._any_solution.free()
        for tree in (self._default, self._start.tree):
            if tree is not None:
                tree.free()

    def _run_emphasis(self, amount: float) -> None:
        search = self._search
        # Nothing else is quicker before the root LP is solved, and stopping right after
        # it would waste it: then the start may take twice as long. (A run limited by
        # work does not ask in between.)
        allowed = amount if search.meter.is_limited else 2.0 * amount
        self._begin(self._start, allowed, self._enough(amount))
        assert self._start.tree is not None
        self._learn_from(self._start.tree)

    def _run_objective_free(self, amount: float) -> None:
        self._begin(self._any_solution, amount, lambda: self._search.x is not None)
        if self._any_solution.proves_infeasible and self._search.x is None:
            self.proof = Status.INFEASIBLE

    def _run_default(self, amount: float) -> None:
        self._run(self._use_default(), amount, lambda: self._search.x is not None)

    def _begin(self, start: Start, amount: float, until: Callable[[], bool]) -> None:
        search = self._search
        with search.budget.slice(amount) as (seconds, work):
            start.run(
                StartContext(
                    source=self._problem.model,
                    problem=self._view,
                    seconds=seconds,
                    work=work,
                    memory=search.memory_left(),
                    seed=self._draw_seed(),
                    interrupter=search.interrupter,
                    meter=search.meter,
                    on_solution=lambda values: search.offer(
                        values, f"start/{start.name}"
                    ),
                    until=until,
                )
            )

    def _enough(self, amount: float) -> Callable[[], bool]:
        search, budget = self._search, self._search.budget
        stall = budget.portion(self._parameters.start_stall, 0.5, 10.0)
        end = budget.spent() + amount
        relaxed_at: float | None = None

        def enough() -> bool:
            nonlocal relaxed_at
            if self._start.tree is None or self._start.tree.relaxation is None:
                return False
            now = budget.spent()
            if relaxed_at is None:
                relaxed_at = now
            news = max(search.improved_at, relaxed_at)
            if search.x is not None and now - news > stall:
                return True
            return now > max(end, relaxed_at + 0.5 * amount)

        return enough

    def _run(
        self, tree: TreeSearch, amount: float, until: Callable[[], bool] | None
    ) -> None:
        search = self._search
        best = search.pool.best if search.pool else None
        with search.budget.slice(amount) as (seconds, work):
            tree.run(
                seconds,
                work,
                memory=search.memory_left(),
                incumbent=best.values if best else None,
                until=until,
            )
        self._learn_from(tree)

    def _use_default(self) -> TreeSearch:
        if self._default is None:
            search = self._search
            self._default = TreeSearch(
                self._problem.model,
                seed=self._draw_seed(),
                interrupter=search.interrupter,
                meter=search.meter,
                on_solution=lambda values: search.offer(values, "tree"),
                options=self._options,
            )
        return self._default

    def _learn_from(self, tree: TreeSearch) -> None:
        search = self._search
        if tree.relaxation is not None:
            self.relaxation = tree.relaxation
        if tree.status == "memlimit":
            search.out_of_memory = True
        search.raise_bound(tree.bound, "tree")
        if tree.status == "optimal" and tree.is_sound:
            search.close_gap_at(self._problem.to_user(tree.objective), "tree")
        if self.proof is None:
            self.proof = proof_of(tree.status, found=search.x is not None)

    def _draw_seed(self) -> int:
        return int(self._rng.integers(2**31 - 1))
