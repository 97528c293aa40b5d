"""The scheduler calls arms in turn and by reward, within its share, come what may."""

import logging
from types import SimpleNamespace

import numpy as np
import pytest

from boundwise.core.errors import InputError
from boundwise.core.interrupt import Interrupter
from boundwise.core.limits import Deadline
from boundwise.heuristics.bandits.factory import make_policy
from boundwise.heuristics.dives.factory import DIVES
from boundwise.heuristics.protocols import Ending
from boundwise.heuristics.scheduling.arm import ArmRun
from boundwise.heuristics.scheduling.dive_arm import DiveArm
from boundwise.heuristics.scheduling.dives import dive_scheduler
from boundwise.heuristics.scheduling.scheduler import Scheduler
from boundwise.heuristics.scip.effort import WorkMeter
from boundwise.heuristics.scip.share import Account, TimeShare, WorkShare
from boundwise.heuristics.scip.transfer import copy_model
from boundwise.heuristics.scip.tree import TreeSearch
from boundwise.instances.generators.registry import generate
from tests.heuristics.dives.conftest import highs_optimum, random_mip, scip_model


class Recorder:
    """An arm that writes down its calls and does nothing, or fails."""

    def __init__(self, name, log, error=None, leaves_probing=False):
        self.name = name
        self.log = log
        self.error = error
        self.leaves_probing = leaves_probing

    def is_available(self, node):
        return True

    def run(self, node):
        self.log.append(self.name)
        if self.leaves_probing:
            node.model.startProbing()
        if self.error is not None:
            raise self.error
        return ArmRun(Ending.LIMIT)


def scheduled(model, arms, share=None, seed=0, prefer=None):
    """Attach arms to a model and solve it."""
    errors = []
    scheduler = Scheduler(
        arms,
        make_policy("uniform", len(arms)),
        np.random.default_rng(seed),
        share=share or WorkShare(0.5, 1e6),
    )
    if prefer is not None:
        scheduler.prefer(*prefer)
    scheduler.attach(model, errors.append)
    model.optimizeNogil()
    return scheduler, errors


def some_model(seed=6, **options):
    """Return a model that needs a tree."""
    model = scip_model(*random_mip(seed, n=24, m=12))
    for name, value in options.items():
        model.setParam(name, value)
    return model


@pytest.mark.parametrize("seed", range(8))
@pytest.mark.parametrize("sense", ["minimize", "maximize"])
def test_dives_at_every_node_do_not_change_the_optimum(seed, sense):
    data = random_mip(seed, n=18, m=9)
    model = scip_model(*data, sense=sense)
    scheduler = dive_scheduler(np.random.default_rng(seed), WorkMeter(1e9), share=0.9)
    errors = []
    scheduler.attach(model, errors.append)
    model.optimizeNogil()
    assert errors == []
    assert [known.error for known in scheduler.statistics] == [None] * 9
    assert model.getStatus() == "optimal"
    sign = -1.0 if sense == "maximize" else 1.0
    assert sign * model.getObjVal() == pytest.approx(highs_optimum(*data), abs=1e-6)


def test_arms_come_in_order_first_and_are_counted():
    log = []
    arms = [Recorder(name, log) for name in ("a", "b", "c")]
    scheduler, errors = scheduled(some_model(), arms)
    assert errors == []
    assert log[:3] == ["a", "b", "c"]
    assert sum(known.calls for known in scheduler.statistics) == len(log)


def test_known_arms_are_preferred_after_first_calls_and_ever_less():
    log = []
    arms = [Recorder(name, log) for name in ("a", "b", "c")]
    weights = {"c": 0.5, "elsewhere": 1.0}
    scheduled(some_model(), arms, prefer=(weights, 1e9))
    assert log[:3] == ["a", "b", "c"]
    assert len(log) > 10
    assert set(log[3:]) == {"c"}
    log.clear()
    scheduled(some_model(), arms, prefer=(weights, 1.0))
    # A third of the choices of the uniform policy is c, too.
    assert 0.1 < np.mean([name == "c" for name in log[3:]]) < 0.7
    assert set(log[3:]) == {"a", "b", "c"}


@pytest.mark.parametrize("prefer", [({}, 10.0), ({"a": 0.0}, 10.0)])
def test_a_preference_without_weight_changes_nothing(prefer):
    logs = []
    for preferred in (None, prefer):
        logs.append(log := [])
        arms = [Recorder(name, log) for name in ("a", "b", "c")]
        scheduled(some_model(), arms, prefer=preferred)
    assert logs[0] == logs[1]


@pytest.mark.parametrize(
    ("weights", "choices"), [({"a": -1.0}, 1.0), ({"a": np.nan}, 1.0), ({}, 0.0)]
)
def test_wrong_preferences_are_refused(weights, choices):
    arms = [Recorder("a", [])]
    scheduler = Scheduler(arms, make_policy("uniform", 1), np.random.default_rng(0))
    with pytest.raises(InputError, match=r"weights|choices"):
        scheduler.prefer(weights, choices)


