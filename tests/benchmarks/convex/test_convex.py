"""The convex suite: neutral models equal the objective, every claim is re-evaluated."""

import json
import sys
from dataclasses import replace

import numpy as np
import pytest
from pyscipopt import Model

from boundwise.benchmarks.convex.answers import answer_of_peer
from boundwise.benchmarks.convex.feasible import set_of
from boundwise.benchmarks.convex.instances import SETS, expand, judge, write
from boundwise.benchmarks.convex.minlplib import minlplib_problem
from boundwise.benchmarks.convex.separable import separable
from boundwise.benchmarks.solvers.base import Recorder, SettingError, Task
from boundwise.benchmarks.solvers.registry import load
from boundwise.benchmarks.suites.base import load_suite
from boundwise.core.errors import InputError, NotAvailableError
from boundwise.core.limits import Deadline
from boundwise.core.status import Status, Termination
from boundwise.instances.convex import read_problem
from boundwise.instances.generators.convex import generate_convex
from boundwise.instances.solutions import write_solution
from boundwise.solvers.convex.native import solve_native
from boundwise.solvers.convex.objectives.build import objective_of
from boundwise.solvers.convex.oracles.mip import MixedIntegerSet

SEPARABLE = tuple(spec for spec in SETS["smoke"] if "design:m" not in spec)


@pytest.fixture(scope="module")
def portfolio(tmp_path_factory):
    path = write("portfolio:n=4", tmp_path_factory.mktemp("instances"))
    problem = read_problem(path)
    result = solve_native(objective_of(problem.objective), problem.feasible, gap=0.0)
    return path, problem, result


def run(adapter, path, folder, **settings):
    recorder = Recorder(folder / "trace.jsonl", Deadline(20.0))
    task = Task(instance=path, time_limit=20.0, gap=1e-2, settings=settings)
    try:
        return adapter.solve(task, recorder)
    finally:
        recorder.close()


@pytest.mark.parametrize("spec", SEPARABLE)
def test_the_neutral_model_has_the_value_of_the_objective(spec):
    problem = generate_convex(spec)
    form, objective = separable(problem), objective_of(problem.objective)
    rng = np.random.default_rng(0)
    n = problem.n_variables
    for _ in range(5):
        x = rng.uniform(problem.feasible.lower, problem.feasible.upper)
        # The rows after the problem's own define the lifted variables.
        lifted = form.matrix[problem.feasible.n_rows :, :n] @ x
        lifted -= form.row_lower[problem.feasible.n_rows :]
        assert form.value(np.concatenate([x, lifted])) == pytest.approx(
            objective.value(x)
        )


def test_a_determinant_has_no_neutral_model():
    with pytest.raises(InputError, match="d_optimal has no separable form"):
        separable(generate_convex("optimal_design:m=6,p=2"))


@pytest.mark.parametrize("spec", SETS["smoke"])
def test_the_oracle_of_a_problem_has_the_points_of_its_rows(spec):
    problem = generate_convex(spec)
    oracle = set_of(problem)
    if oracle is problem.feasible:
        pytest.skip("rows only")
    rows = MixedIntegerSet(problem.feasible)
    rng = np.random.default_rng(1)
    assert sorted(oracle.integers) == sorted(rows.integers)
    for _ in range(3):
        d = rng.normal(size=problem.n_variables)
        best = d @ oracle.extreme_point(d, oracle.lower, oracle.upper)
        assert best == pytest.approx(d @ rows.extreme_point(d, rows.lower, rows.upper))
    rows.free()


def write_minlp(path, square=2.0, bent=False):
    """Min 2 x^2 + 2 x y + 3 y^2 + x + 4 over x + y >= 2 in {0..5}^2, as a file."""
    model = Model()
    model.hideOutput()
    x, y = (model.addVar(name, vtype="I", lb=0, ub=5) for name in "xy")
    t = model.addVar("t", lb=None)
    model.addCons(square * x**2 + 2 * x * y + 3 * y**2 + x - t <= -4)
    model.addCons((x**2 if bent else x + y) >= 2)
    model.setObjective(t)
    model.writeProblem(str(path), verbose=False)


