"""Every way in which a run can go wrong ends as a status of its own."""

import os
import time
from pathlib import Path

import pytest

from boundwise.benchmarks.isolation.execute import Executor
from boundwise.benchmarks.status import NOTHING_KNOWN, RunStatus
from boundwise.core.errors import InputError
from boundwise.instances.reference import Kind, Reference

SEVEN = Reference(Kind.OPTIMAL, 7.0, 7.0)


def alive(pid):
    try:
        state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except FileNotFoundError:
        return False
    return state != "Z"


def gone(pids, seconds=5.0):
    end = time.monotonic() + seconds
    while any(alive(pid) for pid in pids):
        if time.monotonic() > end:
            return False
        time.sleep(0.02)
    return True


@pytest.mark.parametrize(
    ("mode", "expected"),
    [
        ("good", RunStatus.OK),
        ("crash", RunStatus.ABORT),
        ("segfault", RunStatus.ABORT),
        ("exit", RunStatus.ABORT),
        ("bad_alloc", RunStatus.ABORT_MEMORY),
        ("garbage", RunStatus.ABORT_OUTPUT),
        ("nan", RunStatus.ABORT_OUTPUT),
        ("wrong_optimum", RunStatus.FAIL_DUAL),
        ("too_good", RunStatus.FAIL_OBJECTIVE),
        ("infeasible_solution", RunStatus.FAIL_SOLUTION),
        ("infeasible_claim", RunStatus.FAIL_INFEASIBLE_CLAIM),
        ("read_error", RunStatus.READ_ERROR),
        ("time_limit", RunStatus.TIME_LIMIT),
    ],
)
def test_each_behaviour_ends_as_its_own_status(executor, make_job, mode, expected):
    record = executor.execute(make_job(mode), SEVEN)
    assert record.status is expected
    assert record.raw_status


def test_a_good_run_has_every_field(executor, make_job, shared_folder):
    job = make_job("good", settings={"seconds": 0.2}, memory_limit=500.0)
    record = executor.execute(job, SEVEN)
    assert record.key == job.key
    assert (record.primal, record.dual, record.gap) == (7.0, 7.0, 0.0)
    assert 0.2 <= record.time_wall < 15.0
    assert record.time_start > 0
    assert record.time_cpu > 0
    assert record.peak_rss > 1
    assert [point[1] for point in record.trace] == [1.0, 7.0]
    assert record.time_to_first < record.time_to_best
    assert record.check["strict"] is True
    assert record.check["objective"] == 7.0
    assert record.sense == "maximize"
    assert record.rc == 0
    assert record.signal is None
    assert record.host["fingerprint"]
    run = shared_folder / record.log
    assert {"out", "err", "solution.sol", "trace.jsonl"} <= {
        path.name for path in run.iterdir()
    }
    assert not (run / "work").exists()


def test_without_a_reference_a_solved_run_is_not_called_ok(executor, make_job):
    record = executor.execute(make_job("good"), NOTHING_KNOWN)
    assert record.status is RunStatus.SOLVED_NOT_VERIFIED


def test_a_solution_on_an_infeasible_instance_fails(executor, make_job):
    record = executor.execute(make_job("good"), Reference(Kind.INFEASIBLE))
    assert record.status is RunStatus.FAIL_SOLUTION_ON_INFEASIBLE


def test_a_solver_that_ignores_everything_is_killed_at_the_hard_limit(
    executor, make_job
):
    record = executor.execute(make_job("hang", 0.5, kill_grace=1.0), SEVEN)
    assert record.status is RunStatus.ABORT_TIME
    assert record.signal == 9
    assert 1.5 <= record.time_wall < 15.0
    # What it had streamed before is kept, as a claim that nobody has checked.
    assert record.primal == 1.0
    assert record.check == {}


def test_what_a_killed_run_had_found_is_judged_in_the_sense_of_its_problem(
    executor, make_job
):
    # 5 of at most 7: of a minimization it would be better than the optimum.
    record = executor.execute(make_job("spin", 0.3, clock="cpu"), SEVEN)
    assert record.primal == 5.0
    assert record.sense == "maximize"
    assert record.status is RunStatus.TIME_LIMIT


def test_sigint_at_the_limit_lets_a_solver_keep_its_incumbent(executor, make_job):
    record = executor.execute(make_job("interrupted", time_limit=0.5), SEVEN)
    assert record.status is RunStatus.TIME_LIMIT
    assert record.primal == 5.0
    assert record.check["verified"] is True


def test_a_solver_that_dies_of_sigint_is_at_its_time_limit(executor, make_job):
    record = executor.execute(make_job("sleep", time_limit=0.5), SEVEN)
    assert record.status is RunStatus.TIME_LIMIT
    assert 0.5 <= record.time_wall < 15.0


def test_a_solver_that_eats_memory_is_stopped_near_its_limit(executor, make_job):
    record = executor.execute(make_job("memory", 30.0, memory_limit=100.0), SEVEN)
    assert record.status is RunStatus.ABORT_MEMORY
    # The hard limit is 1.1 * 100 + 100 MiB of resident memory.
    assert record.peak_rss < 350


def test_a_missing_file_is_its_own_status(executor, make_job):
    record = executor.execute(make_job(path="/nowhere/tiny.mps"), SEVEN)
    assert record.status is RunStatus.MISSING
    assert executor.execute(make_job(path=""), SEVEN).status is RunStatus.MISSING


