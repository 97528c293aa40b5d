"""Adaptive large neighbourhood search over SCIP, steered by a bandit.

Loop: the policy chooses a neighbourhood; the neighbourhood fixes variables around the
current solution, as many as its adaptive rate says; SCIP searches the sub-MIP for a
better solution; the outcome adapts the rate and rewards the arm. A share of the budget
goes to slices of SCIP's tree search, which gives the dual bound and may prove
optimality; the share grows while the neighbourhoods find nothing.

The frame is that of Balans (Cai, Kadioglu, Dilkina, 2025, arXiv:2412.14382); sizes
adapt as in Hendel (2022), doi:10.1007/s12532-021-00209-7.
"""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from boundwise.core.status import Status, Termination
from boundwise.heuristics.acceptance import HillClimbing
from boundwise.heuristics.pool import SolutionPool
from boundwise.heuristics.protocols import (
    Acceptance,
    Ending,
    FloatVector,
    MipView,
    Neighbourhood,
    Outcome,
    Policy,
    Relaxation,
    Reward,
    SearchState,
    StartContext,
    Subproblem,
)
from boundwise.heuristics.rewards import EffortNormalisedReward
from boundwise.heuristics.scip.submip import (
    SubMipLimits,
    SubMipReport,
    solve_submip,
)
from boundwise.heuristics.scip.tree import TreeSearch
from boundwise.heuristics.starts.feasibility_emphasis import FeasibilityEmphasis
from boundwise.solvers.mip.arms import ArmRecord
from boundwise.solvers.mip.budget import Budget
from boundwise.solvers.mip.log import SearchLog
from boundwise.solvers.mip.parameters import LnsParameters
from boundwise.solvers.mip.presolved import PresolvedProblem
from boundwise.solvers.mip.proofs import proof_of
from boundwise.solvers.mip.search import Search