def test_an_arm_that_raises_is_disabled_and_the_solve_goes_on(caplog):
    log = []
    arms = [Recorder("good", log), Recorder("bad", log, ValueError("no luck"), True)]
    model = some_model()
    with caplog.at_level(logging.ERROR):
        scheduler, errors = scheduled(model, arms)
    assert errors == []
    assert log.count("bad") == 1
    assert log.count("good") >= 2
    assert scheduler.statistics[1].error == "ValueError: no luck"
    assert "bad" in caplog.text
    assert not model.inProbing()
    plain = some_model()
    plain.optimize()
    assert model.getStatus() == plain.getStatus() == "optimal"
    assert model.getObjVal() == pytest.approx(plain.getObjVal())


def test_a_keyboard_interrupt_in_an_arm_reaches_the_handler():
    scheduler, errors = scheduled(
        some_model(), [Recorder("a", [], KeyboardInterrupt())]
    )
    assert [type(error) for error in errors][:1] == [KeyboardInterrupt]
    assert scheduler.statistics[0].error is None


def test_by_default_an_interrupt_ends_the_solve():
    model = some_model()
    scheduler = Scheduler(
        [Recorder("a", [], KeyboardInterrupt())],
        make_policy("uniform", 1),
        np.random.default_rng(0),
        share=WorkShare(0.5, 1e6),
    )
    scheduler.attach(model)
    model.optimizeNogil()
    assert model.getStatus() == "userinterrupt"


def test_a_failure_of_the_scheduler_itself_leaves_the_solve_alone():
    class Broken:
        share, head_start, least, is_timed = 0.5, 1.0, 0.0, True

        def total(self, model):
            raise MemoryError("no room")

    model = some_model()
    arm = Recorder("a", [])
    scheduler = Scheduler(
        [arm], make_policy("uniform", 1), np.random.default_rng(0), share=Broken()
    )
    scheduler.attach(model)
    model.optimizeNogil()
    assert model.getStatus() == "optimal"
    assert not scheduler.is_enabled
    assert arm.log == []


@pytest.mark.parametrize("insists", [False, True])
def test_arms_insist_at_the_root_until_they_have_found_nothing_for_long(insists):
    depths = []

    class Look(Recorder):
        def run(self, node):
            depths.append(node.model.getDepth())
            return ArmRun(Ending.LIMIT)

    model = some_model(**{"separating/maxroundsroot": 0})
    scheduler = Scheduler(
        [Look("look", [])],
        make_policy("uniform", 1),
        np.random.default_rng(0),
        share=WorkShare(0.5, 1e6),
        insists_at_root=insists,
    )
    scheduler.attach(model)
    model.optimizeNogil()
    assert model.getStatus() == "optimal"
    # Seven calls in vain, and the next is left out.
    assert depths.count(0) >= 7 if insists else 1 <= depths.count(0) < 7
    assert max(depths) > 0


@pytest.mark.parametrize(
    ("spares", "in_loop", "incumbent", "expected"),
    [
        (True, True, 1.0, False),
        (True, True, None, True),
        (True, False, 1.0, True),
        (False, True, 1.0, True),
    ],
)
def test_dives_can_spare_the_cut_loop_once_there_is_a_solution(
    spares, in_loop, incumbent, expected
):
    arm = DiveArm(DIVES["dive-fractional"](), spares_cuts=spares)
    node = SimpleNamespace(
        in_cut_loop=in_loop,
        view=SimpleNamespace(incumbent=incumbent),
        model=SimpleNamespace(getNLPBranchCands=lambda: 3),
    )
    assert arm.is_available(node) is expected


def test_an_arm_with_nothing_to_do_passes_its_turn_on():
    log = []

    class Idle(Recorder):
        def run(self, node):
            super().run(node)
            return ArmRun(Ending.LIMIT, is_noop=True)

    scheduler, _ = scheduled(some_model(), [Idle("idle", log), Recorder("busy", log)])
    assert log[:2] == ["idle", "busy"]
    assert scheduler.statistics[0].noops == scheduler.statistics[0].calls
    assert scheduler.statistics[0].rewards == 0.0


def test_an_arm_that_returns_something_else_is_disabled():
    class Wrong(Recorder):
        def run(self, node):
            return "done"

    scheduler, _ = scheduled(some_model(), [Wrong("wrong", []), Recorder("a", [])])
    assert "ArmRun" in scheduler.statistics[0].error
    assert scheduler.statistics[1].calls > 0


