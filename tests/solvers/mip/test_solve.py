"""The MIP solver against brute force, plain SCIP and its own promises."""

import math
import threading
import time

import numpy as np
import pytest
from pyscipopt import Model, quicksum
from scipy import sparse

import boundwise
from boundwise.core.errors import InputError
from boundwise.core.memory import resident_mebibytes
from boundwise.core.status import Status, Termination
from boundwise.heuristics.neighbourhoods.factory import DEFAULT_ARMS
from boundwise.instances.checker import check
from boundwise.instances.instance import Instance
from boundwise.solvers.mip.start import StartWarning


def knapsacks(n, m, seed, *, sense="maximize", offset=0.0, general=False):
    """Return a multi-dimensional knapsack, hard for its size."""
    rng = np.random.default_rng(seed)
    weights = rng.integers(10, 100, size=(m, n)).astype(float)
    profits = weights.mean(axis=0).round() + rng.integers(0, 20, size=n)
    sign = 1.0 if sense == "maximize" else -1.0
    return Instance(
        name=f"knapsacks-{n}-{m}-{seed}",
        objective=sign * profits,
        matrix=sparse.csr_array(weights),
        row_lower=np.full(m, -np.inf),
        row_upper=np.floor(weights.sum(axis=1) * (1.0 if general else 0.5)),
        lower=np.zeros(n),
        upper=np.full(n, 3.0 if general else 1.0),
        is_integer=np.ones(n, dtype=bool),
        names=tuple(f"x{j}" for j in range(n)),
        row_names=tuple(f"r{i}" for i in range(m)),
        sense=sense,
        offset=offset,
    )


def brute_force(instance):
    """Return the best objective over all 0/1 points."""
    n = instance.n_variables
    points = ((np.arange(2**n)[:, None] >> np.arange(n)) & 1).astype(float)
    activity = points @ instance.matrix.toarray().T
    feasible = np.all(activity <= instance.row_upper + 1e-9, axis=1)
    values = points[feasible] @ instance.objective + instance.offset
    return values.max() if instance.sense == "maximize" else values.min()


@pytest.mark.parametrize("method", ["lns", "scip", "scip+bandit"])
@pytest.mark.parametrize("sense", ["minimize", "maximize"])
@pytest.mark.parametrize("seed", [0, 1, 2])
def test_finds_and_proves_the_brute_force_optimum(method, sense, seed):
    instance = knapsacks(12, 3, seed, sense=sense, offset=1000.5)
    result = boundwise.solve(instance, method=method, seed=seed)
    assert result.status is Status.OPTIMAL
    assert result.termination is Termination.CONVERGED
    assert result.objective == pytest.approx(brute_force(instance))
    assert result.bound == pytest.approx(result.objective)
    assert result.sense == sense
    assert check(instance, result.x, objective=result.objective).strict


def test_both_methods_agree_on_general_integers():
    instance = knapsacks(15, 4, 5, general=True)
    lns = boundwise.solve(instance)
    scip = boundwise.solve(instance, method="scip")
    assert lns.status is scip.status is Status.OPTIMAL
    assert lns.objective == pytest.approx(scip.objective)


def hard_knapsacks():
    """Return a problem that SCIP does not finish in the seconds of a test."""
    return knapsacks(120, 8, 3)


def test_a_limited_run_returns_a_checked_solution_and_a_valid_bound():
    instance = hard_knapsacks()
    result = boundwise.solve(instance, time_limit=4.0)
    assert result.status is Status.FEASIBLE
    assert result.termination is Termination.TIME_LIMIT
    assert result.check["strict"]
    assert result.objective == pytest.approx(instance.objective @ result.x)
    assert result.bound >= result.objective
    assert sum(arm["pulls"] for arm in result.arms) > 0
    assert {arm["name"] for arm in result.arms} == set(DEFAULT_ARMS)


def test_heuristics_inside_the_tree_tell_what_they_did():
    result = boundwise.solve(hard_knapsacks(), time_limit=2.0, method="scip+bandit")
    assert result.check["strict"]
    assert sum(arm["pulls"] for arm in result.arms) > 0
    assert "fracdiving" in result.stats["replaced"]


