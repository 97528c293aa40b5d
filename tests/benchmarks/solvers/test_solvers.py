"""Every adapter that is installed solves a small problem, in a child of its own."""

import functools

import pytest

from boundwise.benchmarks.campaign import SolverChoice
from boundwise.benchmarks.job import Job, RunLimits, file_sha256
from boundwise.benchmarks.plan import probe
from boundwise.benchmarks.solvers.registry import available_adapters, load, resolve
from boundwise.benchmarks.status import RunStatus
from boundwise.core.errors import BoundwiseError, InputError, NotAvailableError
from boundwise.instances.generators.registry import generate
from boundwise.instances.mps.writer import write_mps
from boundwise.instances.reference import Kind, Reference

EXACT = [
    "highs",
    "scip",
    pytest.param("boundwise", marks=pytest.mark.slow),
    pytest.param("boundwise-in-tree", marks=pytest.mark.slow),
    pytest.param("cbc", marks=pytest.mark.slow),
    pytest.param("cp-sat", marks=pytest.mark.slow),
]
INFEASIBLE = """\
NAME none
ROWS
 N obj
 G c1
COLUMNS
    M1 'MARKER' 'INTORG'
    x obj 1 c1 1
    M2 'MARKER' 'INTEND'
RHS
    RHS c1 5
BOUNDS
 UP BND x 2
ENDATA
"""


@functools.cache
def spec_of(name):
    """Return a solver that is installed; its child is asked once."""
    try:
        return probe(SolverChoice(label=name, adapter=name))
    except NotAvailableError as error:
        pytest.skip(str(error))


def run(executor, spec, path, reference, **changes):
    fields = {
        "suite": "mip",
        "instance": path.stem,
        "path": str(path),
        "sha256": file_sha256(path),
        "solver": spec,
        "limits": RunLimits(time_limit=10.0, memory_limit=4000.0),
    }
    return executor.execute(Job(**(fields | changes)), reference)


@pytest.mark.parametrize("name", EXACT)
def test_it_finds_the_known_optimum_of_a_maximization(executor, name, tiny):
    record = run(executor, spec_of(name), tiny, Reference(Kind.OPTIMAL, 7.0, 7.0))
    assert record.status is RunStatus.OK, record.raw_status
    assert record.primal == pytest.approx(7.0)
    assert record.dual == pytest.approx(7.0)
    assert record.sense == "maximize"


@pytest.mark.parametrize("name", EXACT)
def test_it_proves_that_there_is_no_solution(executor, name, tmp_path):
    path = tmp_path / "none.mps"
    path.write_text(INFEASIBLE)
    record = run(executor, spec_of(name), path, Reference(Kind.INFEASIBLE))
    assert record.status is RunStatus.OK, record.raw_status
    assert record.primal is None


@pytest.mark.parametrize("name", EXACT)
def test_a_broken_file_is_a_read_error(executor, name, tmp_path):
    path = tmp_path / "broken.mps"
    path.write_text("NAME broken\nROWS\n N obj\n L c1\nCOLUMNS\n x c9 1\n")
    record = run(executor, spec_of(name), path, Reference(Kind.UNKNOWN))
    assert record.status is RunStatus.READ_ERROR, record.raw_status


@pytest.mark.parametrize("name", EXACT[:3])
def test_it_streams_incumbents_with_their_times(executor, name, tmp_path):
    path = tmp_path / "cover.mps"
    write_mps(generate("set_cover:rows=60,cols=120,seed=1"), path)
    record = run(executor, spec_of(name), path, Reference(Kind.UNKNOWN), seed=3)
    values = [point[1] for point in record.trace if point[1] is not None]
    assert values
    assert values == sorted(values, reverse=True)
    assert values[-1] == pytest.approx(record.primal)
    assert all(0 <= point[0] <= record.time_wall + 0.1 for point in record.trace)


