"""Call one arm at a time inside SCIP's tree search, chosen by a bandit.

At a node whose LP is solved, if the pace allows: arms that were never called come
first, then the policy chooses; the arm runs; its outcome becomes a reward. An arm with
nothing to do passes its turn on.

Chmiela, Gleixner, Lichocki, Pokutta (2023), "Online learning for scheduling MIP
heuristics", arXiv:2304.03755.
"""

import functools
import logging
import math
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from boundwise.core.arguments import as_number
from boundwise.core.errors import InputError
from boundwise.heuristics.by_name import check_distinct
from boundwise.heuristics.linear import LinearMip
from boundwise.heuristics.protocols import Outcome, Policy, Reward
from boundwise.heuristics.rewards import EffortNormalisedReward
from boundwise.heuristics.scheduling.arm import (
    ArmRun,
    ArmStatistics,
    NodeContext,
    TreeArm,
)
from boundwise.heuristics.scheduling.memory import TreeMemory
from boundwise.heuristics.scheduling.pace import Pace
from boundwise.heuristics.scheduling.patience import Patience, endless
from boundwise.heuristics.scip.plugin import include_heuristic, set_active
from boundwise.heuristics.scip.share import Account, Share, TimeShare

_LOGGER = logging.getLogger(__name__)
#: Name of the plug-in among SCIP's heuristics.
PLUGIN = "boundwise"
#: Calls that are remembered one by one.
_LOG_LENGTH = 100_000


@dataclass(frozen=True, slots=True)
class ArmCall:
    """One call of an arm.

    Parameters
    ----------
    at
        When it ended, in what the share counts: seconds or work units of the solve.
    arm
        Name of the arm.
    effort
        What it cost.
    reward
        What it earned.
    improved
        Whether there was a new incumbent.
    """

    at: float
    arm: str
    effort: float
    reward: float
    improved: bool