def test_dives_take_part_in_the_first_tree_and_stay_within_their_share():
    instance = knapsacks(60, 5, 3)
    result = boundwise.solve(instance, work_limit=60, engines=("scip",))
    dives = result.stats["dives"]
    assert len({dive["name"] for dive in dives}) == len(dives) >= 3
    assert all(dive["calls"] >= 1 for dive in dives)
    spent = sum(dive["effort"] for dive in dives)
    assert 0.0 < spent <= 0.3 * result.partners["feasibility"]["spent"]


def test_the_trace_only_improves_and_ends_at_the_result():
    result = boundwise.solve(hard_knapsacks(), time_limit=1.5)
    objectives = [event.objective for event in result.trace]
    bounds = [event.bound for event in result.trace]
    seconds = [event.seconds for event in result.trace]
    assert objectives == sorted(objectives)
    assert bounds == sorted(bounds, reverse=True)
    assert seconds == sorted(seconds)
    assert objectives[-1] == result.objective
    assert bounds[-1] == result.bound


@pytest.mark.parametrize("method", ["lns", "scip"])
def test_the_deadline_is_kept(method):
    started = time.monotonic()
    boundwise.solve(hard_knapsacks(), time_limit=2.0, method=method)
    assert time.monotonic() - started < 2.0 + 0.5 + 0.02


def test_the_same_seed_and_work_give_the_same_run():
    runs = [boundwise.solve(hard_knapsacks(), work_limit=8.0, seed=4) for _ in range(2)]
    assert runs[0].termination is Termination.WORK_LIMIT
    assert np.array_equal(runs[0].x, runs[1].x)
    first, second = (
        [(event.objective, event.bound, event.who) for event in run.trace]
        for run in runs
    )
    assert first == second
    assert runs[0].stats["work"] == runs[1].stats["work"]
    pulls = [[(name, reward) for _, name, reward in r.stats["pulls"]] for r in runs]
    assert pulls[0] == pulls[1]
    assert len(pulls[0]) > 0


def test_another_seed_gives_another_run():
    runs = [
        boundwise.solve(hard_knapsacks(), work_limit=6.0, seed=seed) for seed in (1, 2)
    ]
    pulls = [[(name, reward) for _, name, reward in r.stats["pulls"]] for r in runs]
    assert pulls[0] != pulls[1]


def infeasible_instance():
    return Instance(
        name="infeasible",
        objective=np.ones(2),
        matrix=sparse.csr_array(np.array([[1.0, 1.0]])),
        row_lower=np.array([3.0]),
        row_upper=np.array([np.inf]),
        lower=np.zeros(2),
        upper=np.ones(2),
        is_integer=np.ones(2, dtype=bool),
        names=("a", "b"),
        row_names=("r",),
    )


@pytest.mark.parametrize("method", ["lns", "scip"])
def test_an_infeasible_problem_is_proven_infeasible(method):
    result = boundwise.solve(infeasible_instance(), method=method)
    assert result.status is Status.INFEASIBLE
    assert result.x is None
    assert result.objective == math.inf
    assert result.trace == ()


def test_infeasibility_found_by_search_is_proven():
    # Market split: equality knapsacks that presolving does not see through.
    rng = np.random.default_rng(1)
    n, m = 14, 3
    weights = rng.integers(0, 100, size=(m, n)).astype(float)
    side = np.floor(weights.sum(axis=1) / 2)
    points = ((np.arange(2**n)[:, None] >> np.arange(n)) & 1).astype(float)
    assert not np.any(np.all(points @ weights.T == side, axis=1))
    split = Instance(
        name="split",
        objective=np.ones(n),
        matrix=sparse.csr_array(weights),
        row_lower=side,
        row_upper=side,
        lower=np.zeros(n),
        upper=np.ones(n),
        is_integer=np.ones(n, dtype=bool),
        names=tuple(f"x{j}" for j in range(n)),
        row_names=tuple(f"r{i}" for i in range(m)),
    )
    result = boundwise.solve(split, time_limit=30.0)
    assert result.status is Status.INFEASIBLE
    assert result.termination is Termination.CONVERGED
    assert result.stats["work"] > 0.2


