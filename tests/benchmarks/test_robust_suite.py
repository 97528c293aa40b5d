"""The robust suite: instances, judge and settings."""

import importlib

import numpy as np
import pytest

from boundwise.benchmarks.robust.instances import expand, judge, make, problem_of, write
from boundwise.benchmarks.robust.tables import read_rows, relative_error, spread, table
from boundwise.benchmarks.solvers.base import SettingError
from boundwise.benchmarks.solvers.robust import Adapter
from boundwise.benchmarks.suites.base import load_suite
from boundwise.core.errors import InputError


def test_the_suite_is_found_and_writes_its_instances_once(tmp_path):
    suite = load_suite("robust")
    [file] = suite.collect(["robust_knapsack:n=3"], tmp_path)
    before = file.path.stat().st_mtime_ns
    [again] = suite.collect(["robust_knapsack:n=3"], tmp_path)
    assert again.path.stat().st_mtime_ns == before
    assert suite.read(file.path) == file.path
    assert len(expand("smoke")) == 7


def test_the_judge_evaluates_the_decision_itself(tmp_path):
    specification = "robust_knapsack:n=3"
    path = write(specification, tmp_path)
    problem = problem_of(make(specification))
    profit = -problem.worst_case(np.ones(3)).cost
    solution = tmp_path / "solution.sol"
    solution.write_text("".join(f"x{i} 1\n" for i in range(3)))
    verdict = judge(path, solution, profit)
    assert verdict["verified"]
    assert verdict["objective"] == pytest.approx(profit)
    assert verdict["sense"] == "maximize"
    assert not judge(path, solution, profit + 10.0)["verified"]
    solution.write_text("x0 0.5\n")
    assert not judge(path, solution, None)["verified"]
    solution.write_text("who 1\n")
    with pytest.raises(InputError, match="no variable"):
        judge(path, solution, None)


def test_settings_are_refused_before_any_run():
    adapter = Adapter()
    adapter.validate({"method": "search", "rounds": 3})
    for wrong in ({"method": "magic"}, {"rounds": -1}, {"colour": "red"}):
        with pytest.raises(SettingError):
            adapter.validate(wrong)


@pytest.mark.parametrize("method", ["static", "ccg", "neur2ro"])
def test_yardsticks_take_no_settings(method):
    module = importlib.import_module(f"boundwise.benchmarks.solvers.robust_{method}")
    module.Adapter().validate({})
    with pytest.raises(SettingError, match=f"robust-{method}"):
        module.Adapter().validate({"method": method})


def test_names_are_spread_over_each_cell():
    results = {f"i{k:02}": {"corr": "AB"[k % 2]} for k in range(20)}
    chosen = spread(results, "corr", 3)
    assert chosen == ["i00", "i08", "i18", "i01", "i09", "i19"]
    assert spread(results, "corr", 100) == sorted(
        results, key=lambda name: (results[name]["corr"], name)
    )


def test_the_table_counts_what_is_better_than_published(tmp_path):
    assert read_rows(tmp_path / "nothing") == []
    assert relative_error(99.0, 100.0) == pytest.approx(1.0)
    rows = [
        {
            "n": 20,
            "cell": "UN",
            "method": "auto",
            "error": error,
            "seconds": 2.0,
            "published": {"B&P": 0.5},
        }
        # The middle one is better by rounding alone.
        for error in (-1.0, -1e-5, 0.4)
    ]
    line = table(rows).splitlines()[1].split()
    assert line[:4] == ["20", "UN", "auto", "3"]
    assert [float(v) for v in line[4:7]] == pytest.approx([0.0, -0.2, 0.4], abs=1e-3)
    assert line[7] == "1"
