"""The neighbourhoods as a partner: large neighbourhood search, steered by a bandit.

A turn is one pull: the policy chooses a neighbourhood; the neighbourhood fixes
variables around the current solution, as many as its adaptive rate says; SCIP searches
the sub-MIP for a better solution; the outcome adapts the rate and rewards the arm.
Pulls may run in several threads: choosing and learning take turns, solving does not.

The frame is that of Balans (Cai, Kadioglu, Dilkina, 2025, arXiv:2412.14382); sizes
adapt as in Hendel (2022), doi:10.1007/s12532-021-00209-7.
"""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from boundwise.heuristics.acceptance import HillClimbing
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
from boundwise.heuristics.rewards import EffortNormalisedReward
from boundwise.heuristics.scip.effort import Stopwatch
from boundwise.heuristics.scip.submip import SubMipLimits, SubMipReport
from boundwise.solvers.mip.arms import ArmRecord
from boundwise.solvers.mip.log import SearchLog
from boundwise.solvers.mip.parameters import LnsParameters
from boundwise.solvers.mip.repairers import Repair, Repairer, Repairers, RepairTask
from boundwise.solvers.mip.search import Search


@dataclass(frozen=True, slots=True)
class _Pull:
    """One pull between being chosen and being settled."""

    index: int
    state: SearchState
    subproblem: Subproblem
    cutoff: float
    seed: int
    watch: Stopwatch
    repairer: int


