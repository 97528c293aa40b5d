"""Adaptive large neighbourhood search over SCIP, steered by a bandit.

Loop: the policy chooses a neighbourhood; the neighbourhood fixes variables around the
current solution, as many as its adaptive rate says; SCIP searches the sub-MIP for a
better solution; the outcome adapts the rate and rewards the arm. A share of the budget
goes to slices of SCIP's tree search, which gives the dual bound and may prove
optimality; the share grows while the neighbourhoods find nothing.

The frame is that of Balans (Cai, Kadioglu, Dilkina, 2025, arXiv:2412.14382); sizes
adapt as in Hendel (2022), doi:10.1007/s12532-021-00209-7.
"""

from collections.abc import Callable, Mapping, Sequence
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
    SizedNeighbourhood,
    StartContext,
    Subproblem,
)
from boundwise.heuristics.rewards import EffortNormalisedReward, closed_gap
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
from boundwise.solvers.mip.shares import Shares


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
        self._shares = Shares(least=self._parameters.tree_share)
        self._current: FloatVector | None = None
        self._since_improvement = 0
        self._improved_at = 0.0
        self._improved_pull = 0
        self._relaxed_at: float | None = None
        self._stretch = 1.0
        self._relaxation: Relaxation | None = None
        self.pull_log: list[tuple[float, str, float]] = []
        self.proof: Status | None = None
        search.pool = SolutionPool(self._view.is_integer)

    def run(self) -> Termination:
        """Search until a limit or a proof and return why it ended."""
        for values in self._problem.presolved_solutions():
            self._offer(values, "start/given")
        self._run_start()
        while (reason := self._reason_to_stop()) is None:
            self._log.tick(
                self._search.deadline.elapsed(),
                self._search.objective,
                self._search.bound,
            )
            tree = self._tree or self._start.tree
            finished = tree is not None and tree.is_finished
            due = not finished and self._shares.tree_is_due(
                self._patience_used(), self._slice_length()
            )
            if due or not self._pull():
                if finished:
                    # Nothing is left to do. Without a solution that means that the
                    # checker has refused all that SCIP holds to be optimal.
                    found = self._search.x is not None
                    return Termination.CONVERGED if found else Termination.ERROR
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
        reason = self._search.reason_to_stop()
        if reason is None and self._budget.is_over():
            return Termination.TIME_LIMIT
        return reason

    def _offer(self, values: FloatVector, who: str) -> bool:
        improved = self._search.offer(values, who)
        if improved:
            self._improved_at = self._budget.spent()
            self._improved_pull = sum(arm.pulls - arm.noops for arm in self._arms)
            self._since_improvement = 0
            self._current = values
        return improved

    # -- start ----------------------------------------------------------------

    def _run_start(self) -> None:
        budget, parameters = self._budget, self._parameters
        stall = budget.portion(parameters.start_stall, 0.5, 10.0)

        amount = budget.portion(parameters.start, 1.0, 60.0)
        ends = budget.spent() + amount

        def enough() -> bool:
            tree = self._start.tree
            if tree is None or tree.relaxation is None:
                # Before the root LP, no other part would be quicker than this one.
                return False
            news = max(self._improved_at, self._relaxed_at or 0.0)
            if self._relaxed_at is None:
                self._relaxed_at = news = budget.spent()
            stalled = self._search.x is not None and budget.spent() - news > stall
            return stalled or budget.spent() > ends

        while self._reason_to_stop() is None:
            self._run_emphasised(2.0 * amount, enough)
            if self._search.x is None and self._reason_to_stop() is None:
                # Neither setting finds solutions everywhere: let them take turns.
                self._use_default_tree()
                self._run_tree(amount, until_found=True)
                amount *= 2.0
                ends = budget.spent() + amount
            if self._search.x is not None or self._trees_are_finished():
                return

    def _trees_are_finished(self) -> bool:
        trees = (self._tree, self._start.tree)
        return all(tree is not None and tree.is_finished for tree in trees)

    def _run_emphasised(self, amount: float, enough: Callable[[], bool]) -> None:
        with self._budget.slice(amount) as (seconds, work):
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

    # -- tree -----------------------------------------------------------------

    def _slice_length(self) -> float:
        return self._budget.portion(self._parameters.tree_slice, 1.0, 30.0)

    def _patience_used(self) -> float:
        """Return for how long nobody improved, as a fraction of a long time.

        A long time is long by the clock and in pulls: where pulls are slow, few of
        them without success say little.
        """
        budget, parameters = self._budget, self._parameters
        patience = budget.portion(parameters.patience, 5.0, 300.0)
        by_clock = (budget.spent() - self._improved_at) / patience
        pulls = sum(arm.pulls - arm.noops for arm in self._arms) - self._improved_pull
        return min(by_clock, pulls / parameters.patience_pulls)

    def _run_tree(self, amount: float | None = None, until_found: bool = False) -> None:
        budget, search = self._budget, self._search
        patience_used = self._patience_used()
        if self._tree is None and (self._start.tree is None or patience_used >= 1.0):
            self._use_default_tree()
        # The start's tree has paid for its root already; it goes on until the search
        # stalls, when proving becomes the aim and SCIP's default settings are better.
        tree = self._tree or self._start.tree
        assert tree is not None
        if tree.is_finished:
            return
        before, spent = search.best, budget.spent()
        best = search.pool.best if search.pool else None
        with budget.slice(amount or self._slice_length()) as (seconds, work):
            tree.run(
                seconds,
                work,
                memory=search.memory_left(),
                incumbent=best.values if best else None,
                until=(lambda: search.x is not None) if until_found else None,
            )
        self._learn_from(tree)
        gain = closed_gap(before, search.best, search.lower_bound)
        self._shares.add_tree(
            gain if search.best < before else 0.0, budget.spent() - spent
        )

    def _use_default_tree(self) -> None:
        if self._tree is None:
            self._tree = TreeSearch(
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
            watch, spent = self._search.meter.stopwatch(), self._budget.spent()
            if arm.pulls == arm.noops:
                self._set_first_rate(arm, state)
            subproblem = arm.neighbourhood.propose(state, arm.rate.value, self._rng)
            if subproblem is not None:
                report = self._solve(state, subproblem, arm.neighbourhood.name)
                self._since_improvement += 1
                after = self._search.best
                self._settle(index, state, report.ending, after, watch.effort())
                gain = closed_gap(state.best_objective, after, state.bound)
                self._shares.add_pull(
                    gain if after < state.best_objective else 0.0,
                    self._budget.spent() - spent,
                )
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
        cutoff = self._acceptance.limit(
            float(state.problem.objective @ state.current),
            state.best_objective,
            state.bound,
            self._rng,
        )
        amount = budget.portion(parameters.submip, 1.0, 20.0) * self._stretch
        with budget.slice(amount) as (seconds, work):
            report = solve_submip(
                self._problem.model,
                subproblem,
                cutoff=cutoff,
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
        # A limit that does not let the root be finished wastes every pull, however
        # much is fixed: stretch it, and relax it again once sub-MIPs get anywhere.
        stuck = report.ending is Ending.LIMIT and report.nodes <= 1
        if stuck and report.n_solutions == 0:
            self._stretch = min(4.0, 1.5 * self._stretch)
        elif not stuck:
            self._stretch = max(1.0, 0.9 * self._stretch)
        return report

    def _set_first_rate(self, arm: ArmRecord, state: SearchState) -> None:
        """Choose the rate with which an arm begins.

        A neighbourhood may know its own; otherwise what is too large for one is likely
        too large for another, so it begins where the others have come to; and in a
        large problem, a hundredth may already be a large neighbourhood.
        """
        neighbourhood, rate = arm.neighbourhood, arm.rate
        n_integers = max(1, len(state.problem.integers))
        first = max(rate.value, 1.0 - self._parameters.first_free / n_integers)
        known = [other.rate.value for other in self._arms if other.pulls > other.noops]
        if known:
            first = float(1.0 - np.exp(np.mean(np.log1p(-np.array(known)))))
        if isinstance(neighbourhood, SizedNeighbourhood):
            natural = neighbourhood.natural_rate(state)
            first = max(first, natural) if natural is not None else first
        rate.value = min(rate.highest, max(rate.lowest, first))

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