@pytest.mark.slow
def test_balans_returns_a_verified_solution_at_its_time_limit(executor, tmp_path):
    path = tmp_path / "cover.mps"
    write_mps(generate("set_cover:rows=60,cols=120,seed=1"), path)
    record = run(
        executor,
        spec_of("balans"),
        path,
        Reference(Kind.UNKNOWN),
        limits=RunLimits(time_limit=4.0),
    )
    assert record.status is RunStatus.TIME_LIMIT, record.raw_status
    assert record.check["verified"] is True
    assert record.trace


@pytest.mark.parametrize(
    ("name", "settings"),
    [
        ("scip", {"limits/nodse": 3}),
        pytest.param("scip", {"limits/nodes": "many"}, marks=pytest.mark.slow),
        ("scip", {"set_file_text": "no/such = 1\n"}),
        ("highs", {"presolv": "off"}),
        pytest.param("cp-sat", {"num_workrs": 1}, marks=pytest.mark.slow),
        ("boundwise", {"polcy": "exp3ix"}),
        pytest.param("boundwise", {"policy": "nosuch"}, marks=pytest.mark.slow),
        ("boundwise-in-tree", {"policy": "nosuch"}),
        pytest.param("boundwise-in-tree", {"budget": "much"}, marks=pytest.mark.slow),
        pytest.param("boundwise-in-tree", {"no/such": 1}, marks=pytest.mark.slow),
        pytest.param("boundwise-in-tree", {"priors": "no"}, marks=pytest.mark.slow),
        pytest.param("balans", {"speed": 11}, marks=pytest.mark.slow),
        ("command", {}),
        ("command", {"command": "true {nosuch}"}),
        ("command", {"command": "true", "primal": "("}),
        pytest.param("cbc", {"bad name": 1}, marks=pytest.mark.slow),
    ],
)
def test_settings_it_does_not_know_are_refused_before_any_run(name, settings):
    if name != "command":
        spec_of(name)
    with pytest.raises(InputError, match=name):
        probe(SolverChoice(label=name, adapter=name, settings=settings))


def test_a_parameter_file_reaches_scip(executor, tmp_path):
    path = tmp_path / "cover.mps"
    write_mps(generate("set_cover:rows=60,cols=120,seed=1"), path)
    text = "limits/nodes = 1\nseparating/maxroundsroot = 0\npresolving/maxrounds = 0\n"
    choice = SolverChoice(
        label="scip", adapter="scip", settings={"set_file_text": text}
    )
    spec = probe(choice)
    record = run(executor, spec, path, Reference(Kind.UNKNOWN))
    assert record.nodes == 1


def test_attached_heuristics_tell_what_each_arm_did(executor, tmp_path):
    path = tmp_path / "knapsack.mps"
    write_mps(generate("multiple_knapsack:items=14,knapsacks=3,seed=3"), path)
    choice = SolverChoice(
        label="in-tree",
        adapter="boundwise-in-tree",
        settings={"arms": ["dive-guided", "rins"], "limits/nodes": 20, "budget": 0.5},
    )
    record = run(executor, probe(choice), path, Reference(Kind.UNKNOWN))
    assert record.status in {RunStatus.NODE_LIMIT, RunStatus.SOLVED_NOT_VERIFIED}
    assert record.stats["replaced"] == ["guideddiving", "rins"]
    assert [arm["arm"] for arm in record.stats["arms"]] == ["dive-guided", "rins"]
    assert sum(arm["calls"] for arm in record.stats["arms"]) > 0


@pytest.mark.parametrize("name", [n for n in available_adapters() if n != "command"])
def test_an_adapter_is_imported_without_its_solver(name):
    # The parent lists adapters: their files must not load solvers.
    assert callable(load(name).solve)


def test_a_misspelt_solver_gets_a_suggestion(tmp_path):
    with pytest.raises(InputError, match="did you mean 'scip'"):
        resolve("scpi", tmp_path)
    with pytest.raises(InputError, match="existing file"):
        resolve("nowhere.py", tmp_path)


def test_names_with_dashes_and_underscores_are_the_same(tmp_path):
    assert resolve("cp_sat", tmp_path) == resolve("cp-sat", tmp_path) == "cp-sat"


