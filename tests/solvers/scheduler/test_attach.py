"""Attached heuristics find solutions and never change what the solve proves."""

import os
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

import numpy as np
import pytest

import boundwise
from boundwise.core.errors import BoundwiseWarning, InputError, StageError
from boundwise.core.memory import resident_mebibytes
from boundwise.heuristics.protocols import Ending
from boundwise.heuristics.scheduling.arm import ArmRun
from boundwise.heuristics.scip.share import TimeShare, WorkShare
from boundwise.instances.generators.registry import generate
from boundwise.instances.library import find_local
from boundwise.instances.reader import read
from boundwise.solvers.scheduler.attach import attach
from tests.heuristics.dives.conftest import highs_optimum, random_mip, scip_model
from tests.solvers.scheduler.conftest import SPECS

EAGER = WorkShare(0.6, 10.0)
#: MIPLIB instances that SCIP solves in seconds.
# fmt: off
EASY = (
    "22433", "23588", "air03", "bell3a", "bell5", "blend2", "bppc8-02", "cap6000",
    "dcmulti", "dsbmip", "egout", "enigma", "enlight8", "fiber", "fixnet6",
    "flugpl", "gen", "gesa2", "gesa3", "gesa3_o", "gt2", "khb05250", "l152lav",
    "lseu", "misc03", "misc06", "mitre", "mod008", "mod010", "modglob",
    "nexp-50-20-1-1", "nsa", "p0033", "p0201", "p0282", "p0548", "p2756", "pp08a",
    "pp08aCUTS", "qnet1", "qnet1_o", "rentacar", "rgn", "set1ch", "sp150x300d",
    "stein27", "vpm1",
)
# fmt: on


class Failing:
    """An arm that raises."""

    name = "failing"

    def __init__(self, error):
        self.error = error

    def is_available(self, node):
        return True

    def run(self, node):
        raise self.error


class Rounding:
    """A user's own arm: round the LP solution to the nearest integers."""

    name = "rounding"

    def is_available(self, node):
        return True

    def run(self, node):
        view = node.view
        x = view.values()
        x[view.is_integer] = np.round(x[view.is_integer])
        return ArmRun(Ending.EXHAUSTED, n_solutions=int(node.try_solution(x)))


def optimum(model):
    """Return the optimum by plain SCIP."""
    model.optimize()
    assert model.getStatus() == "optimal"
    return model.getObjVal()


@pytest.mark.parametrize("kind", sorted(SPECS))
def test_the_optimum_is_that_of_plain_scip(make_model, kind):
    model = make_model(kind)
    heuristics = attach(model, budget=EAGER, seed=1)
    model.optimizeNogil()
    assert model.getStatus() == "optimal"
    assert model.getObjVal() == pytest.approx(optimum(make_model(kind)))
    assert [row["error"] for row in heuristics.statistics()] == [None] * len(
        heuristics.arms
    )


@pytest.mark.parametrize(
    ("seed", "sense"), [(0, "minimize"), (2, "maximize"), (3, "minimize")]
)
def test_mixed_problems_of_both_senses_keep_their_optimum(seed, sense):
    data = random_mip(seed, n=20, m=10)
    model = scip_model(*data, sense=sense)
    model.addObjoffset(1000.0)
    heuristics = attach(model, arms="all", budget=EAGER, seed=seed)
    model.optimizeNogil()
    sign = -1.0 if sense == "maximize" else 1.0
    expected = sign * highs_optimum(*data) + 1000.0
    assert model.getStatus() == "optimal"
    assert model.getObjVal() == pytest.approx(expected, abs=1e-6)
    assert all(row["error"] is None for row in heuristics.statistics())


def test_neighbourhoods_find_solutions_inside_the_tree(make_model):
    model = make_model("knapsack")
    heuristics = attach(model, arms="neighbourhoods", budget=EAGER)
    model.optimizeNogil()
    rows = heuristics.statistics()
    assert sum(row["calls"] for row in rows) > 10
    assert sum(row["solutions"] for row in rows) > 0
    assert heuristics.spent > 0.0


def test_an_arm_that_fails_is_named_and_the_answer_is_right(make_model):
    model = make_model()
    heuristics = attach(
        model, arms=[Failing(ZeroDivisionError("no")), "dive-guided"], budget=EAGER
    )
    model.optimize()
    assert model.getStatus() == "optimal"
    assert model.getObjVal() == pytest.approx(optimum(make_model()))
    failing, guided = heuristics.statistics()
    assert failing["error"] == "ZeroDivisionError: no"
    assert failing["calls"] == 0
    assert guided["error"] is None