def test_a_file_that_changed_since_the_plan_is_not_solved(executor, make_job, tiny):
    job = make_job()
    tiny.write_text(tiny.read_text().replace("x obj 5", "x obj 6"))
    record = executor.execute(job, SEVEN)
    assert record.status is RunStatus.READ_ERROR
    assert "changed" in record.raw_status


def test_a_file_the_checker_cannot_read_is_a_read_error(executor, make_job, tiny):
    from boundwise.benchmarks.job import file_sha256

    tiny.write_text("this is no MPS file\n")
    record = executor.execute(make_job(sha256=file_sha256(tiny)), SEVEN)
    assert record.status is RunStatus.READ_ERROR


def test_no_process_outlives_a_run_even_if_it_left_the_group(
    executor, make_job, tmp_path
):
    pids = tmp_path / "pids"
    record = executor.execute(make_job("family", settings={"pids": str(pids)}), SEVEN)
    assert record.status is RunStatus.OK
    numbers = [int(word) for word in pids.read_text().split()]
    assert len(numbers) == 3
    assert gone(numbers)


def test_on_the_cpu_clock_waiting_costs_nothing(executor, make_job):
    job = make_job("good", 0.4, clock="cpu", settings={"seconds": 1.0})
    record = executor.execute(job, SEVEN)
    assert record.status is RunStatus.OK
    assert record.time_used < 0.4 < 1.0 <= record.time_wall
    assert record.seconds == record.time_used
    assert record.clock == "cpu"
    assert record.time_to_best < 0.4


def test_on_the_cpu_clock_a_run_ends_when_its_cpu_seconds_are_used(executor, make_job):
    record = executor.execute(make_job("spin", 0.6, clock="cpu"), SEVEN)
    assert record.status is RunStatus.TIME_LIMIT
    assert 0.6 <= record.time_used < 2.0
    # The solver saw the same clock: it was told 0.2 s before the end.
    assert 0.35 <= record.time_to_best <= 0.6


def test_work_of_a_process_that_left_the_group_counts_and_ends(
    executor, make_job, tmp_path
):
    pids = tmp_path / "pids"
    job = make_job("delegate", 0.5, clock="cpu", settings={"pids": str(pids)})
    record = executor.execute(job, SEVEN)
    assert record.status is RunStatus.TIME_LIMIT
    assert 0.5 <= record.time_used < 2.0
    assert record.time_cpu >= 0.5
    assert gone([int(pids.read_text())])


def test_a_run_that_sleeps_meets_the_guard_on_the_wall_clock(executor, make_job):
    record = executor.execute(make_job("sleep", 0.2, clock="cpu"), SEVEN)
    assert record.status is RunStatus.TIME_LIMIT
    assert "wall clock" in record.raw_status
    assert record.time_used < 0.2
    assert 8 * 0.2 <= record.time_wall < 10.0


def test_stopping_the_executor_ends_the_run_without_a_record(
    campaign_folder, make_job, tmp_path
):
    import threading

    executor = Executor(campaign_folder)
    pids = tmp_path / "pids"
    job = make_job("family", 60.0, settings={"pids": str(pids), "stay": True})
    found = []
    thread = threading.Thread(target=lambda: found.append(executor.execute(job, SEVEN)))
    thread.start()
    end = time.monotonic() + 10
    while len(pids.read_text().split() if pids.exists() else []) < 3:
        assert time.monotonic() < end
        time.sleep(0.02)
    executor.close()
    thread.join(timeout=10)
    assert found == [None]
    assert gone([int(word) for word in pids.read_text().split()])


def test_a_checker_that_fails_does_not_lose_the_run(
    campaign_folder, make_job, monkeypatch
):
    from boundwise.benchmarks.isolation import verifier

    monkeypatch.setattr(verifier, "_MODULE", "no.such.module")
    executor = Executor(campaign_folder)
    record = executor.execute(make_job("good"), SEVEN)
    executor.close()
    assert record.status is RunStatus.SOLVED_NOT_VERIFIED
    assert "checker failed" in record.check["error"]
    assert record.primal == 7.0


def test_the_child_sees_pinned_threads_and_a_folder_of_its_own(executor, make_job):
    from boundwise.benchmarks.isolation.launch import run_environment

    environment = run_environment(3)
    assert environment["OMP_NUM_THREADS"] == environment["OPENBLAS_NUM_THREADS"] == "3"
    record = executor.execute(make_job(), SEVEN)
    assert record.status is RunStatus.OK
    assert not list(Path.cwd().glob("trace.jsonl"))


def test_pinning_restricts_the_run_to_its_cores(executor, make_job):
    core = min(os.sched_getaffinity(0))
    assert executor.execute(make_job(), SEVEN, [core]).status is RunStatus.OK


def test_a_full_disk_is_not_blamed_on_the_solver(executor, make_job, monkeypatch):
    import shutil

    usage = shutil.disk_usage("/")._replace(free=1000)
    monkeypatch.setattr(shutil, "disk_usage", lambda _: usage)
    with pytest.raises(InputError, match="full"):
        executor.execute(make_job("exit"), SEVEN)
    assert executor.execute(make_job("good"), SEVEN).status is RunStatus.OK