@pytest.mark.parametrize("method", ["lns", "scip"])
def test_an_unbounded_problem_is_reported(method):
    model = Model()
    x = model.addVar("x", vtype="I", lb=0, ub=None)
    y = model.addVar("y", vtype="I", lb=0, ub=None)
    model.addCons(x - y <= 3)
    model.setObjective(x + y, "maximize")
    result = boundwise.solve(model, method=method, time_limit=10.0)
    assert result.status in {Status.UNBOUNDED, Status.INFEASIBLE_OR_UNBOUNDED}
    assert result.x is None
    assert result.objective == -math.inf


def test_a_linear_program_is_solved():
    model = Model()
    x, y = model.addVar("x"), model.addVar("y")
    model.addCons(x + 2 * y >= 4)
    model.addCons(3 * x + y >= 6)
    model.setObjective(x + y + 7.0)
    result = boundwise.solve(model)
    assert result.status is Status.OPTIMAL
    assert result.objective == pytest.approx(2.8 + 7.0)


def mixed_model(n=14, seed=0):
    """Return a maximisation model with an offset and continuous variables."""
    rng = np.random.default_rng(seed)
    model = Model("mixed")
    x = [model.addVar(f"x{j}", vtype="B") for j in range(n)]
    y = [model.addVar(f"y{j}", ub=5.0) for j in range(n)]
    for j in range(n):
        model.addCons(y[j] <= 5.0 * x[j])
    for _ in range(4):
        model.addCons(quicksum(int(rng.integers(1, 9)) * v for v in y) <= 60)
    profit = quicksum(int(rng.integers(5, 12)) * v for v in y)
    cost = quicksum(int(rng.integers(3, 25)) * v for v in x)
    model.setObjective(profit - cost + 123.25, "maximize")
    return model


def test_the_users_model_is_left_untouched_and_its_offset_counts():
    model = mixed_model()
    model.hideOutput()
    names = [v.name for v in model.getVars()]
    n_constraints = model.getNConss()
    result = boundwise.solve(model)
    assert model.getStage() == 1
    assert [v.name for v in model.getVars()] == names
    assert model.getNConss() == n_constraints
    assert model.getNSols() == 0
    model.optimize()
    assert result.objective == pytest.approx(model.getObjVal())
    assert result.status is Status.OPTIMAL


def test_indicator_and_sos_constraints_work():
    model = Model()
    x = [model.addVar(f"x{j}", ub=4.0) for j in range(4)]
    b = model.addVar("b", vtype="B")
    model.addConsSOS1(x, weights=[1, 2, 3, 4])
    model.addConsIndicator(x[0] + x[1] <= 1, binvar=b)
    model.addCons(b >= 1)
    model.setObjective(3 * x[0] + 5 * x[1] + x[2], "maximize")
    result = boundwise.solve(model)
    assert result.objective == pytest.approx(5.0)
    assert result.check["strict"]


def test_a_nonlinear_constraint_is_checked_by_scip_and_said_so():
    model = Model()
    x = model.addVar("x", vtype="I", ub=10)
    y = model.addVar("y", ub=10)
    model.addCons(x * x + y * y <= 50, name="ball")
    model.setObjective(2 * x + y, "maximize")
    result = boundwise.solve(model)
    assert result.objective == pytest.approx(12.0 + math.sqrt(14.0), abs=1e-4)
    assert "ball" in " ".join(result.check["unchecked"])


def test_a_start_is_used_and_never_lost():
    instance = hard_knapsacks()
    known = boundwise.solve(instance, time_limit=1.5)
    again = boundwise.solve(instance, start=known.x, work_limit=3.0)
    assert again.objective >= known.objective
    by_name = dict(zip(known.names, known.x, strict=True))
    assert boundwise.solve(instance, start=by_name, work_limit=3.0).objective >= (
        known.objective
    )