def test_a_users_own_arm_runs_and_cannot_cheat(make_model):
    model = make_model()
    heuristics = attach(model, arms=[Rounding()], budget=EAGER)
    model.optimize()
    assert heuristics.statistics()[0]["calls"] > 1
    assert heuristics.statistics()[0]["setting"] is None
    assert model.getObjVal() == pytest.approx(optimum(make_model()))


def test_the_arm_on_the_page_about_arms_runs(make_model):
    page = Path(__file__).parents[3] / "docs" / "scip-plugin.md"
    _, _, section = page.read_text(encoding="utf-8").partition("## An arm of one's own")
    code = section.partition("```python\n")[2].partition("```")[0]
    model = make_model()
    names = {"boundwise": boundwise, "model": model}
    exec(compile(code, str(page), "exec"), names)
    model.optimize()
    row = names["heuristics"].statistics()[2]
    assert (row["arm"], row["error"]) == ("rounding", None)
    assert row["calls"] > 0


@pytest.mark.parametrize(
    ("when", "setting"),
    [("before", "FAST"), ("after", "FAST"), ("after", "OFF"), ("after", "AGGRESSIVE")],
)
def test_emphasis_calls_do_not_undo_the_attachment(make_model, when, setting):
    from pyscipopt import SCIP_PARAMSETTING

    model = make_model("knapsack", limits__nodes=2)
    call = getattr(SCIP_PARAMSETTING, setting)
    if when == "before":
        model.setHeuristics(call)
    heuristics = attach(model, arms=["mutation", "dive-guided"], budget=EAGER)
    if when == "after":
        model.setHeuristics(call)
    model.optimize()
    assert model.getParam("heuristics/mutation/freq") == -1
    assert model.getParam("heuristics/guideddiving/freq") == -1
    assert model.getParam("heuristics/boundwise/freq") == 1
    assert sum(row["calls"] for row in heuristics.statistics()) > 0


def test_exactly_the_replaced_are_switched_off_and_back_on(make_model):
    model = make_model()
    before = model.getParams()
    heuristics = attach(model, arms=["rins", "dive-guided", "graph-ball"])
    changed = {n for n, value in before.items() if model.getParam(n) != value}
    assert heuristics.replaced == ("guideddiving", "rins")
    assert changed == {f"heuristics/{name}/freq" for name in heuristics.replaced} | {
        "presolving/immrestartfac",
        "presolving/restartfac",
    }
    heuristics.detach()
    assert {n for n, value in before.items() if model.getParam(n) != value} == set()
    model.optimize()
    assert all(row["calls"] == 0 for row in heuristics.statistics())
    # What the arms set before each presolving is not set any more.
    assert all(model.getParam(name) == before[name] for name in changed)


def test_nothing_is_switched_off_if_not_asked(make_model):
    model = make_model()
    before = model.getParams()
    heuristics = attach(model, replace_scip_heuristics=False, restart_fraction=None)
    assert heuristics.replaced == ()
    assert all(model.getParam(name) == value for name, value in before.items())


def test_a_full_set_replaces_the_native_schedulers(make_model):
    replaced = attach(make_model()).replaced
    assert {"alns", "adaptivediving", "rens", "fracdiving"} <= set(replaced)
    assert "feaspump" not in replaced


@pytest.mark.parametrize(("arm", "least", "most"), [("rens", 1, 99), ("rins", 0, 0)])
def test_rens_alone_searches_before_there_is_a_solution(make_model, arm, least, most):
    from pyscipopt import SCIP_PARAMSETTING

    model = make_model("lot", limits__nodes=1)
    model.setHeuristics(SCIP_PARAMSETTING.OFF)
    heuristics = attach(model, arms=[arm], budget=EAGER)
    model.optimize()
    (row,) = heuristics.statistics()
    assert row["error"] is None
    assert least <= row["calls"] <= most


@pytest.mark.slow
def test_work_shares_make_runs_equal(make_model):
    runs = []
    for _ in range(2):
        model = make_model("knapsack", limits__nodes=3)
        heuristics = attach(model, budget=WorkShare(0.4, 3.0), seed=3)
        model.optimizeNogil()
        runs.append(
            (heuristics.calls(), model.getNLPIterations(), model.getPrimalbound())
        )
        model.free()
    assert runs[0] == runs[1]
    assert len(runs[0][0]) > 3


