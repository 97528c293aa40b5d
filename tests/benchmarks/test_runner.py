import os
import random
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from boundwise.benchmarks.engines.base import Completed
from boundwise.benchmarks.engines.local import LocalEngine
from boundwise.benchmarks.plan import Plan
from boundwise.benchmarks.progress import PlainProgress
from boundwise.benchmarks.runner import absorb_shards, run_plan
from boundwise.benchmarks.snapshot import take_snapshot
from boundwise.benchmarks.status import RunStatus
from boundwise.benchmarks.store import Store, Writer
from boundwise.core.errors import InputError

FAKE_SOLVER = Path(__file__).with_name("fake_solver.py")


def make_plan(jobs, slots=1):
    return Plan(name="test", suite="mip", jobs=tuple(jobs), references={}, slots=slots)


def run(plan, folder, engine=None, **options):
    plan.save(folder)
    engine = engine or LocalEngine(folder, plan.references, plan.slots)
    with Writer(folder) as writer:
        return run_plan(
            plan, writer, folder, engine, PlainProgress(quiet=True), **options
        )


def test_finished_runs_are_never_run_again(campaign_folder, make_job):
    plan = make_plan([make_job(seed=s) for s in range(3)])
    first = run(plan, campaign_folder)
    assert first.statuses == {"solved_not_verified": 3}
    second = run(plan, campaign_folder)
    assert (second.skipped, sum(second.statuses.values())) == (3, 0)


def test_failed_runs_are_run_again_on_request_only(campaign_folder, make_job):
    plan = make_plan([make_job("crash"), make_job()])
    run(plan, campaign_folder)
    assert sum(run(plan, campaign_folder).statuses.values()) == 0
    again = run(plan, campaign_folder, retry_failed=True)
    assert again.statuses == {"abort": 1}
    assert len(Store(campaign_folder).statuses()) == 2


def test_leftovers_of_killed_runs_are_removed(campaign_folder, make_job):
    stale = campaign_folder / "runs" / ".deadbeef.host-1-2"
    (stale / "work").mkdir(parents=True)
    run(make_plan([make_job()]), campaign_folder)
    assert not stale.exists()


def test_records_of_array_tasks_move_into_the_store(campaign_folder, make_record):
    store = Store(campaign_folder)
    store.write_shard(make_record("x", key="k1"))
    store.write_shard(make_record("y", key="k2"))
    with Writer(campaign_folder) as writer:
        assert absorb_shards(campaign_folder, writer) == 2
    assert not list((campaign_folder / "shards").iterdir())
    assert set(store.statuses()) == {"k1", "k2"}


class LossyEngine:
    """Lose every job a number of times, and deliver every record twice."""

    def __init__(self, make_record, losses):
        self._make_record = make_record
        self._losses = losses
        self._queue = []
        self.submitted = []
        self.closed = False

    def submit(self, job):
        self.submitted.append(job.key)
        self._queue.append(job)

    def completed(self):
        while self._queue:
            job = self._queue.pop(0)
            if self.submitted.count(job.key) <= self._losses:
                yield Completed(job=job, lost="the worker died")
            else:
                record = self._make_record("tiny", key=job.key)
                yield Completed(job=job, record=record)
                yield Completed(job=job, record=record)

    def close(self):
        self.closed = True


def test_a_lost_run_is_submitted_again_and_a_double_one_recorded_once(
    campaign_folder, make_job, make_record
):
    engine = LossyEngine(make_record, losses=2)
    plan = make_plan([make_job(seed=s) for s in range(2)])
    summary = run(plan, campaign_folder, engine)
    assert sum(summary.statuses.values()) == 2
    assert len(list(Store(campaign_folder).lines())) == 2
    assert summary.lost == []
    assert engine.closed


def test_a_run_that_is_lost_again_and_again_is_given_up_and_named(
    campaign_folder, make_job, make_record
):
    engine = LossyEngine(make_record, losses=99)
    summary = run(make_plan([make_job()]), campaign_folder, engine)
    assert summary.lost == ["tiny good seed 0: the worker died"]
    assert len(engine.submitted) == 3
    assert Store(campaign_folder).statuses() == {}


def test_a_store_that_cannot_be_written_stops_the_campaign(
    campaign_folder, make_job, make_record, monkeypatch
):
    def fail(self, record):
        raise InputError("cannot store the record: No space left on device.")

    monkeypatch.setattr(Writer, "append", fail)
    engine = LossyEngine(make_record, losses=0)
    with pytest.raises(InputError, match="No space"):
        run(make_plan([make_job()]), campaign_folder, engine)
    assert engine.closed


def test_jobs_run_in_a_random_order_that_is_always_the_same(make_job):
    jobs = [make_job(seed=s) for s in range(30)]
    order = make_plan(jobs).shuffled()
    assert order != jobs
    assert sorted(j.seed for j in order) == list(range(30))
    assert make_plan(reversed(jobs)).shuffled() == order


def test_a_plan_survives_its_file_and_a_damaged_one_is_refused(
    campaign_folder, make_job
):
    plan = make_plan([make_job(), make_job("crash")])
    plan.save(campaign_folder)
    assert Plan.load(campaign_folder) == plan
    (campaign_folder / "campaign.json").write_text('{"name": "x"')
    with pytest.raises(InputError, match="damaged"):
        Plan.load(campaign_folder)
    with pytest.raises(InputError, match="not a campaign folder"):
        Plan.load(campaign_folder / "nowhere")