def test_a_quadratic_file_is_taken_with_its_constant(tmp_path, monkeypatch):
    write_minlp(tmp_path / "tiny.lp")
    monkeypatch.setenv("BOUNDWISE_MINLPLIB", str(tmp_path))
    problem = minlplib_problem("tiny")
    objective = objective_of(problem.objective)
    assert problem.feasible.names == ("x", "y")
    assert objective.value(np.array([1.0, 1.0])) == pytest.approx(2 + 2 + 3 + 1 + 4)
    result = solve_native(objective, problem.feasible, gap=0.0)
    best = min(
        2 * x * x + 2 * x * y + 3 * y * y + x + 4
        for x in range(6)
        for y in range(6)
        if x + y >= 2
    )
    assert result.objective == pytest.approx(best)


def test_files_of_another_form_are_refused(tmp_path, monkeypatch):
    monkeypatch.setenv("BOUNDWISE_MINLPLIB", str(tmp_path))
    write_minlp(tmp_path / "bent.lp", bent=True)
    write_minlp(tmp_path / "wrong.lp", square=-2.0)
    with pytest.raises(InputError, match="no quadratic over"):
        minlplib_problem("bent")
    with pytest.raises(InputError, match="not convex"):
        minlplib_problem("wrong")
    with pytest.raises(NotAvailableError, match="BOUNDWISE_MINLPLIB"):
        minlplib_problem("gone")
    [missing] = load_suite("convex").collect(["minlplib:gone"], tmp_path)
    assert missing.path is None


@pytest.mark.parametrize(("name", "optimum"), [("alan", 2.925), ("meanvarx", 14.36923)])
def test_known_problems_have_their_known_optima(name, optimum):
    try:
        problem = minlplib_problem(name)
    except NotAvailableError as error:
        pytest.skip(str(error))
    objective = objective_of(problem.objective)
    result = solve_native(objective, problem.feasible, gap=0.0)
    assert result.objective == pytest.approx(optimum, rel=1e-5)


def test_sets_expand_to_seeds():
    assert expand("portfolio:n=5,seed=2..3,kind=mixed") == (
        "portfolio:n=5,seed=2,kind=mixed",
        "portfolio:n=5,seed=3,kind=mixed",
    )
    assert len(expand("small")) == 36
    for name in SETS:
        assert len(set(expand(name))) == len(expand(name))


def test_a_right_solution_is_verified(portfolio, tmp_path):
    path, problem, result = portfolio
    solution = tmp_path / "s.sol"
    write_solution(solution, problem.feasible.names, result.x, result.objective)
    verdict = judge(path, solution, result.objective)
    assert verdict["verified"] is True
    assert verdict["objective"] == result.objective
    json.dumps(verdict, allow_nan=False)


def test_a_solution_with_a_false_objective_is_refused(portfolio, tmp_path):
    path, problem, result = portfolio
    solution = tmp_path / "s.sol"
    write_solution(solution, problem.feasible.names, result.x, result.objective)
    verdict = judge(path, solution, result.objective - 0.5)
    assert verdict["verified"] is False
    assert "as claimed" in verdict["error"]


def test_a_point_outside_the_rows_is_refused(portfolio, tmp_path):
    path, problem, _ = portfolio
    solution = tmp_path / "s.sol"
    write_solution(solution, problem.feasible.names, np.zeros(4), 0.0)
    assert judge(path, solution, 0.0)["verified"] is False  # sum x >= 1


def test_a_design_outside_the_domain_is_refused(tmp_path):
    path = write("optimal_design:m=8,p=3", tmp_path)
    problem = read_problem(path)
    x = np.zeros(8)
    x[0] = problem.feasible.row_lower[0]
    solution = tmp_path / "s.sol"
    write_solution(solution, problem.feasible.names, x, -100.0)
    assert judge(path, solution, -100.0)["verified"] is False


def test_the_suite_has_its_own_limits():
    suite = load_suite("convex")
    assert suite.default_limits.gap == 1e-2
    assert suite.default_limits.time_limit == 60.0


