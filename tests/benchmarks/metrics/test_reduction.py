import pytest

from boundwise.benchmarks.metrics.means import shifted_geometric_mean
from boundwise.benchmarks.metrics.reduction import FailPolicy, make_cell, make_grid
from boundwise.benchmarks.metrics.subsets import subsets
from boundwise.benchmarks.status import RunStatus


def test_seeds_are_averaged_inside_the_instance_with_floored_times(make_record):
    runs = [make_record(seed=s, time=t) for s, t in enumerate([0.01, 2.5])]
    assert make_cell(runs).time == pytest.approx((0.5 + 2.5) / 2)


def test_an_unsolved_seed_counts_the_limit_and_its_status_wins(make_record):
    runs = [
        make_record(seed=0, time=10.0),
        make_record(seed=1, time=3.0, status=RunStatus.TIME_LIMIT),
    ]
    cell = make_cell(runs)
    assert cell.time == pytest.approx(55.0)
    assert cell.status is RunStatus.TIME_LIMIT
    assert cell.solved_any
    assert not cell.solved_all


def test_means_over_instances_weigh_every_instance_once(make_record):
    runs = [make_record("x", seed=s, time=1.0) for s in range(9)]
    runs += [make_record("y", seed=s, time=100.0) for s in range(9)]
    times = make_grid(runs).times()["a"]
    assert shifted_geometric_mean(times, 0.0) == pytest.approx(10.0)


def test_a_crash_is_never_the_fastest_run(make_record):
    crash = make_record(status=RunStatus.ABORT, time=0.001)
    assert make_cell([crash]).time == 100.0
    crash_without_time = make_record(status=RunStatus.ABORT, time=None)
    assert make_cell([crash_without_time], FailPolicy.INCLUDE).time == 100.0
    assert make_cell([crash], FailPolicy.INCLUDE).time == 0.5


def test_excluding_drops_the_instance_for_every_solver(make_record):
    records = [
        make_record("x", "a"),
        make_record("x", "b", RunStatus.FAIL_DUAL),
        make_record("y", "a"),
        make_record("y", "b"),
    ]
    assert list(make_grid(records, FailPolicy.EXCLUDE).rows) == ["y"]
    assert list(make_grid(records, FailPolicy.PUNISH).rows) == ["x", "y"]


def test_instances_with_missing_runs_are_left_out_and_named(make_record):
    records = [make_record("x", "a"), make_record("x", "b"), make_record("y", "a")]
    grid = make_grid(records)
    assert list(grid.rows) == ["x"]
    assert grid.incomplete == ("y",)


def _grid(make_record, rows):
    return make_grid(
        make_record(name, label, status, time, stats={"lp_iterations": iterations})
        for name, cells in rows.items()
        for label, (status, time, iterations) in zip("ab", cells, strict=True)
    )


OK, LIMIT, FAIL = RunStatus.OK, RunStatus.TIME_LIMIT, RunStatus.FAIL_DUAL


def test_subsets_follow_their_definitions(make_record):
    grid = _grid(
        make_record,
        {
            "easy": [(OK, 1.0, 5), (OK, 1.0, 5)],
            "one-slow": [(OK, 1.0, 5), (OK, 20.0, 9)],
            "one-fails": [(OK, 2.0, 5), (FAIL, 20.0, 9)],
            "one-times-out": [(OK, 2.0, 5), (LIMIT, 100.0, 9)],
            "none": [(LIMIT, 100.0, 7), (LIMIT, 100.0, 8)],
        },
    )
    found = {title: list(part.rows) for title, part in subsets(grid).items()}
    assert found["all optimal"] == ["easy", "one-slow"]
    assert found["affected"] == ["one-slow", "one-times-out"]
    assert found["different timeouts"] == ["one-times-out"]
    # The slowest solver decides, not the fastest; unsolved by all is never in.
    assert found["[10, limit]"] == ["one-fails", "one-slow", "one-times-out"]
    assert found["[100, limit]"] == ["one-fails", "one-times-out"]
    assert "[1000, limit]" not in found


def test_brackets_do_not_depend_on_the_order_of_solvers(make_record):
    rows = {"x": [(OK, 1.0, 1), (OK, 50.0, 1)]}
    flipped = {"x": [(OK, 50.0, 1), (OK, 1.0, 1)]}
    assert set(subsets(_grid(make_record, rows))) == set(
        subsets(_grid(make_record, flipped))
    )
