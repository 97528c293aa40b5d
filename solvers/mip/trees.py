"""SCIP's tree searches as partners: one that finds, one that proves, one without costs.

The tree with FEASIBILITY emphasis, in which a bandit chooses dives of our own beside
SCIP's, finds first solutions and has then paid for its root, so it goes on until the
run stalls; then a tree with SCIP's default settings takes over, since proving is what
is left to do, and the incumbent prunes from its root on. Where there is no solution
yet, the default tree and a copy without an objective get turns too: no setting finds
solutions everywhere. What a tree proves ends the run.
"""

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from boundwise.core.status import Status
from boundwise.heuristics.protocols import MipView, StartContext
from boundwise.heuristics.scheduling.dives import dive_scheduler
from boundwise.heuristics.scip.statuses import proof_of
from boundwise.heuristics.scip.tree import TreeSearch
from boundwise.heuristics.starts.feasibility_emphasis import FeasibilityEmphasis
from boundwise.heuristics.starts.objective_free import ObjectiveFree
from boundwise.solvers.mip.parameters import LnsParameters
from boundwise.solvers.mip.presolved import PresolvedProblem
from boundwise.solvers.mip.search import Search


class FeasibilityTree:
    """Search with FEASIBILITY emphasis, and with dives that a bandit chooses.

    Parameters
    ----------
    search
        State shared by all parts of the run.
    problem
        The presolved problem.
    view
        Its arrays.
    parameters
        How long the turns are.
    rng
        Source of the seeds.
    is_lonely
        Whether no other engine waits for its turn.
    """

    name = "feasibility"
    concurrency = 1

    def __init__(
        self,
        search: Search,
        problem: PresolvedProblem,
        view: MipView,
        parameters: LnsParameters,
        rng: np.random.Generator,
        *,
        is_lonely: bool,
    ) -> None:
        self._search = search
        self._problem = problem
        self._view = view
        self._parameters = parameters
        self._root_share = parameters.lonely_root if is_lonely else parameters.root
        self._seed = _draw_seed(rng)
        self._dives = dive_scheduler(
            np.random.default_rng(self._seed), search.meter, share=parameters.dives
        )
        self._start = FeasibilityEmphasis(self._dives)
        self._root_turns = 0
        self._is_over = False

    @property
    def turn_length(self) -> float:
        """Length of a turn."""
        return self._search.budget.portion(self._parameters.tree_slice, 1.0, 30.0)

    @property
    def has_begun(self) -> bool:
        """Whether it has had a turn."""
        return self._start.tree is not None

    @property
    def is_finished(self) -> bool:
        """Whether nothing is left to search."""
        tree = self._start.tree
        return self._is_over or (tree is not None and tree.is_finished)

    def dives(self) -> list[dict[str, Any]]:
        """Return the statistics of the dives that were called."""
        return [arm.to_dict() for arm in self._dives.statistics if arm.calls]

    def is_ready(self) -> bool:
        """Tell whether there is something to search."""
        return not self.is_finished

    def retire(self) -> None:
        """Leave the search to the other tree, and release the memory."""
        self._is_over = True
        self.free()

    def take_turn(self) -> None:
        """Search on."""
        tree, search = self._start.tree, self._search
        until = None if self._has_root else self._root_is_done()
        allowance = self.turn_length if self._has_root else self._allowance()
        self._root_turns += not self._has_root
        if tree is not None:
            _run(tree, search, self._problem, allowance, until)
            return
        with search.budget.slice(allowance) as (seconds, work):
            context = StartContext(
                source=self._problem.model,
                problem=self._view,
                seconds=seconds,
                work=work,
                memory=search.memory_left(),
                seed=self._seed,
                interrupter=search.interrupter,
                meter=search.meter,
                on_solution=lambda values: search.offer(values, self.name),
                until=until or self._root_is_done(),
            )
            self._start.run(context)
        assert self._start.tree is not None
        _learn_from(self._start.tree, search, self._problem)

    def free(self) -> None:
        """Release the memory of the tree."""
        if self._start.tree is not None:
            self._start.tree.free()

    @property
    def _has_root(self) -> bool:
        tree = self._start.tree
        return tree is not None and tree.relaxation is not None

    def _allowance(self) -> float:
        """Return what a turn may take: more while it has its root LP to solve.

        An LP that is stopped begins anew: on one instance 8 seconds solve it at once,
        and slices of 6 seconds never. Each attempt is therefore twice as long, and the
        first one long already where no other engine could use the time.
        """
        first = self._search.budget.portion(self._root_share, 1.0, 60.0)
        return 2.0**self._root_turns * first

    def _root_is_done(self) -> Callable[[], bool]:
        """Return whether a turn has had its length, and the root LP is solved."""
        budget = self._search.budget
        end = budget.spent() + self.turn_length

        def done() -> bool:
            return self._has_root and budget.spent() >= end

        return done