def test_the_share_of_work_is_kept():
    model = some_model(6)
    scheduler = dive_scheduler(np.random.default_rng(0), WorkMeter(1e9), share=0.1)
    scheduler.attach(model)
    model.optimizeNogil()
    share = scheduler.account.share
    most = share.head_start + 0.1 * share.total(model)
    # One dive may overdraw: it ends after the LP that crosses the line.
    assert 0.0 < scheduler.account.spent <= most + 2.0


def test_a_share_without_a_rest_calls_nobody():
    log = []
    scheduled(some_model(), [Recorder("a", log)], share=WorkShare(1e-9, 0.0))
    assert len(log) <= 1


def test_accounts_add_up():
    class Clock:
        def getSolvingTime(self):  # noqa: N802
            return 10.0

    account = Account(TimeShare(0.2, 0.5))
    assert account.allowance(Clock()) == pytest.approx(2.5)
    account.charge(1.0, outside=5.0)
    # 15 in all, of which 6 spent.
    assert account.allowance(Clock()) == pytest.approx(0.5 + 3.0 - 6.0)


def test_work_budgets_make_runs_equal():
    logs = []
    for _ in range(2):
        instance = generate("multiple_knapsack:items=20,knapsacks=3,seed=3")
        model = instance.to_model()
        model.setParam("limits/nodes", 60)
        model.setParam("misc/catchctrlc", False)
        scheduler = dive_scheduler(np.random.default_rng(5), WorkMeter(1e9), share=0.5)
        scheduler.attach(model)
        model.optimizeNogil()
        logs.append(
            [
                (known.name, known.calls, known.solutions, known.effort, known.rewards)
                for known in scheduler.statistics
            ]
            + [model.getPrimalbound(), model.getNLPIterations()]
        )
        model.free()
    assert logs[0] == logs[1]
    assert sum(entry[1] for entry in logs[0][:9]) > 5


def test_dives_run_in_the_slices_of_a_tree():
    data = random_mip(5, n=26, m=12)
    source = scip_model(*data)
    source.presolve()
    found = []
    meter = WorkMeter(1e6)
    scheduler = dive_scheduler(np.random.default_rng(0), meter, share=0.5)
    with Interrupter(Deadline()) as interrupter:
        tree = TreeSearch(
            *copy_model(source),
            seed=1,
            interrupter=interrupter,
            meter=meter,
            on_solution=found.append,
            plugin=scheduler,
        )
        calls = []
        for _ in range(300):
            tree.run(10.0, 1.0)
            calls.append(sum(known.calls for known in scheduler.statistics))
            if tree.is_finished:
                break
        objective = tree.objective
        tree.free()
    assert tree.status == "optimal"
    assert objective == pytest.approx(highs_optimum(*data), abs=1e-6)
    assert calls[-1] > calls[0] >= 1 or len(calls) == 1
    assert found


def test_an_error_that_is_no_arms_fault_is_raised_from_the_slice():
    source = scip_model(*random_mip(5, n=26, m=12))
    source.presolve()
    meter = WorkMeter(1e6)
    scheduler = Scheduler(
        [Recorder("a", [], KeyboardInterrupt())],
        make_policy("uniform", 1),
        np.random.default_rng(0),
        share=WorkShare(0.5, 1e6),
    )
    with Interrupter(Deadline()) as interrupter:
        tree = TreeSearch(
            *copy_model(source),
            seed=1,
            interrupter=interrupter,
            meter=meter,
            on_solution=lambda values: None,
            plugin=scheduler,
        )
        with pytest.raises(KeyboardInterrupt):
            tree.run(10.0, 100.0)
        tree.free()


def test_wrong_arguments_are_refused():
    arm = Recorder("a", [])
    rng = np.random.default_rng(0)
    with pytest.raises(InputError, match="distinct"):
        Scheduler([arm, arm], make_policy("uniform", 2), rng)
    with pytest.raises(InputError, match="at least one"):
        Scheduler([], make_policy("uniform", 1), rng)
    with pytest.raises(InputError, match="policy"):
        Scheduler([arm], make_policy("uniform", 2), rng)
    for wrong in ((0.0, 1.0), (1.0, 1.0), (float("nan"), 1.0), (0.5, -1.0)):
        for kind in (TimeShare, WorkShare):
            with pytest.raises(InputError):
                kind(*wrong)


def test_rewards_see_the_conflicts_of_dives():
    outcomes = []

    def reward(outcome):
        outcomes.append(outcome)
        return 0.0

    arms = [DiveArm(DIVES[name]()) for name in ("dive-fractional", "dive-coefficient")]
    scheduler = Scheduler(
        arms,
        make_policy("round-robin", len(arms)),
        np.random.default_rng(0),
        share=WorkShare(0.9, 1e6),
        reward=reward,
    )
    errors = []
    scheduler.attach(model := some_model(), errors.append)
    model.optimizeNogil()
    assert errors == []
    assert all(outcome.is_dive for outcome in outcomes)
    assert sum(outcome.conflicts for outcome in outcomes) > 0