def test_a_file_without_an_adapter_is_refused(tmp_path):
    path = tmp_path / "mine.py"
    path.write_text("x = 1\n")
    with pytest.raises(BoundwiseError, match="no class called Adapter"):
        probe(SolverChoice(label="mine", adapter=str(path)))


def test_a_changed_adapter_file_is_another_version(tmp_path):
    source = (
        "class Adapter:\n"
        "    def version(self):\n        return '1'\n"
        "    def validate(self, settings):\n        pass\n"
        "    def solve(self, task, recorder):\n        raise RuntimeError\n"
    )
    path = tmp_path / "mine.py"
    path.write_text(source)
    first = probe(SolverChoice(label="mine", adapter=str(path)))
    path.write_text(source + "# changed\n")
    second = probe(SolverChoice(label="mine", adapter=str(path)))
    assert first.version != second.version


def command_spec(script, tmp_path, **patterns):
    path = tmp_path / "program.sh"
    path.write_text("#!/bin/sh\n" + script)
    path.chmod(0o755)
    template = f"{path} {{instance}} {{solution}} {{time_limit}} {{seed}}"
    return probe(
        SolverChoice(
            label="mine",
            adapter="command",
            settings={"command": template, "sense": "maximize", **patterns},
        )
    )


def run_command(executor, tiny, spec, limit=10.0):
    job = Job(
        suite="mip",
        instance="tiny",
        path=str(tiny),
        sha256=file_sha256(tiny),
        solver=spec,
        limits=RunLimits(time_limit=limit, interrupt_grace=0.2, kill_grace=2.0),
    )
    return executor.execute(job, Reference(Kind.OPTIMAL, 7.0, 7.0))


def test_any_program_can_take_part(executor, tiny, tmp_path):
    script = (
        'echo "new incumbent 5"\necho "final status: optimal, bound 7.0"\n'
        'printf "=obj= 7\\nx 1\\ny 1\\n" > "$2"\n'
    )
    spec = command_spec(
        script,
        tmp_path,
        solved="optimal",
        dual=r"bound (\S+)",
        event=r"new incumbent (?P<primal>\S+)",
    )
    record = run_command(executor, tiny, spec)
    assert record.status is RunStatus.OK, record.raw_status
    assert [point[1] for point in record.trace] == [5.0]
    assert record.dual == 7.0


def test_a_program_without_a_result_prints_garbage(executor, tiny, tmp_path):
    spec = command_spec("head -c 2000 /dev/urandom\n", tmp_path, solved="optimal")
    assert run_command(executor, tiny, spec).status is RunStatus.ABORT_OUTPUT


def test_a_program_with_a_broken_solution_file_prints_garbage(executor, tiny, tmp_path):
    spec = command_spec('echo "x ~~~" > "$2"\n', tmp_path)
    assert run_command(executor, tiny, spec).status is RunStatus.ABORT_OUTPUT


def test_a_program_that_fails_is_an_abort(executor, tiny, tmp_path):
    record = run_command(executor, tiny, command_spec("exit 3\n", tmp_path))
    assert record.status is RunStatus.ABORT
    assert "code 3" in record.raw_status


def test_a_program_is_interrupted_at_the_limit_and_its_incumbent_is_kept(
    executor, tiny, tmp_path
):
    script = 'trap \'printf "=obj= 5\\nx 1\\n" > "$2"; exit 0\' INT\nsleep 30 & wait\n'
    record = run_command(executor, tiny, command_spec(script, tmp_path), 0.5)
    assert record.status is RunStatus.TIME_LIMIT, record.raw_status
    assert record.primal == 5.0
    assert record.check["verified"] is True


def test_a_program_that_is_not_there_is_noticed_before_any_run():
    choice = SolverChoice(
        label="x",
        adapter="command",
        settings={"command": "no-such-program-here {seed}"},
    )
    with pytest.raises(NotAvailableError, match="no-such-program-here"):
        probe(choice)
