"""The suite's instances, courses and judge."""

import numpy as np
import pytest

from boundwise.benchmarks.solvers.base import Recorder, SettingError, Task
from boundwise.benchmarks.solvers.random_subset import Adapter
from boundwise.benchmarks.submodular.instances import (
    mean_ratio,
    objective_of,
    read,
    set_names,
    write,
)
from boundwise.benchmarks.submodular.measures import figures, greedy_values
from boundwise.benchmarks.submodular.methods import check_settings, parameters_of
from boundwise.benchmarks.submodular.play import Course, checkpoints, play
from boundwise.benchmarks.submodular.specification import make
from boundwise.benchmarks.submodular.table import parse_method, rows
from boundwise.benchmarks.suites.submodular import Suite
from boundwise.core.errors import InputError, NotAvailableError
from boundwise.core.limits import Deadline
from boundwise.instances.solutions import write_solution
from boundwise.solvers.submodular.baselines import RandomSubset

SPECIFICATIONS = [
    "synth:n=80,stream=window,k=4",
    "ba:n=60,affinity=2,stream=delete,k=4",
    "points:n=40,stream=random,length=90,k=3,seed=2",
    "points:n=40,stream=adversary,k=3,objective=log_det",
    "synth:n=80,stream=growing,k=4,eps=0.5",
]


@pytest.mark.parametrize("specification", SPECIFICATIONS)
def test_instances_survive_their_files(specification, tmp_path):
    made = make(specification)
    again = read(write(specification, tmp_path))
    for name in ("name", "objective", "k", "eps", "length", "seed", "n"):
        assert getattr(again, name) == getattr(made, name)
    if made.stream is None:
        assert again.stream is None
    else:
        np.testing.assert_array_equal(again.stream.elements, made.stream.elements)
    chosen = np.arange(made.k)
    values = [objective_of(problem).value(chosen) for problem in (made, again)]
    assert values[0] == values[1] > 0


@pytest.mark.parametrize(
    ("specification", "message"),
    [
        ("synth:stream=sideways", "stream must be one of"),
        ("synth:k=0", "k must be a positive integer"),
        ("synth:k=two", "k must be an integer"),
        ("synth:eps=1.5", "eps must be in"),
        ("synth:eps=small", "eps must be a number"),
        ("synth:n=20,colour=red", "unknown option 'colour'"),
        ("synth:n=20,n=30", "each once"),
        ("synth:n", "name=value"),
        ("synth:n=20,objective=log_det", "objective must be"),
        ("points:n=20,objective=coverage", "objective must be"),
        (":k=3", "begin with a name"),
    ],
)
def test_specifications_that_mean_nothing_are_refused(specification, message):
    with pytest.raises(InputError, match=message):
        make(specification)


def test_graphs_come_from_the_folders_that_are_named(tmp_path, monkeypatch):
    (tmp_path / "star.txt").write_text("0 1\n0 2\n3 0\n2 2\n")
    monkeypatch.setenv("BOUNDWISE_GRAPHS", str(tmp_path))
    problem = make("star:k=1")
    assert objective_of(problem).value([0]) == 4.0
    directed = make("star:k=1,directed=1")
    # Nodes 0 and 3 have out-neighbours; node 2 has a loop only.
    assert directed.n == 2
    assert objective_of(directed).value([0]) == 2.0
    with pytest.raises(NotAvailableError, match="no graph 'moon'"):
        make("moon:k=1")


def random_course(problem, seed=0):
    objective = objective_of(problem)
    return play(problem, lambda: RandomSubset(objective, problem.k, seed=seed))


@pytest.mark.parametrize("specification", SPECIFICATIONS)
def test_the_judge_computes_what_the_run_saw(specification, tmp_path):
    path = write(specification, tmp_path)
    problem = read(path)
    course = random_course(problem)
    assert course.is_complete
    assert course.counts == checkpoints(course.length)
    assert course.calls == sorted(course.calls)
    reference = greedy_values(objective_of(problem), problem.k, course)
    seen = figures(course, reference)
    assert 0 <= seen.worst_ratio <= seen.mean_ratio < 1.5
    names = set_names(dict(enumerate(course.sets)), course.deleted)
    file = tmp_path / "solution.sol"
    write_solution(file, list(names), list(names.values()), seen.mean_ratio)
    assert mean_ratio(problem, file) == pytest.approx(seen.mean_ratio)
    verdict = Suite().verify(path, tmp_path, {"primal": seen.mean_ratio})
    assert verdict["verified"] is True
    assert Suite().verify(path, tmp_path, {"primal": 1.5})["verified"] is False