def test_an_infeasible_start_is_refused_with_a_warning():
    instance = knapsacks(12, 3, 0)
    with pytest.warns(StartWarning, match="not feasible"):
        result = boundwise.solve(instance, start=np.ones(12))
    assert result.status is Status.OPTIMAL


@pytest.mark.parametrize(
    ("start", "match"),
    [
        (np.zeros(3), "12 values"),
        (np.full(12, np.nan), "finite"),
        ({"nobody": 1.0}, "nobody"),
    ],
)
def test_a_start_that_does_not_fit_is_an_input_error(start, match):
    with pytest.raises(InputError, match=match):
        boundwise.solve(knapsacks(12, 3, 0), start=start)


def test_a_callback_sees_every_event_and_can_end_the_run():
    events = []

    def callback(event):
        events.append(event)
        return len(events) == 2

    result = boundwise.solve(hard_knapsacks(), callback=callback, time_limit=30.0)
    assert result.termination is Termination.INTERRUPTED
    assert result.wall_time < 10.0
    assert tuple(events) == tuple(result.trace)
    assert result.x is not None


def test_an_error_in_a_callback_reaches_the_user():
    def callback(event):
        raise RuntimeError("mine")

    with pytest.raises(RuntimeError, match="mine"):
        boundwise.solve(hard_knapsacks(), callback=callback, time_limit=5.0)


@pytest.mark.parametrize(
    ("arguments", "match"),
    [
        ({"time_limit": -1}, "time_limit"),
        ({"time_limit": math.nan}, "time_limit"),
        ({"gap": -0.1}, "gap"),
        ({"threads": 0}, "threads"),
        ({"seed": -3}, "seed"),
        ({"seed": 1.5}, "seed"),
        ({"method": "magic"}, "method"),
        ({"policy": "magic"}, "policy"),
        ({"arms": ["magic"]}, "magic"),
        ({"arms": []}, "arms"),
        ({"engines": "magic"}, "engines"),
        ({"cluster": "tcp://127.0.0.1:1", "work_limit": 1.0}, "work_limit"),
        ({"cluster": "tcp://127.0.0.1:1", "method": "scip"}, "cluster"),
        ({"cluster": 3}, "cluster"),
        ({"memory_limit": 0}, "memory_limit"),
        ({"solver_options": {"no/such": 1}}, "no/such"),
    ],
)
def test_bad_arguments_are_named(arguments, match):
    with pytest.raises(InputError, match=match):
        boundwise.solve(knapsacks(12, 3, 0), **arguments)


def test_something_that_is_no_problem_is_refused():
    with pytest.raises(InputError, match="problem must be"):
        boundwise.solve(42)


def test_a_gap_ends_the_run_early():
    result = boundwise.solve(hard_knapsacks(), gap=0.2, time_limit=30.0)
    assert result.status is Status.OPTIMAL
    assert result.gap <= 0.2
    assert result.wall_time < 20.0


def test_runs_outside_the_main_thread():
    results = []
    thread = threading.Thread(
        target=lambda: results.append(boundwise.solve(hard_knapsacks(), time_limit=1.5))
    )
    thread.start()
    thread.join()
    assert results[0].x is not None


@pytest.mark.parametrize(
    "policy", ["thompson", pytest.param("streaming", marks=pytest.mark.slow)]
)
def test_every_policy_steers_a_run(policy):
    result = boundwise.solve(hard_knapsacks(), policy=policy, work_limit=4.0)
    assert result.x is not None
    assert sum(arm["pulls"] for arm in result.arms) > 0


def test_a_users_own_neighbourhood_takes_part():
    from boundwise.heuristics.protocols import Subproblem

    class Half:
        name = "half"

        def propose(self, state, fixing_rate, rng):
            fixed = state.problem.integers[::2]
            return Subproblem(fixed, np.round(state.current[fixed]))

    result = boundwise.solve(hard_knapsacks(), arms=[Half()], work_limit=6.0)
    assert [arm["name"] for arm in result.arms] == ["half"]
    assert result.arms[0]["pulls"] > 0