@pytest.mark.parametrize("reward", ["effort", "scheduler", "scheduler-corrected"])
def test_rewards_are_in_range_and_the_answer_is_right(make_model, reward):
    model = make_model("knapsack")
    heuristics = attach(model, arms="dives", reward=reward, budget=EAGER)
    model.optimize()
    assert model.getObjVal() == pytest.approx(optimum(make_model("knapsack")))
    rewards = [call["reward"] for call in heuristics.calls()]
    assert rewards
    assert all(0.0 <= value <= 1.0 for value in rewards)
    if reward == "scheduler":
        # Its defect: a dive that finds nothing earns its whole effort term.
        assert min(rewards) >= 0.2


@pytest.mark.slow
def test_local_search_runs_in_the_tree_and_keeps_its_state(make_model):
    model = make_model("knapsack", limits__nodes=20)
    heuristics = attach(model, arms=["local-search"], budget=EAGER)
    model.optimize()
    (row,) = heuristics.statistics()
    assert row["error"] is None
    assert row["calls"] > 1
    assert row["effort"] > 0.0


@pytest.mark.slow
def test_seeds_are_used_and_drawn(make_model):
    calls = []
    for seed in (1, 2):
        model = make_model("knapsack", limits__nodes=2)
        heuristics = attach(model, policy="uniform", budget=EAGER, seed=seed)
        model.optimize()
        calls.append([call["arm"] for call in heuristics.calls()])
    assert calls[0] != calls[1]
    assert attach(make_model(), seed=None).seed >= 0


def test_interrupt_from_another_thread_ends_the_solve():
    model = generate("multiple_knapsack:items=60,knapsacks=8,seed=1").to_model()
    model.hideOutput()
    model.setParam("limits/time", 60)
    attach(model, budget=0.5)
    threading.Timer(1.0, model.interruptSolve).start()
    began = time.monotonic()
    model.optimizeNogil()
    assert model.getStatus() == "userinterrupt"
    assert time.monotonic() - began < 30.0


def test_ctrl_c_ends_the_solve_with_the_incumbent():
    script = (
        "from boundwise.instances.generators.registry import generate\n"
        "from boundwise.solvers.scheduler.attach import attach\n"
        "model = generate('multiple_knapsack:items=60,knapsacks=8,seed=1').to_model()\n"
        "model.hideOutput()\n"
        "model.setParam('limits/time', 60)\n"
        "h = attach(model, budget=0.5)\n"
        "print('go', flush=True)\n"
        "model.optimize()\n"
        "print(model.getStatus(), model.getNSols() > 0, flush=True)\n"
    )
    environment = dict(os.environ, OMP_NUM_THREADS="1")
    with subprocess.Popen(
        [sys.executable, "-c", script], stdout=subprocess.PIPE, env=environment
    ) as child:
        assert child.stdout is not None
        assert child.stdout.readline().strip() == b"go"
        time.sleep(2.0)
        child.send_signal(signal.SIGINT)
        try:
            out, _ = child.communicate(timeout=45)
        finally:
            child.kill()
    assert out.split(b"\n")[-2] == b"userinterrupt True"
    assert child.returncode == 0


def test_a_concurrent_solve_tells_that_it_goes_without(make_model):
    model = make_model("knapsack", parallel__minnthreads=2, parallel__maxnthreads=2)
    heuristics = attach(model)
    with pytest.warns(BoundwiseWarning, match="stay idle"):
        model.solveConcurrent()
    assert all(row["calls"] == 0 for row in heuristics.statistics())


def test_restarts_and_second_solves_see_the_variables_of_their_own(make_model):
    model = make_model("facility")
    heuristics = attach(model, budget=EAGER)
    model.optimize()
    value = model.getObjVal()
    calls = len(heuristics.calls())
    model.freeTransform()
    model.optimize()
    assert model.getObjVal() == pytest.approx(value)
    assert len(heuristics.calls()) >= calls
    assert all(row["error"] is None for row in heuristics.statistics())


