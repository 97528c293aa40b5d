"""Attach bandit-scheduled heuristics to a SCIP model of the user's own.

At nodes of the tree, and in the cut loop of the root, a bandit calls one arm at a
time: a dive, or a neighbourhood searched as a sub-MIP. All that the arms find passes
SCIP's own check, so they can change how long a solve takes, never its optimum.

Chmiela, Gleixner, Lichocki, Pokutta (2023), "Online learning for scheduling MIP
heuristics", CPAIOR, arXiv:2304.03755.
"""

import contextlib
import warnings
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

from boundwise.core.arguments import as_number
from boundwise.core.errors import BoundwiseWarning, InputError, StageError
from boundwise.core.rng import make_rng
from boundwise.heuristics.bandits.factory import make_policy
from boundwise.heuristics.protocols import Policy, Reward
from boundwise.heuristics.rewards import EffortNormalisedReward, SchedulerReward
from boundwise.heuristics.scheduling.patience import GapPatience
from boundwise.heuristics.scheduling.scheduler import PLUGIN, Scheduler
from boundwise.heuristics.scip.rows import linear_mip
from boundwise.heuristics.scip.share import Share, TimeShare
from boundwise.solvers.scheduler.arms import ArmLike, make_arms
from boundwise.solvers.scheduler.bandit_heuristics import BanditHeuristics
from boundwise.solvers.scheduler.native import NativeHeuristics, counterparts
from boundwise.solvers.scheduler.restarts import RootRestarts

if TYPE_CHECKING:
    import pyscipopt

#: Share of the solve that the arms may use where the gap is wide.
BUDGET = 0.2
#: Seconds that they may use before they have earned any.
_HEAD_START = 0.5
#: Part of the head start that is saved up for a call at least.
_LEAST = 0.1
_REWARDS: dict[str, Callable[[], Reward]] = {
    "effort": EffortNormalisedReward,
    "scheduler": lambda: SchedulerReward(corrected=False),
    "scheduler-corrected": SchedulerReward,
}
#: SCIP's stages before presolving, and after it.
_PROBLEM, _PRESOLVED = 1, 7
_NO_COPIES = (
    "the heuristics attached to this model are not in copies of it, and a concurrent "
    "solve runs copies only: they stay idle; use optimize() or optimizeNogil()."
)