class AdaptiveLns:
    """Run the search.

    Parameters
    ----------
    search
        State shared by all parts of the run.
    problem
        The presolved problem.
    neighbourhoods
        The arms.
    policy
        Chooses among them.
    rng
        Source of all random choices.
    options
        SCIP parameters for the tree search.
    log
        Live table.
    parameters, acceptance, reward
        How to search; None for the defaults.
    """

    def __init__(
        self,
        search: Search,
        problem: PresolvedProblem,
        *,
        neighbourhoods: Sequence[Neighbourhood],
        policy: Policy,
        rng: np.random.Generator,
        log: SearchLog,
        options: Mapping[str, Any] | None = None,
        parameters: LnsParameters | None = None,
        acceptance: Acceptance | None = None,
        reward: Reward | None = None,
    ) -> None:
        self._search = search
        self._problem = problem
        self._budget = Budget(search.deadline, search.meter)
        self._view: MipView = problem.view()
        self._arms = [ArmRecord(neighbourhood) for neighbourhood in neighbourhoods]
        self._policy = policy
        self._rng = rng
        self._log = log
        self._options = options
        self._parameters = parameters or LnsParameters()
        self._acceptance = acceptance or HillClimbing()
        self._reward = reward or EffortNormalisedReward()
        self._start = FeasibilityEmphasis()
        self._tree: TreeSearch | None = None
        self._tree_spent = 0.0
        self._search_began = 0.0
        self._current: FloatVector | None = None
        self._since_improvement = 0
        self._improved_at = 0.0
        self._relaxation: Relaxation | None = None
        self.pull_log: list[tuple[float, str, float]] = []
        self.proof: Status | None = None
        search.pool = SolutionPool(self._view.is_integer)

    def run(self) -> Termination:
        """Search until a limit or a proof and return why it ended."""
        for values in self._problem.presolved_solutions():
            self._offer(values, "start/given")
        self._run_start()
        self._search_began = self._budget.spent()
        while (reason := self._reason_to_stop()) is None:
            self._log.tick(
                self._search.deadline.elapsed(),
                self._search.objective,
                self._search.bound,
            )
            if self._tree_is_due() or not self._pull():
                if self._tree is not None and self._tree.is_finished:
                    return Termination.CONVERGED
                self._run_tree()
        return reason

    def arms(self) -> list[dict[str, Any]]:
        """Return the statistics of all arms."""
        return [arm.to_dict() for arm in self._arms]

    def free(self) -> None:
        """Release the trees."""
        for tree in {self._tree, self._start.tree}:
            if tree is not None:
                tree.free()

    def _reason_to_stop(self) -> Termination | None:
        if self.proof is not None:
            return Termination.CONVERGED
        return self._search.reason_to_stop()

    def _offer(self, values: FloatVector, who: str) -> bool:
        improved = self._search.offer(values, who)
        if improved:
            self._improved_at = self._budget.spent()
            self._since_improvement = 0
            self._current = values
        return improved

    # -- start ----------------------------------------------------------------

    def _run_start(self) -> None:
        budget, parameters = self._budget, self._parameters
        stall = budget.portion(parameters.start_stall, 0.5, 10.0)

        def enough() -> bool:
            return (
                self._search.x is not None
                and budget.spent() - self._improved_at > stall
            )

        amount = budget.portion(parameters.start, 1.0, 60.0)
        emphasised = True
        while self._reason_to_stop() is None:
            if emphasised:
                seconds, work = budget.slice(amount)
                self._start.run(
                    StartContext(
                        source=self._problem.model,
                        problem=self._view,
                        seconds=seconds,
                        work=work,
                        memory=self._search.memory_left(),
                        seed=self._draw_seed(),
                        interrupter=self._search.interrupter,
                        meter=self._search.meter,
                        on_solution=lambda values: self._offer(
                            values, f"start/{self._start.name}"
                        ),
                        until=enough,
                    )
                )
                assert self._start.tree is not None
                self._learn_from(self._start.tree)
            else:
                self._run_tree(amount)
                amount *= 2.0
            if self._search.x is not None:
                return
            # Neither setting finds solutions everywhere: let them take turns.
            emphasised = not emphasised

    # -- tree -----------------------------------------------------------------

    def _tree_is_due(self) -> bool:
        if self._tree is not None and self._tree.is_finished:
            return False
        budget = self._budget
        searched = budget.spent() - self._search_began
        stalled = budget.spent() - max(self._improved_at, self._search_began)
        # How long without news is long: a fifth of the budget, or what has passed.
        patience = max(searched, budget.portion(0.2, 1.0, 120.0))
        least = self._parameters.tree_share
        share = least + (0.8 - least) * (stalled / patience) ** 2
        return self._tree_spent < share * searched

    def _run_tree(self, amount: float | None = None) -> None:
        budget = self._budget
        if amount is None:
            amount = budget.portion(self._parameters.tree_slice, 1.0, 30.0)
        tree = self._tree or self._make_tree()
        self._tree = tree
        if tree.is_finished:
            return
        before = budget.spent()
        best = self._search.pool.best if self._search.pool else None
        seconds, work = budget.slice(amount)
        tree.run(
            seconds,
            work,
            memory=self._search.memory_left(),
            incumbent=best.values if best else None,
        )
        self._tree_spent += budget.spent() - before
        self._learn_from(tree)

    def _make_tree(self) -> TreeSearch:
        return TreeSearch(
            self._problem.model,
            seed=self._draw_seed(),
            interrupter=self._search.interrupter,
            meter=self._search.meter,
            on_solution=lambda values: self._offer(values, "tree"),
            options=self._options,
        )

    def _learn_from(self, tree: TreeSearch) -> None:
        search = self._search
        if tree.relaxation is not None:
            self._relaxation = tree.relaxation
        if tree.status == "memlimit":
            search.out_of_memory = True
        search.raise_bound(tree.bound, "tree")
        if tree.status == "optimal":
            search.close_gap_at(self._problem.to_user(tree.objective), "tree")
        if self.proof is None:
            self.proof = proof_of(tree.status, found=search.x is not None)

    # -- neighbourhoods -------------------------------------------------------

    def _pull(self) -> bool:
        """Pull one arm; tell whether any arm had something to propose."""
        if self._search.x is None or self._current is None:
            return False
        if self._since_improvement >= self._parameters.restart_after:
            self._restart()
        state = self._state(self._current)
        candidates = list(range(len(self._arms)))
        while candidates:
            index = self._policy.choose(self._rng, candidates)
            arm = self._arms[index]
            watch = self._search.meter.stopwatch()
            subproblem = arm.neighbourhood.propose(state, arm.rate.value, self._rng)
            if subproblem is not None:
                report = self._solve(state, subproblem, arm.neighbourhood.name)
                self._since_improvement += 1
                after = self._search.best
                self._settle(index, state, report.ending, after, watch.effort())
                return True
            # Nothing to propose is a pull that earned nothing; ask another arm.
            same = state.best_objective
            self._settle(index, state, Ending.LIMIT, same, watch.effort(), noop=True)
            candidates.remove(index)
        return False

    def _solve(
        self, state: SearchState, subproblem: Subproblem, name: str
    ) -> SubMipReport:
        budget, parameters = self._budget, self._parameters
        seconds, work = budget.slice(budget.portion(parameters.submip, 1.0, 20.0))
        return solve_submip(
            self._problem.model,
            subproblem,
            cutoff=self._acceptance.limit(
                float(state.problem.objective @ state.current),
                state.best_objective,
                state.bound,
                self._rng,
            ),
            limits=SubMipLimits(
                seconds=seconds,
                work=work,
                nodes=parameters.nodes,
                stall_nodes=parameters.stall_nodes,
                memory=self._search.memory_left(),
            ),
            seed=self._draw_seed(),
            interrupter=self._search.interrupter,
            meter=self._search.meter,
            on_solution=lambda values: self._offer(values, f"lns/{name}"),
        )

    def _settle(
        self,
        index: int,
        state: SearchState,
        ending: Ending,
        best_after: float,
        effort: float,
        *,
        noop: bool = False,
    ) -> None:
        outcome = Outcome(
            ending=ending,
            best_before=state.best_objective,
            best_after=best_after,
            bound=state.bound,
            effort=effort,
            is_noop=noop,
        )
        arm = self._arms[index]
        reward = self._reward(outcome)
        arm.count(outcome, reward)
        arm.rate.update(outcome)
        if ending is not Ending.INTERRUPTED:
            self._policy.update(index, reward)
        self._log.pulls += 1
        self._log.fixing_rate = arm.rate.value
        seconds = round(self._search.deadline.elapsed(), 3)
        self.pull_log.append((seconds, arm.neighbourhood.name, round(reward, 6)))

    def _restart(self) -> None:
        assert self._search.pool is not None
        solutions = list(self._search.pool)
        self._current = solutions[self._rng.integers(len(solutions))].values
        self._since_improvement = 0

    def _state(self, current: FloatVector) -> SearchState:
        assert self._search.pool is not None
        return SearchState(
            problem=self._view,
            current=current,
            best_objective=self._search.best,
            bound=self._search.lower_bound,
            pool=tuple(solution.values for solution in self._search.pool),
            relaxation=self._relaxation,
        )

    def _draw_seed(self) -> int:
        return int(self._rng.integers(2**31 - 1))