def test_the_snapshot_counts_runs_and_names_failures(campaign_folder, make_job):
    plan = make_plan([make_job(), make_job("crash"), make_job("segfault")])
    plan.save(campaign_folder)
    run(make_plan(plan.jobs[:2]), campaign_folder)
    plan.save(campaign_folder)
    snapshot = take_snapshot(campaign_folder)
    assert (snapshot.total, snapshot.recorded) == (3, 2)
    assert snapshot.failures == (("tiny crash seed 0", "abort"),)
    assert snapshot.runner is None
    text = "\n".join(snapshot.lines())
    assert "2 of 3 recorded" in text
    assert "not running" in text


def campaign_file(folder, solvers, instances, seeds, jobs=1, time_limit=30):
    lines = [
        'name = "kill"',
        f"instances = {instances}",
        f"time_limit = {time_limit}",
        f"seeds = {seeds}",
        f"jobs = {jobs}",
        "kill_grace = 2",
    ]
    for label, settings in solvers.items():
        pairs = ", ".join(f"{k} = {v}" for k, v in settings.items())
        lines += [
            f"[solvers.{label}]",
            f'adapter = "{FAKE_SOLVER}"',
            f"settings = {{ {pairs} }}",
        ]
    path = folder / "campaign.toml"
    path.write_text("\n".join(lines) + "\n")
    return path


def start(path, out, **options):
    return subprocess.Popen(
        [sys.executable, "-m", "boundwise", "bench", "run", path, "--out", out],
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        **options,
    )


def alive(pid):
    try:
        text = Path(f"/proc/{pid}/stat").read_text()
    except FileNotFoundError:
        return False
    return text.rpartition(")")[2].split()[0] != "Z"


def wait_until(condition, seconds=30.0):
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, "it took too long"
        time.sleep(0.02)


@pytest.mark.parametrize("how", [signal.SIGKILL, signal.SIGTERM, signal.SIGINT])
def test_nothing_outlives_the_runner_whatever_ends_it(tmp_path, tiny, how):
    pids = tmp_path / "pids"
    settings = {"mode": '"family"', "pids": f'"{pids}"', "stay": "true"}
    path = campaign_file(tmp_path, {"fake": settings}, [str(tiny)], [0])
    runner = start(path, tmp_path / "out")

    def numbers():
        return [int(w) for w in pids.read_text().split()] if pids.exists() else []

    wait_until(lambda: len(numbers()) == 3)
    assert sum(alive(pid) for pid in numbers()) == 2
    runner.send_signal(how)
    runner.communicate(timeout=30)
    wait_until(lambda: not any(alive(pid) for pid in numbers()), 10)
    if how is not signal.SIGKILL:
        assert runner.returncode == 130
    assert Store(tmp_path / "out").statuses() == {}


def test_a_campaign_killed_in_the_middle_resumes_to_the_same_end(tmp_path, tiny):
    solvers = {
        "good": {"mode": '"good"', "seconds": "0.05"},
        "bad": {"mode": '"infeasible_solution"'},
    }
    path = campaign_file(tmp_path, solvers, [str(tiny)], [0, 1, 2])
    runner = start(path, tmp_path / "killed")
    wait_until(lambda: (tmp_path / "killed" / "records.jsonl").exists())
    wait_until(lambda: len(Store(tmp_path / "killed").statuses()) >= 2)
    runner.kill()
    runner.communicate()
    assert len(Store(tmp_path / "killed").statuses()) < 6
    for out in ("killed", "whole"):
        done = start(path, tmp_path / out)
        text, _ = done.communicate(timeout=60)
        assert done.returncode == 0, text
    killed = Store(tmp_path / "killed").statuses()
    assert killed == Store(tmp_path / "whole").statuses()
    assert set(killed.values()) == {
        RunStatus.SOLVED_NOT_VERIFIED,
        RunStatus.FAIL_SOLUTION,
    }
    assert len(list(Store(tmp_path / "killed").lines())) == 6


@pytest.mark.slow
@pytest.mark.timeout(1800)
def test_two_hundred_smoke_runs_killed_three_times_equal_an_undisturbed_campaign(
    tmp_path,
):
    rng = random.Random(20)
    command = [sys.executable, "-m", "boundwise", "bench", "run", "--suite", "mip"]
    command += ["--instances", "smoke", "--solvers", "scip,highs", "--jobs", "2"]
    command += ["--seeds", ",".join(str(s) for s in range(10)), "--time-limit", "20"]
    environment = os.environ | {"OMP_NUM_THREADS": "1"}
    killed = tmp_path / "killed"
    for _ in range(3):
        runner = subprocess.Popen(
            [*command, "--out", str(killed)], stdout=subprocess.DEVNULL, env=environment
        )
        recorded = (
            len(Store(killed).statuses()) if (killed / "records.jsonl").exists() else 0
        )
        target = recorded + rng.randint(10, 50)
        wait_until(
            lambda runner=runner, target=target: (
                runner.poll() is not None
                or (
                    (killed / "records.jsonl").exists()
                    and len(Store(killed).statuses()) >= target
                )
            ),
            300,
        )
        assert runner.poll() is None
        time.sleep(rng.uniform(0, 1))
        runner.kill()
        runner.wait()
    for out in (killed, tmp_path / "whole"):
        subprocess.run(
            [*command, "--out", str(out)],
            check=True,
            stdout=subprocess.DEVNULL,
            env=environment,
        )
    mine, theirs = Store(killed).statuses(), Store(tmp_path / "whole").statuses()
    assert len(theirs) == 200
    # The keys hold the content of the instances: they are equal in both folders.
    assert mine == theirs
    assert len(list(Store(killed).lines())) == 200
