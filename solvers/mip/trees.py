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
from boundwise.heuristics.linear import LinearMip
from boundwise.heuristics.protocols import MipView, StartContext
from boundwise.heuristics.scip.settings import presolve_again
from boundwise.heuristics.starts.objective_free import ObjectiveFree
from boundwise.solvers.mip.parameters import LnsParameters
from boundwise.solvers.mip.planted import PlantedTree
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
    mip
        It as rows, or None if it has other constraints.
    parameters
        How long the turns are.
    rng
        Source of the seeds.
    """

    name = "feasibility"
    concurrency = 1

    def __init__(
        self,
        search: Search,
        problem: PresolvedProblem,
        mip: LinearMip | None,
        parameters: LnsParameters,
        rng: np.random.Generator,
    ) -> None:
        self._search = search
        self._parameters = parameters
        self._root_turns = 0
        self._spent = 0.0
        self._tree = PlantedTree(
            search,
            problem,
            mip,
            name=self.name,
            seed=_draw_seed(rng),
            feasibility=True,
            dives=parameters.dives,
        )

    @property
    def turn_length(self) -> float:
        """Length of a turn."""
        return self._search.budget.portion(self._parameters.tree_slice, 1.0, 30.0)

    @property
    def has_tried(self) -> bool:
        """Whether it has had its time to find a first solution."""
        budget, parameters = self._search.budget, self._parameters
        enough = budget.portion(parameters.first_tree, 1.0, 600.0)
        return self.is_finished or self._spent >= enough

    @property
    def is_finished(self) -> bool:
        """Whether nothing is left to search."""
        return self._tree.is_finished

    @property
    def failure(self) -> str | None:
        """Why it has lost its process, or None."""
        return self._tree.failure

    def dives(self) -> list[dict[str, Any]]:
        """Return the statistics of the dives that were called."""
        return self._tree.dives()

    def is_ready(self) -> bool:
        """Tell whether there is something to search."""
        return not self.is_finished

    def take_turn(self) -> None:
        """Search on."""
        budget = self._search.budget
        before = budget.spent()
        if self._tree.has_root:
            self._tree.run(self.turn_length)
        else:
            allowance = self._allowance()
            self._root_turns += 1
            self._tree.run(allowance, self._root_is_done())
        self._spent += budget.spent() - before

    def free(self) -> None:
        """Leave the search to the others, and release the memory."""
        self._tree.free()

    def _allowance(self) -> float:
        """Return what a turn may take: more while it has its root LP to solve.

        In this process an LP that is stopped begins anew: on one problem 8 seconds
        solve it at once, and slices of 6 seconds never. Each attempt is therefore
        twice as long as the one before.
        """
        if self._tree.is_apart:
            return self.turn_length
        first = self._search.budget.portion(self._parameters.root, 1.0, 60.0)
        return 2.0**self._root_turns * first

    def _root_is_done(self) -> Callable[[], bool]:
        """Return whether a turn has had its length, and the root LP is solved."""
        budget = self._search.budget
        end = budget.spent() + self.turn_length

        def done() -> bool:
            return self._tree.has_root and budget.spent() >= end

        return done


class ObjectiveFreeTree:
    """Look for any solution at all; only while there is none.

    Parameters
    ----------
    search, problem, mip, parameters, rng
        See `FeasibilityTree`.
    view
        The arrays of the problem.
    feasibility
        The tree that has the first turn.
    """

    name = "objective-free"
    concurrency = 1

    def __init__(
        self,
        search: Search,
        problem: PresolvedProblem,
        mip: LinearMip | None,
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
        self._start = ObjectiveFree(presolve_again(mip))

    @property
    def turn_length(self) -> float:
        """Length of a turn."""
        return self._search.budget.portion(self._parameters.tree_slice, 1.0, 30.0)

    def is_ready(self) -> bool:
        """Tell whether there is still no solution."""
        none = self._search.x is None and self._feasibility.has_tried
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
    search, problem, mip, parameters, rng
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
        mip: LinearMip | None,
        parameters: LnsParameters,
        rng: np.random.Generator,
        options: Mapping[str, Any] | None,
        feasibility: FeasibilityTree,
        *,
        alongside: bool,
    ) -> None:
        self._search = search
        self._parameters = parameters
        self._feasibility = feasibility
        self._alongside = alongside
        self._tree = PlantedTree(
            search,
            problem,
            mip,
            name=self.name,
            seed=_draw_seed(rng),
            options=options,
        )

    @property
    def turn_length(self) -> float:
        """Length of a turn."""
        return self._search.budget.portion(self._parameters.tree_slice, 1.0, 30.0)

    @property
    def is_finished(self) -> bool:
        """Whether nothing is left to search."""
        return self._tree.is_finished

    @property
    def failure(self) -> str | None:
        """Why it has lost its process, or None."""
        return self._tree.failure

    def is_ready(self) -> bool:
        """Tell whether it has begun, or the run has stalled, or nothing was found."""
        begun = self._tree.has_begun or self._alongside
        if begun or self._feasibility.is_finished:
            return not self.is_finished
        return self._has_stalled or (
            self._search.x is None and self._feasibility.has_tried
        )

    def take_turn(self) -> None:
        """Search on."""
        search = self._search
        if self._has_stalled and not self._alongside:
            self._feasibility.free()
        had_none = search.x is None
        until = (lambda: search.x is not None) if had_none else None
        self._tree.run(self.turn_length, until)

    def free(self) -> None:
        """Release the memory of the tree."""
        self._tree.free()

    @property
    def _has_stalled(self) -> bool:
        return stall_of(self._search, self._parameters) >= 1.0


def stall_of(search: Search, parameters: LnsParameters) -> float:
    """Return for how long a run has found nothing; from 1 on, it has stalled."""
    patience = search.budget.portion(parameters.patience, 5.0, 300.0)
    return search.patience_used(patience, parameters.patience_pulls)


def _draw_seed(rng: np.random.Generator) -> int:
    return int(rng.integers(2**31 - 1))