class AdaptiveLns:
    """Search around the incumbent.

    Parameters
    ----------
    search
        State shared by all parts of the run.
    view
        The arrays of the presolved problem.
    neighbourhoods
        The arms.
    policy
        Chooses among them.
    rng
        Source of all random choices.
    log
        Live table.
    repairers
        Who searches the neighbourhoods.
    threads
        How many pulls may run at the same time.
    parameters, acceptance, reward
        How to search; None for the defaults.
    """

    name = "lns"

    def __init__(
        self,
        search: Search,
        view: MipView,
        *,
        neighbourhoods: Sequence[Neighbourhood],
        policy: Policy,
        rng: np.random.Generator,
        log: SearchLog,
        repairers: Repairers,
        threads: int = 1,
        parameters: LnsParameters | None = None,
        acceptance: Acceptance | None = None,
        reward: Reward | None = None,
    ) -> None:
        self._search = search
        self._view = view
        self._arms = [ArmRecord(neighbourhood) for neighbourhood in neighbourhoods]
        self._policy = policy
        self._rng = rng
        self._log = log
        self._repairers = repairers
        self.concurrency = threads
        self._parameters = parameters or LnsParameters()
        self._acceptance = acceptance or HillClimbing()
        self._reward = reward or EffortNormalisedReward()
        self._current: FloatVector | None = None
        self._best_seen = math.inf
        self._fruitless_since_restart = 0
        self._stretch = 1.0
        self._depth = 1.0
        self._idle_at: tuple[float, int, bool] | None = None
        self.pull_log: list[tuple[float, str, float]] = []

    @property
    def turn_length(self) -> float:
        """Most that one pull takes."""
        return self._search.budget.portion(self._parameters.submip, 1.0, 20.0)

    def is_ready(self) -> bool:
        """Tell whether there is a solution to search around, and anything to try."""
        pool = self._search.pool
        return pool is not None and len(pool) > 0 and self._idle_at != self._stamp()

    def take_turn(self) -> None:
        """Pull one arm."""
        pull = self._choose()
        if pull is None:
            return
        arm, repairer = self._arms[pull.index], self._repairers[pull.repairer]
        who = f"{self.name}/{arm.neighbourhood.name}"
        if repairer.name != "scip":
            who += f"@{repairer.name}"
        found: list[float] = []

        def offer(values: FloatVector) -> None:
            if self._search.offer(values, who):
                found.append(self._search.best)

        reward: float | None = None
        try:
            repair = self._repair(pull, repairer, offer)
            after = min(found, default=pull.state.best_objective)
            effort = pull.watch.effort() + repair.cpu
            with self._search.lock:
                self._search.fruitless += not found
                self._fruitless_since_restart += not found
                self._adapt_limits(repair.report)
                ending = repair.report.ending
                reward = self._settle(pull.index, pull.state, ending, after, effort)
        finally:
            with self._search.lock:
                self._repairers.give_back(pull.repairer, reward)

    def arms(self) -> list[dict[str, Any]]:
        """Return the statistics of all arms."""
        return [arm.to_dict() for arm in self._arms]

    def repairers(self) -> dict[str, int]:
        """Return how many neighbourhoods each solver has searched."""
        return self._repairers.to_dict()

    def free(self) -> None:
        """End the processes of the engines."""
        self._repairers.free()

    def _stamp(self) -> tuple[float, int, bool]:
        """Return what must change before idle arms may have something to propose."""
        search = self._search
        assert search.pool is not None
        return search.best, len(search.pool), search.relaxation is None

    def _look_for_news(self) -> None:
        """Search around the incumbent again if anybody has improved it."""
        assert self._search.pool is not None
        best = self._search.pool.best
        if best is not None and best.objective < self._best_seen:
            self._best_seen = best.objective
            self._current = best.values
            self._fruitless_since_restart = 0

    def _choose(self) -> _Pull | None:
        """Choose an arm that has something to propose, or None if there is none."""
        with self._search.lock:
            self._look_for_news()
            if self._current is None:
                return None
            if self._fruitless_since_restart >= self._parameters.restart_after:
                self._restart()
            state = self._state(self._current)
            candidates = list(range(len(self._arms)))
            while candidates:
                index = self._policy.choose(self._rng, candidates)
                arm = self._arms[index]
                watch = self._search.meter.stopwatch()
                if arm.pulls == arm.noops:
                    self._set_first_rate(arm, state)
                proposal = arm.neighbourhood.propose(state, arm.rate.value, self._rng)
                if proposal is not None:
                    cutoff = self._cutoff(state)
                    seed = self._draw_seed()
                    who = self._repairers.take(self._rng)
                    return _Pull(index, state, proposal, cutoff, seed, watch, who)
                # Nothing to propose is a pull that earned nothing; ask another arm.
                same = state.best_objective
                self._settle(
                    index, state, Ending.LIMIT, same, watch.effort(), noop=True
                )
                candidates.remove(index)
            self._idle_at = self._stamp()
            return None

    def _cutoff(self, state: SearchState) -> float:
        return self._acceptance.limit(
            float(state.problem.objective @ state.current),
            state.best_objective,
            state.bound,
            self._rng,
        )

    def _repair(
        self,
        pull: _Pull,
        repairer: Repairer,
        offer: Callable[[FloatVector], object],
    ) -> Repair:
        search, parameters = self._search, self._parameters
        with search.budget.slice(self.turn_length * self._stretch) as (seconds, work):
            task = RepairTask(
                subproblem=pull.subproblem,
                cutoff=pull.cutoff,
                limits=SubMipLimits(
                    seconds=seconds,
                    work=work,
                    nodes=round(self._depth * parameters.nodes),
                    stall_nodes=round(self._depth * parameters.stall_nodes),
                    memory=search.memory_left(),
                ),
                start=pull.state.current,
                seed=pull.seed,
                on_solution=offer,
            )
            return repairer.search(task)

    def _adapt_limits(self, report: SubMipReport) -> None:
        # A limit that does not let the root be finished wastes every pull, however
        # much is fixed: stretch it, and relax it again once sub-MIPs get anywhere.
        stuck = report.ending is Ending.LIMIT and report.nodes <= 1
        if stuck and report.n_solutions == 0:
            self._stretch = min(4.0, 1.5 * self._stretch)
        elif not stuck:
            self._stretch = max(1.0, 0.9 * self._stretch)

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
    ) -> float | None:
        """Learn from a pull; return its reward, or None if it says nothing."""
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
        return None if ending is Ending.INTERRUPTED else reward

    def _restart(self) -> None:
        assert self._search.pool is not None
        solutions = list(self._search.pool)
        self._current = solutions[self._rng.integers(len(solutions))].values
        self._fruitless_since_restart = 0
        # What quick looks have not found may take a longer one.
        self._depth = min(self._parameters.most_depth, 1.5 * self._depth)

    def _state(self, current: FloatVector) -> SearchState:
        assert self._search.pool is not None
        return SearchState(
            problem=self._view,
            current=current,
            best_objective=self._search.best,
            bound=self._search.lower_bound,
            pool=tuple(solution.values for solution in self._search.pool),
            relaxation=self._search.relaxation,
        )

    def _draw_seed(self) -> int:
        return int(self._rng.integers(2**31 - 1))