class Scheduler:
    """Schedule arms inside one model.

    Parameters
    ----------
    arms
        What may be called, of distinct names.
    policy
        Chooses among them; made for as many arms.
    rng
        Source of all random choices.
    share
        What the arms may use of the solve.
    patience
        How much of it while they find nothing.
    least
        What is saved up for a call at least, see `Pace`.
    insists_at_root
        Whether to call arms one after the other when the root has been separated,
        until the share is used up or they have found nothing for long.
    reward
        Turns outcomes into rewards.
    make_rows
        Returns the linear rows of a model in the order of its transformed variables,
        or None; for the arms that need rows.
    """

    def __init__(
        self,
        arms: Sequence[TreeArm],
        policy: Policy,
        rng: np.random.Generator,
        *,
        share: Share | None = None,
        patience: Patience = endless,
        least: float | None = None,
        insists_at_root: bool = False,
        reward: Reward | None = None,
        make_rows: Callable[[Any], LinearMip | None] | None = None,
    ) -> None:
        check_distinct("arms", arms)
        if policy.n_arms != len(arms):
            raise InputError(f"policy must have {len(arms)} arms, got {policy.n_arms}.")
        self.arms = tuple(arms)
        self.policy = policy
        self.statistics = [ArmStatistics(arm.name) for arm in arms]
        self._pace = Pace(share or TimeShare(), patience, least)
        self._rng = rng
        self._insists_at_root = insists_at_root
        self._reward = reward or EffortNormalisedReward()
        self._make_rows = make_rows
        self._memory: TreeMemory | None = None
        self._preference = np.zeros(len(self.arms))
        self._trust = 1.0
        self._n_choices = 0
        self._prepare: list[Callable[[], object]] = []
        self.is_enabled = True
        self.log: deque[ArmCall] = deque(maxlen=_LOG_LENGTH)

    @property
    def account(self) -> Account:
        """What the arms have used of their share."""
        return self._pace.account

    def prefer(self, weights: Mapping[str, float], choices: float) -> None:
        """Let what is known from elsewhere decide at first, and ever less.

        After n choices (first calls of arms are none), the next arm is drawn by these
        weights with probability choices / (choices + n), and else by the policy.

        Parameters
        ----------
        weights
            Of the arms by name, not negative; an arm without one has weight 0.
        choices
            Choices after which both are as likely.
        """
        known = np.array([weights.get(arm.name, 0.0) for arm in self.arms])
        if (known < 0.0).any() or not np.isfinite(known).all():
            raise InputError(f"weights must be finite and not negative, got {weights}.")
        self._preference = known
        self._trust = as_number("choices", choices, above=0)

    def before_presolving(self, action: Callable[[], object]) -> None:
        """Have an action called before each presolving, unless arms are disabled."""
        self._prepare.append(action)

    def attach(
        self, model: Any, on_error: Callable[[BaseException], object] | None = None
    ) -> None:
        """Plug the scheduler into a model before its tree search.

        Parameters
        ----------
        model
            A ``pyscipopt.Model``.
        on_error
            Receives what is no arm's fault; by default it is logged, and the solve
            goes on without arms, or is interrupted after a KeyboardInterrupt.
        """

        def give_up(error: BaseException) -> None:
            _LOGGER.error("the scheduler failed: %r", error)
            self.is_enabled = False
            if not isinstance(error, Exception):
                model.interruptSolve()

        include_heuristic(
            model,
            PLUGIN,
            self,
            on_error=on_error or give_up,
            description="bandit-scheduled dives and neighbourhoods",
        )

    # -- what SCIP calls ------------------------------------------------------

    def prepare(self, model: Any) -> None:
        """Undo what an emphasis call may have done to the plug-in since."""
        set_active(model, PLUGIN, self.is_enabled)
        if self.is_enabled:
            for action in self._prepare:
                action()

    def begin(self, model: Any) -> None:
        """Begin a tree search: what was known of the variables may not hold."""
        self._memory = None
        self._pace.begin()

    def execute(self, model: Any, heuristic: Any, during_loop: bool) -> bool | None:
        """Run an arm, if it is time; several when the root is about to be branched on.

        Solutions are worth most before the tree begins: bounds that they tighten then
        hold in all of it.
        """
        # The order is that of the cost: this is called at every node.
        if not self._pace.is_awake() or not self.is_enabled:
            return None
        at_root = model.getDepth() == 0
        if at_root:
            self._record_root(model)
        root_is_separated = at_root and not during_loop
        self._pace.look_for_news(model, root_is_separated=root_is_separated)
        found: bool | None = None
        while True:
            outcome = self._run_one(model, heuristic, during_loop)
            if outcome is None:
                return found
            found = bool(found) or outcome.improved
            if not (root_is_separated and self._insists_at_root):
                return found

    def _run_one(self, model: Any, heuristic: Any, during_loop: bool) -> Outcome | None:
        """Run the arm that is chosen, or the next that has something to do."""
        allowance = self._pace.allowance(model, in_cut_loop=during_loop)
        if not allowance or not _has_lp_solution(model) or self._pace.leaves_out():
            return None
        share = self.account.share
        before = share.total(model)
        node = NodeContext(
            model=model,
            heuristic=heuristic,
            memory=self._current_memory(model),
            rng=self._rng,
            allowance=allowance,
            is_timed=share.is_timed,
            in_cut_loop=during_loop,
        )
        rest = self._available(node)
        # The first look at a problem reads all of it.
        self.account.charge(share.total(model) - before)
        while rest:
            index = self._choose(rest)
            outcome = self._call(index, node)
            if outcome is not None and not outcome.is_noop:
                self._pace.record(outcome, allowance)
                return outcome
            # It had nothing to do, or failed: ask another one.
            rest.remove(index)
        return None

    def _record_root(self, model: Any) -> None:
        if _has_lp_solution(model):
            before = self.account.share.total(model)
            self._current_memory(model).record_root()
            self.account.charge(self.account.share.total(model) - before)

    def _current_memory(self, model: Any) -> TreeMemory:
        if self._memory is None or not self._memory.view.is_current():
            self._memory = TreeMemory(model, self._make_rows)
        return self._memory

    # -- one call -------------------------------------------------------------

    def _available(self, node: NodeContext) -> list[int]:
        return [
            index
            for index, (arm, known) in enumerate(
                zip(self.arms, self.statistics, strict=True)
            )
            if known.error is None and self._try(index, arm.is_available, node)
        ]

    def _choose(self, available: Sequence[int]) -> int:
        for index in available:
            if self.statistics[index].calls == 0:
                return index
        weights = self._preference[available]
        share = self._trust / (self._trust + self._n_choices) if weights.any() else 0.0
        self._n_choices += 1
        if share > 0.0 and self._rng.random() < share:
            return int(self._rng.choice(available, p=weights / weights.sum()))
        return self.policy.choose(self._rng, available)

    def _call(self, index: int, node: NodeContext) -> Outcome | None:
        model, share = node.model, self.account.share
        before, bound = model.getUpperbound(), model.getLowerbound()
        started = share.total(model)
        run: ArmRun | None = self._try(index, self._run_of(index), node)
        outside = run.outside if run is not None and not share.is_timed else 0.0
        cost = max(share.least, share.total(model) - started)
        self.account.charge(cost, outside)
        if run is None:
            return None
        outcome = Outcome(
            ending=run.ending,
            best_before=_finite(model, before),
            best_after=_finite(model, model.getUpperbound()),
            bound=_finite(model, bound),
            effort=cost + outside,
            is_noop=run.is_noop,
            is_dive=run.is_dive,
            budget_used=run.budget_used,
            conflicts=run.conflicts,
        )
        reward = self._settle(index, run, outcome)
        self.log.append(
            ArmCall(
                at=share.total(model),
                arm=self.arms[index].name,
                effort=outcome.effort,
                reward=reward,
                improved=outcome.improved,
            )
        )
        return outcome

    def _run_of(self, index: int) -> Callable[[NodeContext], ArmRun]:
        def run(node: NodeContext) -> ArmRun:
            result = self.arms[index].run(node)
            if not isinstance(result, ArmRun):
                raise InputError(f"an arm must return an ArmRun, got {result!r}.")
            return result

        return run

    def _settle(self, index: int, run: ArmRun, outcome: Outcome) -> float:
        reward = self._reward(outcome)
        known = self.statistics[index]
        known.calls += 1
        known.noops += run.is_noop
        known.solutions += run.n_solutions
        known.improvements += outcome.improved
        known.effort += outcome.effort
        known.rewards += reward
        self.policy.update(index, reward)
        return reward

    def _try(self, index: int, action: Callable[[NodeContext], Any], node: Any) -> Any:
        """Return what an arm returns; disable an arm that raises."""
        try:
            return action(node)
        except Exception as error:
            known = self.statistics[index]
            known.error = f"{type(error).__name__}: {error}"
            _LOGGER.exception("arm %s failed and is disabled", known.name)
            return None
        finally:
            if node.model.inProbing():
                node.model.endProbing()


def _has_lp_solution(model: Any) -> bool:
    """Tell whether the LP of the node is solved, and worth going on from."""
    if model.inProbing() or model.getLPSolstat() != _optimal():
        return False
    return bool(model.isLPSolBasic() and model.getLPObjVal() < model.getCutoffbound())


@functools.cache
def _optimal() -> int:
    # An import at every node is not free.
    from pyscipopt import SCIP_LPSOLSTAT

    return int(SCIP_LPSOLSTAT.OPTIMAL)


def _finite(model: Any, value: float) -> float:
    if model.isInfinity(abs(value)):
        return math.copysign(math.inf, value)
    return float(value)