def test_a_memory_limit_ends_the_run():
    result = boundwise.solve(
        hard_knapsacks(), memory_limit=resident_mebibytes() + 1.0, time_limit=20.0
    )
    assert result.termination is Termination.MEMORY_LIMIT


@pytest.mark.slow
def test_memory_does_not_grow_over_ten_minutes_of_iterations():
    instance = hard_knapsacks()
    boundwise.solve(instance, time_limit=60.0)
    before = resident_mebibytes()
    boundwise.solve(instance, time_limit=600.0)
    assert resident_mebibytes() - before < 60.0


def test_limits_of_the_users_model_do_not_act_on_every_copy():
    model = mixed_model()
    model.setParam("limits/solutions", 1)
    model.setParam("limits/nodes", 1)
    result = boundwise.solve(model, time_limit=20.0)
    assert result.status is Status.OPTIMAL
    assert model.getParam("limits/solutions") == 1


@pytest.mark.slow
def test_a_run_ends_when_the_checker_refuses_everything(monkeypatch):
    from boundwise.solvers.mip.search import Search

    monkeypatch.setattr(Search, "_verify", lambda self, x: None)
    result = boundwise.solve(mixed_model(), time_limit=20.0)
    assert result.status is Status.UNKNOWN
    assert result.termination is Termination.ERROR
    assert result.stats["rejected_solutions"] > 0
    assert result.wall_time < 30.0


def test_results_can_be_compared_and_hashed():
    result = boundwise.solve(knapsacks(8, 2, 0))
    assert result == result
    assert result in {result}


@pytest.mark.parametrize("method", ["lns", "scip"])
def test_variables_that_scip_adds_are_not_part_of_the_answer(tmp_path, method):
    # Reading indicator rows, SCIP adds slack variables behind those of the file.
    path = tmp_path / "indicator.mps"
    path.write_text(
        "NAME          ind\n"
        "ROWS\n N  cost\n G  demand\n L  only\n"
        "COLUMNS\n"
        "    MARKER    'MARKER'  'INTORG'\n"
        "    b         cost      5.0\n"
        "    MARKER    'MARKER'  'INTEND'\n"
        "    x         cost      1.0   demand    1.0\n"
        "    x         only      1.0\n"
        "    y         cost      3.0   demand    1.0\n"
        "RHS\n    RHS       demand    4.0   only      1.0\n"
        "BOUNDS\n UP BND       b         1.0\n UP BND       x         9.0\n"
        "INDICATORS\n IF only      b         0\n"
        "ENDATA\n"
    )
    result = boundwise.solve(str(path), method=method)
    assert result.status is Status.OPTIMAL
    assert len(result.x) == len(result.names) == 3
    assert result.objective == pytest.approx(9.0)


def test_presolving_that_takes_too_long_is_cut_short_and_kept():
    from boundwise.core.interrupt import Interrupter
    from boundwise.core.limits import Deadline
    from boundwise.heuristics.scip.effort import WorkMeter
    from boundwise.solvers.mip.presolved import PresolvedProblem

    model = mixed_model()
    model.hideOutput()
    rounds = model.getParam("presolving/maxrounds")
    with Interrupter(Deadline(60.0)) as interrupter:
        problem = PresolvedProblem(model, model.getVars(), interrupter, WorkMeter())
        ran = []
        run = problem._driver.run

        def out_of_time_at_first(seconds, work):
            ran.append(seconds)
            return run(1e-9 if len(ran) == 1 else seconds, work)

        problem._driver.run = out_of_time_at_first
        assert problem.presolve(20.0)
        assert ran == [2.0, 18.0]
        assert problem.model.getStageName() == "PRESOLVED"
        assert problem.view().n_variables > 0
    assert model.getParam("presolving/maxrounds") == rounds
    assert model.getParam("limits/nodes") == -1