def attach(
    model: "pyscipopt.Model",
    *,
    arms: str | Sequence[ArmLike] = "default",
    policy: str | Policy = "exp3ix",
    reward: str | Reward | None = None,
    budget: float | Share = BUDGET,
    seed: int | None = 0,
    replace_scip_heuristics: bool = True,
    restart_fraction: float | None = 0.5,
) -> BanditHeuristics:
    """Attach heuristics to a model, before ``optimize``.

    The model is used as ever afterwards: ``optimize`` and ``optimizeNogil`` work,
    ``interruptSolve`` and Ctrl-C end the solve. ``solveConcurrent`` cannot run Python
    heuristics: it goes without, with a warning.

    Parameters
    ----------
    model
        A model in problem stage.
    arms
        ``"default"``, ``"all"``, ``"dives"``, ``"neighbourhoods"``, or a sequence of
        names and objects, see `boundwise.solvers.scheduler.arms`.
    policy
        Bandit policy: a name or an object, see `boundwise.heuristics.bandits`.
    reward
        Turns outcomes into rewards: an object, or ``"effort"`` (gain over relative
        effort, also None), ``"scheduler"`` (that of Chmiela et al. as SCIP has it) or
        ``"scheduler-corrected"`` (dives pay for what they use), see
        `boundwise.heuristics.rewards`.
    budget
        Share of the solving time that all arms together may use where the gap is
        wide, in (0, 1); or a `TimeShare` or `WorkShare` of
        `boundwise.heuristics.scip.share`. Where the gap is narrow they use half
        of it, and far less while they find nothing, see
        `boundwise.heuristics.scheduling.patience`. With a `WorkShare`, the same seed
        gives the same run.
    seed
        Seed of all random choices; None draws one.
    replace_scip_heuristics
        Whether to switch off those of SCIP's own heuristics that the arms replace,
        see ``replaced`` of the result. Emphasis calls made later do not switch them
        on again.
    restart_fraction
        Share of the integer variables that must be fixed at the root for SCIP to
        restart, in (0, 1]; None leaves SCIP's own (0.025; 0.05 within the cut loop),
        as do values of ``presolving/restartfac`` and ``presolving/immrestartfac`` that
        are not SCIP's defaults. Good incumbents fix variables, and would have the root
        separated again and again.

    Returns
    -------
    BanditHeuristics
        Statistics and control.

    Raises
    ------
    InputError
        If an argument is not valid.
    StageError
        If the model has been presolved or solved, or has heuristics attached already.

    Examples
    --------
    >>> from boundwise.instances.generators.registry import generate
    >>> model = generate("set_cover:rows=30,cols=60,density=0.1,seed=1").to_model()
    >>> heuristics = attach(model, arms=["rins", "dive-guided"], seed=7)
    >>> model.optimize()
    >>> model.getStatus(), heuristics.replaced
    ('optimal', ('guideddiving', 'rins'))
    """
    _check_model(model)
    made = make_arms(arms)
    rng, used_seed = make_rng(seed)
    share = _as_share(budget)
    scheduler = Scheduler(
        made,
        make_policy(policy, len(made)),
        rng,
        share=share,
        patience=GapPatience(),
        least=_LEAST * share.head_start,
        insists_at_root=True,
        reward=_as_reward(reward),
        make_rows=linear_mip,
    )
    names = counterparts(arm.name for arm in made) if replace_scip_heuristics else ()
    natives = NativeHeuristics(model, names)
    restarts = RootRestarts(model, restart_fraction)
    for action in (natives.switch_off, restarts.spare):
        action()
        scheduler.before_presolving(action)
    scheduler.attach(model)
    _watch_for_copies(model)
    return BanditHeuristics(model, scheduler, natives, restarts, used_seed)


def _check_model(model: Any) -> None:
    from pyscipopt import Model

    if not isinstance(model, Model):
        raise InputError(
            f"model must be a pyscipopt.Model, got {type(model).__name__}."
        )
    if model.getStage() != _PROBLEM:
        raise StageError(
            "attach must be called before the model is presolved or solved, got "
            f"stage {model.getStageName()}."
        )
    if f"heuristics/{PLUGIN}/freq" in model.getParams():
        raise StageError("the model has heuristics attached already.")


def _as_reward(reward: object) -> Reward:
    if reward is None:
        return EffortNormalisedReward()
    if isinstance(reward, str):
        if reward not in _REWARDS:
            raise InputError(
                f"reward must be one of {', '.join(_REWARDS)}, got {reward!r}."
            )
        return _REWARDS[reward]()
    if not isinstance(reward, Reward) or isinstance(reward, type):
        raise InputError(f"reward must be a name or callable, got {reward!r}.")
    return reward


def _as_share(budget: object) -> Share:
    if isinstance(budget, Share):
        return budget
    return TimeShare(as_number("budget", budget, above=0, below=1), _HEAD_START)


def _watch_for_copies(model: Any) -> None:
    """Warn of a concurrent solve: its copies have no Python heuristics.

    SCIP tells its event handlers when it copies a model. It copies a presolved one for
    a concurrent solve only; other solvers are made before presolving or in the tree. (A
    user who copies a presolved model gets the warning too, and it is true.)
    """
    from pyscipopt import Eventhdlr

    class Watch(Eventhdlr):  # type: ignore[misc]
        has_warned = False

        def eventcopy(self) -> None:
            if self.model.getStage() == _PRESOLVED and not self.has_warned:
                self.has_warned = True
                # Warnings that are errors must not go through SCIP.
                with contextlib.suppress(BoundwiseWarning):
                    warnings.warn(_NO_COPIES, BoundwiseWarning, stacklevel=2)

        def eventexec(self, event: Any) -> None:
            """Nothing: no event is caught."""

    model.includeEventhdlr(Watch(), f"{PLUGIN}-watch", "sees concurrent solves")