def test_the_suite_tells_unreadable_instances_and_missing_solutions(tmp_path):
    suite = load_suite("convex")
    path = tmp_path / "bad.npz"
    path.write_bytes(b"nothing")
    assert suite.verify(path, tmp_path, {})["unreadable"] is True
    good = write("portfolio:n=3", tmp_path)
    assert suite.verify(good, tmp_path, {})["verified"] is None
    with pytest.raises(InputError, match="no file"):
        suite.collect(["gone.npz"], tmp_path)
    collected = suite.collect(["portfolio:n=3,seed=0..1", str(good)], tmp_path)
    assert [c.name for c in collected][:2] == [
        "portfolio:n=3,seed=0",
        "portfolio:n=3,seed=1",
    ]


def test_a_claim_without_a_bound_gets_the_one_its_gap_leaves(portfolio):
    _, problem, result = portfolio
    answer = answer_of_peer(
        problem,
        result.x,
        2.0,
        None,
        "done",
        is_proven=True,
        termination=Termination.ERROR,
        gap=0.01,
    )
    assert answer.status is Status.OPTIMAL
    assert answer.bound == pytest.approx(1.98)
    nothing = answer_of_peer(
        problem,
        None,
        None,
        None,
        "failed",
        is_proven=True,
        termination=Termination.ERROR,
        gap=0.01,
    )
    assert nothing.status is Status.UNKNOWN
    assert nothing.termination is Termination.ERROR


@pytest.mark.parametrize("name", ["convex", "scip-convex"])
def test_our_adapters_solve_and_tell_a_bound(portfolio, tmp_path, name):
    path, _, result = portfolio
    answer = run(load(name), path, tmp_path)
    assert answer.status is Status.OPTIMAL
    assert answer.objective == pytest.approx(result.objective, rel=1.1e-2)
    assert answer.bound <= result.objective + 1e-6


@pytest.mark.parametrize("name", ["shot", "bonmin", "gekko"])
def test_peers_solve_or_say_that_they_are_not_installed(portfolio, tmp_path, name):
    path, _, result = portfolio
    adapter = load(name)
    try:
        adapter.version()
    except NotAvailableError as error:
        pytest.skip(str(error))
    answer = run(adapter, path, tmp_path)
    assert answer.status is Status.OPTIMAL
    assert answer.objective == pytest.approx(result.objective, rel=1.1e-2)


@pytest.mark.parametrize(
    ("name", "settings"),
    [
        ("convex", {"method": "guess"}),
        ("convex", {"points": "all"}),
        ("convex", {"speed": 3}),
        ("scip-convex", {"form": "odd"}),
        ("shot", {"x": 1}),
        ("bonmin", {"algorithm": "B-X"}),
        ("gekko", {"x": 1}),
    ],
)
def test_wrong_settings_are_refused(name, settings):
    with pytest.raises(SettingError):
        load(name).validate(settings)


def test_what_a_peer_cannot_be_given_is_no_failure(tmp_path):
    path = write("optimal_design:m=8,p=3", tmp_path)
    answer = run(load("scip-convex"), path, tmp_path)
    assert answer.status is Status.UNKNOWN
    assert answer.raw_status.startswith("not expressible")
    cut = run(load("scip-convex"), path, tmp_path, form="cuts")
    assert cut.status is Status.OPTIMAL


def test_heavy_libraries_stay_in_the_child():
    load_suite("convex")
    assert "casadi" not in sys.modules
    assert "SHOTpy" not in sys.modules


def test_specifications_of_all_sets_are_known():
    from boundwise.instances.generators.convex import CONVEX_FAMILIES

    for name in SETS:
        for spec in expand(name):
            assert spec.partition(":")[0] in {*CONVEX_FAMILIES, "minlplib"}


def test_tasks_keep_their_gap(portfolio, tmp_path):
    path, _, result = portfolio
    task = Task(instance=path, time_limit=20.0, gap=0.0)
    recorder = Recorder(tmp_path / "t.jsonl", Deadline(20.0))
    answer = load("scip-convex").solve(replace(task), recorder)
    recorder.close()
    assert answer.bound == pytest.approx(result.objective, abs=1e-5)