def test_sets_that_cannot_be_are_rejected(tmp_path):
    path = write("synth:n=80,stream=window,k=2", tmp_path)
    suite = Suite()
    assert suite.verify(path, tmp_path, {})["verified"] is None
    alive = read(path).stream.alive_after(checkpoints(160)[10])
    dead = next(e for e in range(80) if e not in alive)
    for names, good in (
        ([f"c10:{e}" for e in alive[:2]], True),
        ([f"c10:{e}" for e in alive[:3]], False),
        ([f"c10:{dead}"], False),
        (["c10"], False),
        (["x:y"], False),
    ):
        file = tmp_path / "solution.sol"
        write_solution(file, names, [1.0] * len(names), 0.5)
        assert suite.verify(path, tmp_path, {})["verified"] is good
    path.write_bytes(b"junk")
    assert suite.verify(path, tmp_path, {})["unreadable"] is True


def test_figures_are_per_update():
    course = Course(
        n_updates=10,
        length=20,
        seconds=1e-3,
        values=[2.0, 0.0, 3.0],
        stats={"oracle_calls": 40, "solution_changes": 5},
    )
    seen = figures(course, [4.0, 0.0, 4.0])
    assert (seen.calls, seen.changes, seen.done) == (4.0, 0.5, 0.5)
    assert seen.microseconds == pytest.approx(100.0)
    assert (seen.mean_ratio, seen.worst_ratio) == (0.625, 0.5)


def test_an_adapter_plays_until_the_end_or_the_limit(tmp_path):
    path = write("synth:n=80,stream=window,k=4", tmp_path)
    for limit, termination in ((60.0, "converged"), (0.0, "time_limit")):
        recorder = Recorder(tmp_path / "trace", Deadline(limit))
        task = Task(instance=path, time_limit=limit)
        answer = Adapter().solve(task, recorder)
        recorder.close()
        assert answer.termination == termination
        assert set(answer.measures) == {m.name for m in Suite().measures()}
        assert answer.objective == answer.measures["mean_ratio"]


def test_settings_are_checked_before_a_run():
    Adapter().validate({})
    with pytest.raises(SettingError, match="among none"):
        Adapter().validate({"eps": 0.1})
    assert "plus_plus" in parameters_of("sieve-streaming")
    with pytest.raises(InputError, match="period"):
        check_settings("periodic-greedy", {"period": 0})


def test_methods_are_read_with_their_settings():
    assert parse_method("random-subset") == ("random-subset", {})
    with pytest.raises(InputError, match="method must be one of"):
        parse_method("magic")
    with pytest.raises(InputError, match="among"):
        parse_method("sieve-streaming:colour=1")


def test_tables_average_seeds_and_keep_the_worst_ratio():
    line = {
        "instance": "i",
        "method": "m",
        "calls": 1.0,
        "microseconds": 2.0,
        "mean_ratio": 0.8,
        "worst_ratio": 0.5,
        "changes": 0.1,
        "done": 1.0,
    }
    other = line | {"calls": 3.0, "worst_ratio": 0.25}
    *_, row = rows([line, other])
    assert row == "| i | m | 2 | 2 | 0.800 | 0.250 | 0.1 | 1 | 2 |"


def test_sets_and_specifications_become_files(tmp_path):
    files = Suite().collect(["synth:n=30,k=2"], tmp_path)
    assert [file.name for file in files] == ["synth:n=30,k=2"]
    again = Suite().collect([str(files[0].path)], tmp_path)
    assert again[0].path == files[0].path
    with pytest.raises(InputError, match="no file"):
        Suite().collect(["missing.npz"], tmp_path)
