"""A tree search of SCIP as partners hold it: where it runs, and what the run learns.

    small problems      in this process; a turn that ends within an LP loses that LP
    large ones          in a process of its own, which is suspended between turns, and
                        with little presolving, since the problem has been presolved

A run that is limited by work, or too short for another process to come up, or of
constraints that are not rows, stays in this process; so does a tree whose process has
failed, which begins anew here.
"""

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

import numpy as np

from boundwise.heuristics.engines.scip_tree import SuspendedTree
from boundwise.heuristics.linear import LinearMip
from boundwise.heuristics.scheduling.dives import dive_scheduler
from boundwise.heuristics.scip.protocols import Tree
from boundwise.heuristics.scip.settings import changed_parameters, presolve_again
from boundwise.heuristics.scip.statuses import proof_of
from boundwise.heuristics.scip.transfer import copy_model
from boundwise.heuristics.scip.tree import TreeSearch
from boundwise.solvers.mip.presolved import PresolvedProblem
from boundwise.solvers.mip.search import Search

if TYPE_CHECKING:
    from boundwise.heuristics.scheduling.scheduler import Scheduler

#: Seconds below which starting other processes takes too much of a run.
SHORT = 5.0


class PlantedTree:
    """Search the presolved problem in slices, and tell the run what is found.

    Parameters
    ----------
    search
        State shared by all parts of the run.
    problem
        The presolved problem.
    mip
        It as rows, or None if it has other constraints.
    name
        Under which solutions are booked.
    seed
        Seed of all random choices.
    feasibility
        Whether to look for solutions first, see `TreeSearch`.
    options
        The user's own SCIP parameters.
    dives
        Share of the search for dives of our own, or None for none.
    """

    def __init__(
        self,
        search: Search,
        problem: PresolvedProblem,
        mip: LinearMip | None,
        *,
        name: str,
        seed: int,
        feasibility: bool = False,
        options: Mapping[str, Any] | None = None,
        dives: float | None = None,
    ) -> None:
        self._search = search
        self._problem = problem
        self._mip = mip
        self._name = name
        self._seed = seed
        self._feasibility = feasibility
        self._options = options
        self._dives = dives
        self._presolve = presolve_again(mip)
        self._scheduler: Scheduler | None = None
        self._tree: Tree | None = None
        self._freed = False
        self.failure: str | None = None

    @property
    def is_apart(self) -> bool:
        """Whether it runs in a process of its own, and so goes on within an LP."""
        search, mip = self._search, self._mip
        return (
            self.failure is None
            and mip is not None
            and self._presolve != "default"
            and not search.meter.is_limited
            and search.deadline.time_limit >= SHORT
        )

    @property
    def has_begun(self) -> bool:
        """Whether it has had a slice."""
        return self._tree is not None

    @property
    def has_root(self) -> bool:
        """Whether the LP of the root is solved."""
        return self._tree is not None and self._tree.relaxation is not None

    @property
    def is_finished(self) -> bool:
        """Whether nothing is left to search."""
        return self._freed or (self._tree is not None and self._tree.is_finished)

    def dives(self) -> list[dict[str, Any]]:
        """Return the statistics of the dives that were called."""
        if isinstance(self._tree, SuspendedTree):
            return self._tree.dives
        if self._scheduler is None:
            return []
        return [arm.to_dict() for arm in self._scheduler.statistics if arm.calls]

    def run(self, amount: float, until: Callable[[], bool] | None = None) -> None:
        """Search for a slice.

        Parameters
        ----------
        amount
            Its length, in the unit of the budget.
        until
            Asked now and then; the slice ends when it returns true.
        """
        search = self._search
        if self._tree is None:
            self._tree = self._make()
        best = search.pool.best if search.pool else None
        with search.budget.slice(amount) as (seconds, work):
            self._tree.run(
                seconds,
                work,
                memory=search.memory_left(),
                incumbent=best.values if best else None,
                until=until,
            )
        self._learn_from(self._tree)
        if isinstance(self._tree, SuspendedTree) and self._tree.failure is not None:
            self.failure = self._tree.failure
            self._tree.free()
            self._tree = None

    def free(self) -> None:
        """Release the memory; nothing is left to search then."""
        self._freed = True
        if self._tree is not None:
            self._tree.free()

    def _make(self) -> Tree:
        search = self._search
        if self.is_apart:
            assert self._mip is not None
            return SuspendedTree(
                self._mip,
                parameters=changed_parameters(self._problem.model),
                seed=self._seed,
                interrupter=search.interrupter,
                on_solution=self._offer,
                feasibility=self._feasibility,
                presolve=self._presolve,
                options=self._options,
                dives=self._dives,
            )
        if self._dives is not None:
            rng = np.random.default_rng(self._seed)
            self._scheduler = dive_scheduler(rng, search.meter, share=self._dives)
        return TreeSearch(
            *copy_model(self._problem.model),
            seed=self._seed,
            interrupter=search.interrupter,
            meter=search.meter,
            on_solution=self._offer,
            feasibility=self._feasibility,
            presolve=self._presolve,
            options=self._options,
            plugin=self._scheduler,
        )

    def _offer(self, values: np.ndarray) -> None:
        self._search.offer(values, self._name)

    def _learn_from(self, tree: Tree) -> None:
        search = self._search
        with search.lock:
            if tree.relaxation is not None:
                search.relaxation = tree.relaxation
            if tree.status == "memlimit":
                search.out_of_memory = True
            search.raise_bound(tree.bound, "tree")
            if tree.status == "optimal" and tree.is_sound:
                search.close_gap_at(self._problem.to_user(tree.objective), "tree")
            if search.proof is None:
                search.proof = proof_of(tree.status, found=search.x is not None)