def test_a_problem_without_a_linear_form_runs_what_needs_no_rows():
    from pyscipopt import Model

    model = Model()
    model.hideOutput()
    x = [model.addVar(vtype="I", lb=-5, ub=5, name=f"x{j}") for j in range(6)]
    for i in range(5):
        model.addCons(x[i] * x[i] + x[i + 1] * x[i + 1] <= 17 + i)
        model.addCons(3 * x[i] - 2 * x[i + 1] >= -4.5)
    model.setObjective(sum((-1) ** j * (j + 1) * v for j, v in enumerate(x)))
    plain = Model(sourceModel=model)
    plain.hideOutput()
    heuristics = attach(model, budget=EAGER)
    model.optimize()
    assert model.getStatus() == "optimal"
    assert model.getObjVal() == pytest.approx(optimum(plain))
    assert all(row["error"] is None for row in heuristics.statistics())


def test_an_infeasible_problem_stays_so():
    from pyscipopt import Model, quicksum

    model = Model()
    model.hideOutput()
    model.setParam("presolving/maxrounds", 0)
    x = [model.addVar(vtype="B") for _ in range(9)]
    model.addCons(quicksum(2 * v for v in x) == 9)
    attach(model, budget=EAGER)
    model.optimize()
    assert model.getStatus() == "infeasible"


def test_wrong_arguments_are_refused(make_model):
    for wrong in (
        {"arms": "none"},
        {"arms": []},
        {"arms": ["rins", "rins"]},
        {"arms": ["nothing"]},
        {"arms": [3]},
        {"arms": 3},
        {"arms": [Rounding]},
        {"policy": "none"},
        {"reward": "none"},
        {"reward": 3},
        {"budget": 0.0},
        {"budget": 1.0},
        {"budget": True},
        {"budget": "much"},
        {"budget": float("nan")},
        {"seed": -1},
    ):
        with pytest.raises(InputError):
            attach(make_model(), **wrong)
    with pytest.raises(InputError, match="Model"):
        attach("model")


def test_attach_comes_before_the_solve_and_once(make_model):
    model = make_model()
    attach(model, budget=TimeShare(0.1))
    with pytest.raises(StageError, match="already"):
        attach(model)
    solved = make_model("lot")
    solved.optimize()
    with pytest.raises(StageError, match="before"):
        attach(solved)


@pytest.mark.slow
@pytest.mark.parametrize("name", EASY)
def test_easy_instances_keep_their_optimum(name):
    path = find_local(name)
    if path is None:
        pytest.skip(f"BOUNDWISE_MIPLIB names no folder with {name}")
    values = []
    for budget in (None, 0.4):
        model = read(path).to_model()
        model.hideOutput()
        model.setParam("timing/clocktype", 1)
        model.setParam("limits/time", 60)
        heuristics = None if budget is None else attach(model, budget=budget)
        model.optimize()
        assert model.getStatus() == "optimal"
        values.append(model.getObjVal())
        if heuristics is not None:
            assert all(row["error"] is None for row in heuristics.statistics())
    assert values[1] == pytest.approx(values[0], rel=1e-6)


@pytest.mark.slow
def test_ten_thousand_calls_leave_no_memory_behind(make_model):
    model = make_model("knapsack")

    class Endless:
        """Call all other arms again and again from one node."""

        name = "endless"
        held: tuple[float, ...] = ()

        def __init__(self, arms):
            self.arms = arms

        def is_available(self, node):
            return node.view.incumbent is not None and not self.held

        def run(self, node):
            held = []
            for count in range(10_000):
                arm = self.arms[count % len(self.arms)]
                if arm.is_available(node):
                    arm.run(node)
                if count % 1000 == 999:
                    held.append(resident_mebibytes())
            self.held = tuple(held)
            return ArmRun(Ending.LIMIT)

    from boundwise.solvers.scheduler.arms import make_arms

    endless = Endless(make_arms(["mutation", "rins", "dive-guided", "dive-farkas"]))
    heuristics = attach(model, arms=[endless], budget=WorkShare(0.99, 1e9))
    model.optimize()
    assert heuristics.statistics()[0]["error"] is None
    assert len(endless.held) == 10
    assert endless.held[-1] - endless.held[1] < 20.0


def test_an_error_in_the_sequence_of_arms_stays_what_it_is():
    from boundwise.solvers.scheduler.arms import make_arms

    def arms():
        yield "rins"
        raise TypeError("of the user's own")

    with pytest.raises(TypeError, match="of the user's own"):
        make_arms(arms())