class ObjectiveFreeTree:
    """Look for any solution at all; only while there is none.

    Parameters
    ----------
    search, problem, view, parameters, rng
        See `FeasibilityTree`.
    feasibility
        The tree that has the first turn.
    """

    name = "objective-free"
    concurrency = 1

    def __init__(
        self,
        search: Search,
        problem: PresolvedProblem,
        view: MipView,
        parameters: LnsParameters,
        rng: np.random.Generator,
        feasibility: FeasibilityTree,
    ) -> None:
        self._search = search
        self._problem = problem
        self._view = view
        self._parameters = parameters
        self._seed = _draw_seed(rng)
        self._feasibility = feasibility
        self._start = ObjectiveFree()

    @property
    def turn_length(self) -> float:
        """Length of a turn."""
        return self._search.budget.portion(self._parameters.tree_slice, 1.0, 30.0)

    def is_ready(self) -> bool:
        """Tell whether there is still no solution."""
        none = self._search.x is None and self._feasibility.has_begun
        return none and not self._start.is_finished

    def take_turn(self) -> None:
        """Search on."""
        search = self._search
        with search.budget.slice(self.turn_length) as (seconds, work):
            context = StartContext(
                source=self._problem.model,
                problem=self._view,
                seconds=seconds,
                work=work,
                memory=search.memory_left(),
                seed=self._seed,
                interrupter=search.interrupter,
                meter=search.meter,
                on_solution=lambda values: search.offer(values, self.name),
                until=lambda: search.x is not None,
            )
            self._start.run(context)
        if self._start.proves_infeasible and search.x is None:
            search.proof = Status.INFEASIBLE

    def free(self) -> None:
        """Release the memory of the model."""
        self._start.free()


class ProvingTree:
    """Search with SCIP's default settings.

    Parameters
    ----------
    search, problem, parameters, rng
        See `FeasibilityTree`.
    options
        The user's own SCIP parameters.
    feasibility
        The tree that it takes over from.
    alongside
        Whether it searches from the beginning, beside the other tree.
    """

    name = "tree"
    concurrency = 1

    def __init__(
        self,
        search: Search,
        problem: PresolvedProblem,
        parameters: LnsParameters,
        rng: np.random.Generator,
        options: Mapping[str, Any] | None,
        feasibility: FeasibilityTree,
        *,
        alongside: bool,
    ) -> None:
        self._search = search
        self._problem = problem
        self._parameters = parameters
        self._seed = _draw_seed(rng)
        self._options = options
        self._feasibility = feasibility
        self._alongside = alongside
        self._tree: TreeSearch | None = None

    @property
    def turn_length(self) -> float:
        """Length of a turn."""
        return self._search.budget.portion(self._parameters.tree_slice, 1.0, 30.0)

    @property
    def is_finished(self) -> bool:
        """Whether nothing is left to search."""
        return self._tree is not None and self._tree.is_finished

    def is_ready(self) -> bool:
        """Tell whether it has begun, or the run has stalled, or nothing was found."""
        if self._tree is not None or self._alongside or self._feasibility.is_finished:
            return not self.is_finished
        return self._has_stalled or (
            self._search.x is None and self._feasibility.has_begun
        )

    def take_turn(self) -> None:
        """Search on."""
        search = self._search
        if self._tree is None:
            self._tree = TreeSearch(
                self._problem.model,
                seed=self._seed,
                interrupter=search.interrupter,
                meter=search.meter,
                on_solution=lambda values: search.offer(values, self.name),
                options=self._options,
            )
        if self._has_stalled and not self._alongside:
            self._feasibility.retire()
        had_none = search.x is None
        until = (lambda: search.x is not None) if had_none else None
        _run(self._tree, search, self._problem, self.turn_length, until)

    def free(self) -> None:
        """Release the memory of the tree."""
        if self._tree is not None:
            self._tree.free()

    @property
    def _has_stalled(self) -> bool:
        return stall_of(self._search, self._parameters) >= 1.0


def stall_of(search: Search, parameters: LnsParameters) -> float:
    """Return for how long a run has found nothing; from 1 on, it has stalled."""
    patience = search.budget.portion(parameters.patience, 5.0, 300.0)
    return search.patience_used(patience, parameters.patience_pulls)


def _run(
    tree: TreeSearch,
    search: Search,
    problem: PresolvedProblem,
    amount: float,
    until: Callable[[], bool] | None = None,
) -> None:
    best = search.pool.best if search.pool else None
    with search.budget.slice(amount) as (seconds, work):
        tree.run(
            seconds,
            work,
            memory=search.memory_left(),
            incumbent=best.values if best else None,
            until=until,
        )
    _learn_from(tree, search, problem)


def _learn_from(tree: TreeSearch, search: Search, problem: PresolvedProblem) -> None:
    with search.lock:
        if tree.relaxation is not None:
            search.relaxation = tree.relaxation
        if tree.status == "memlimit":
            search.out_of_memory = True
        search.raise_bound(tree.bound, "tree")
        if tree.status == "optimal" and tree.is_sound:
            search.close_gap_at(problem.to_user(tree.objective), "tree")
        if search.proof is None:
            search.proof = proof_of(tree.status, found=search.x is not None)


def _draw_seed(rng: np.random.Generator) -> int:
    return int(rng.integers(2**31 - 1))
