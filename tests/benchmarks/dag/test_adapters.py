"""Adapters of the suite return weights of the data they were given."""

import numpy as np
import pytest

from boundwise.benchmarks.dag.datasets import read, write
from boundwise.benchmarks.dag.evaluate import score
from boundwise.benchmarks.dag.solutions import read_weights
from boundwise.benchmarks.solvers.base import ReadError, Recorder, SettingError, Task
from boundwise.benchmarks.solvers.registry import load
from boundwise.core.errors import NotAvailableError
from boundwise.core.limits import Deadline
from boundwise.instances.solutions import write_solution

RUNS = [
    ("topological-dag", {}),
    pytest.param(
        "topological-dag", {"score": "l1", "lam": 0.03}, marks=pytest.mark.slow
    ),
    ("dag-plain", {}),
    ("dag-baseline", {"order": "min-pivot"}),
    ("dag-continuous", {"method": "notears"}),
    pytest.param("dag-continuous", {"method": "golem-nv"}, marks=pytest.mark.slow),
    pytest.param("dag-continuous", {"method": "colide-nv"}, marks=pytest.mark.slow),
    pytest.param("dagma", {}, marks=pytest.mark.slow),
    pytest.param("notears-pytorch", {}, marks=pytest.mark.slow),
    pytest.param("causal-learn", {"method": "boss"}, marks=pytest.mark.slow),
    pytest.param("causal-learn", {"method": "grasp"}, marks=pytest.mark.slow),
    pytest.param("direct-lingam", {}, marks=pytest.mark.slow),
]


def solve(name, settings, path, folder):
    adapter = load(name)
    try:
        assert adapter.version()
    except NotAvailableError as error:
        pytest.skip(str(error))
    adapter.validate(settings)
    task = Task(instance=path, time_limit=20.0, settings=settings, folder=folder)
    recorder = Recorder(folder / "trace", Deadline(20.0))
    try:
        return adapter.solve(task, recorder)
    finally:
        recorder.close()


@pytest.mark.parametrize(("name", "settings"), RUNS)
def test_the_solution_is_the_weights_behind_the_claim(name, settings, tmp_path):
    path = write("er:d=5,k=1,n=100,noise=exp,seed=2", tmp_path)
    answer = solve(name, settings, path, tmp_path)
    names = answer.solution
    write_solution(tmp_path / "s.sol", list(names), list(names.values()), 0.0)
    W = read_weights(tmp_path / "s.sol", 5)
    X = read(path).X
    assert answer.objective == pytest.approx(score(X, W), rel=1e-9)
    assert answer.objective < score(X, np.zeros((5, 5)))
    assert answer.measures["fit"] >= 0


@pytest.mark.parametrize(
    ("name", "settings", "message"),
    [
        ("topological-dag", {"scores": "ls"}, "must be among"),
        ("topological-dag", {"score": "nosuch"}, "score"),
        ("dag-continuous", {"method": "daring"}, "method must be"),
        ("dag-baseline", {"order": "best"}, "order must be"),
        ("dag-plain", {"speed": 1}, "must be among"),
        ("causal-learn", {"method": "ges"}, "method must be"),
        ("dagma", {"lambda1": 1}, "must be among"),
        ("notears-pytorch", {"lambda1": 1}, "must be among"),
        ("direct-lingam", {"measure": 1}, "must be among"),
    ],
)
def test_unknown_settings_are_refused(name, settings, message):
    with pytest.raises(SettingError, match=message):
        load(name).validate(settings)


def test_what_is_no_data_set_is_a_read_error(tmp_path):
    (tmp_path / "bad.npz").write_bytes(b"nothing")
    with pytest.raises(ReadError, match="not a data set"):
        solve("dag-baseline", {}, tmp_path / "bad.npz", tmp_path)
