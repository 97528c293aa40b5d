"""Adaptive large neighbourhood search over SCIP, steered by a bandit.

Loop: the policy chooses a neighbourhood; the neighbourhood fixes variables around the
current solution, as many as its adaptive rate says; SCIP searches the sub-MIP for a
better solution; the outcome adapts the rate and rewards the arm. A share of the budget
goes to slices of SCIP's tree search, which gives the dual bound and may prove
optimality; the share grows while the neighbourhoods find nothing.

The frame is that of Balans (Cai, Kadioglu, Dilkina, 2025, arXiv:2412.14382); sizes
adapt as in Hendel (2022), doi:10.1007/s12532-021-00209-7.
"""

import math
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
    Reward,
    SearchState,
    SizedNeighbourhood,
    Subproblem,
)
from boundwise.heuristics.rewards import EffortNormalisedReward, closed_gap
from boundwise.heuristics.scip.submip import (
    SubMipLimits,
    SubMipReport,
    solve_submip,
)
from boundwise.solvers.mip.arms import ArmRecord
from boundwise.solvers.mip.log import SearchLog
from boundwise.solvers.mip.parameters import LnsParameters
from boundwise.solvers.mip.presolved import PresolvedProblem
from boundwise.solvers.mip.search import Search
from boundwise.solvers.mip.shares import Shares
from boundwise.solvers.mip.trees import Trees


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
        self._budget = search.budget
        self._view: MipView = problem.view()
        self._pool = search.pool = SolutionPool(self._view.is_integer)
        self._arms = [ArmRecord(neighbourhood) for neighbourhood in neighbourhoods]
        self._policy = policy
        self._rng = rng
        self._log = log
        self._parameters = parameters or LnsParameters()
        self._acceptance = acceptance or HillClimbing()
        self._reward = reward or EffortNormalisedReward()
        self._trees = Trees(search, problem, self._view, self._parameters, rng, options)
        self._shares = Shares(least=self._parameters.tree_share)
        self._current: FloatVector | None = None
        self._best_seen = math.inf
        self._fruitless = 0
        self._fruitless_since_restart = 0
        self._stretch = 1.0
        self._depth = 1.0
        self.pull_log: list[tuple[float, str, float]] = []

    @property
    def proof(self) -> Status | None:
        """What the tree search has proven, other than optimality."""
        return self._trees.proof

    def run(self) -> Termination:
        """Search until a limit or a proof and return why it ended."""
        for values in self._problem.presolved_solutions():
            self._search.offer(values, "start/given")
        self._trees.find_first()
        while (reason := self._reason_to_stop()) is None:
            self._log.tick(
                self._search.deadline.elapsed(),
                self._search.objective,
                self._search.bound,
            )
            finished = self._trees.is_finished
            due = not finished and self._shares.tree_is_due(
                self._patience_used(), self._trees.slice_length
            )
            # Once the tree is finished without a proof to show, only a limit ends this.
            endless = finished and math.isinf(self._budget.total)
            if endless or due or not self._pull():
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
        self._trees.free()

    def _reason_to_stop(self) -> Termination | None:
        if self.proof is not None:
            return Termination.CONVERGED
        return self._search.reason_to_stop()

    def _patience_used(self) -> float:
        """Return for how long nobody improved, as a fraction of a long time.

        A long time is long by the clock and in pulls: where pulls are slow, few of
        them without success say little.
        """
        budget, parameters = self._budget, self._parameters
        patience = budget.portion(parameters.patience, 5.0, 300.0)
        by_clock = (budget.spent() - self._search.improved_at) / patience
        return min(by_clock, self._fruitless / parameters.patience_pulls)

    def _run_tree(self) -> None:
        before, spent = self._search.best, self._budget.spent()
        self._trees.run_slice(stalled=self._patience_used() >= 1.0)
        gain = self._gain_over(before, self._search.lower_bound)
        self._shares.add_tree(gain, self._budget.spent() - spent)

    def _gain_over(self, before: float, bound: float) -> float:
        after = self._search.best
        return closed_gap(before, after, bound) if after < before else 0.0

    def _look_for_news(self) -> None:
        """Search around the incumbent again if anybody has improved it."""
        best = self._pool.best
        if best is not None and best.objective < self._best_seen:
            self._best_seen = best.objective
            self._current = best.values
            self._fruitless = self._fruitless_since_restart = 0

    def _pull(self) -> bool:
        """Pull one arm; tell whether any arm had something to propose."""
        self._look_for_news()
        if self._current is None:
            return False
        if self._fruitless_since_restart >= self._parameters.restart_after:
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
                self._fruitless += 1
                self._fruitless_since_restart += 1
                after = self._search.best
                self._settle(index, state, report.ending, after, watch.effort())
                gain = self._gain_over(state.best_objective, state.bound)
                self._shares.add_pull(gain, self._budget.spent() - spent)
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
                    nodes=round(self._depth * parameters.nodes),
                    stall_nodes=round(self._depth * parameters.stall_nodes),
                    memory=self._search.memory_left(),
                ),
                seed=self._draw_seed(),
                interrupter=self._search.interrupter,
                meter=self._search.meter,
                on_solution=lambda values: self._search.offer(values, f"lns/{name}"),
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
        if outcome.improved:
            self._depth = max(1.0, 0.7 * self._depth)
        if ending is not Ending.INTERRUPTED:
            self._policy.update(index, reward)
        self._log.pulls += 1
        self._log.fixing_rate = arm.rate.value
        seconds = round(self._search.deadline.elapsed(), 3)
        self.pull_log.append((seconds, arm.neighbourhood.name, round(reward, 6)))

    def _restart(self) -> None:
        solutions = list(self._pool)
        self._current = solutions[self._rng.integers(len(solutions))].values
        self._fruitless_since_restart = 0
        # What quick looks have not found may take a longer one.
        self._depth = min(self._parameters.most_depth, 1.5 * self._depth)

    def _state(self, current: FloatVector) -> SearchState:
        return SearchState(
            problem=self._view,
            current=current,
            best_objective=self._search.best,
            bound=self._search.lower_bound,
            pool=tuple(solution.values for solution in self._pool),
            relaxation=self._trees.relaxation,
        )

    def _draw_seed(self) -> int:
        return int(self._rng.integers(2**31 - 1))
