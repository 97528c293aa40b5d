"""Campaigns on a Dask cluster; with two hosts, one of which dies in the middle."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from boundwise.benchmarks.engines.dask import connect, slurm_options
from boundwise.benchmarks.job import RunLimits
from boundwise.benchmarks.plan import Plan
from boundwise.benchmarks.store import Store
from boundwise.core.errors import InputError, NotAvailableError

FAKE_SOLVER = Path(__file__).parents[1] / "fake_solver.py"


def plan_of(*jobs):
    return Plan(name="p", suite="mip", jobs=jobs, references={})


def test_the_slurm_cluster_gets_one_run_at_a_time_and_its_memory(make_job):
    limits = RunLimits(time_limit=10.0, memory_limit=1000.0, threads=2)
    options = slurm_options(
        "queue=fast,walltime=01:00:00,jobs=3", plan_of(make_job(limits=limits))
    )
    assert options["queue"] == "fast"
    assert options["jobs"] == 3
    assert (options["cores"], options["processes"], options["job_cpu"]) == (1, 1, 2)
    assert options["memory"] == "2224 MiB"
    assert options["worker_extra_args"][-1] == "slot=1"


def test_a_slurm_job_script_is_what_dask_jobqueue_would_submit(make_job):
    jobqueue = pytest.importorskip("dask_jobqueue")
    options = slurm_options("queue=fast,jobs=2", plan_of(make_job()))
    options.pop("jobs")
    with jobqueue.SLURMCluster(**options) as cluster:
        script = cluster.job_script()
    assert "#SBATCH -p fast" in script
    assert "--nthreads 1" in script
    assert "--resources slot=1" in script


@pytest.mark.parametrize("text", ["quue=x", "queue", "queue=", "jobs=many"])
def test_wrong_slurm_options_are_named(make_job, text):
    with pytest.raises(InputError):
        slurm_options(text, plan_of(make_job()))


def test_one_way_to_the_cluster_must_be_named(make_job):
    with pytest.raises(InputError, match="one of --scheduler and --slurm"):
        connect(None, None, plan_of(make_job()))
    with pytest.raises(InputError, match="one of --scheduler and --slurm"):
        connect("tcp://a:1", "queue=x", plan_of(make_job()))


def test_a_scheduler_that_is_not_there_is_an_error(make_job, monkeypatch):
    pytest.importorskip("distributed")
    from boundwise.benchmarks.engines import dask

    monkeypatch.setattr(dask, "_CONNECT_SECONDS", 0.5)
    with pytest.raises(NotAvailableError, match="does not answer"):
        connect("tcp://127.0.0.1:9", None, plan_of(make_job()))
    # Other work with Dask in this process goes on without a cluster.
    assert pytest.importorskip("dask").config.get("scheduler", None) is None


def campaign(tmp_path, tiny, seeds, seconds):
    path = tmp_path / "campaign.toml"
    path.write_text(
        f'instances = ["{tiny}"]\ntime_limit = 30\nseeds = {list(range(seeds))}\n'
        f'[solvers.fake]\nadapter = "{FAKE_SOLVER}"\n'
        f"settings = {{ seconds = {seconds} }}\n"
    )
    return path


def run(cluster, path, out, scheduler):
    runner = subprocess.Popen(
        [
            *(sys.executable, "-m", "boundwise", "bench", "run", str(path)),
            *("--out", str(out), "--engine", "dask", "--scheduler", scheduler),
        ],
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        start_new_session=True,
    )
    cluster.processes.append(runner)
    return runner


@pytest.mark.slow
def test_a_campaign_on_two_hosts_survives_the_death_of_one(
    tmp_path, tiny, dask_processes, hosts
):
    bridge, ((first, address1), (second, address2)) = hosts
    scheduler = dask_processes.scheduler(bridge)
    dask_processes.worker(scheduler, address1, first)
    victim = dask_processes.worker(scheduler, address2, second)
    out = tmp_path / "out"
    runner = run(dask_processes, campaign(tmp_path, tiny, 16, 0.7), out, scheduler)
    end = time.monotonic() + 120
    while not (out / "records.jsonl").exists() or len(Store(out).statuses()) < 5:
        assert time.monotonic() < end
        assert runner.poll() is None, runner.communicate()
        time.sleep(0.05)
    os.killpg(victim.pid, signal.SIGKILL)
    text, _ = runner.communicate(timeout=180)
    assert runner.returncode == 0, text
    lines = list(Store(out).lines())
    assert len(lines) == 16
    assert len({line["key"] for line in lines}) == 16
    assert {line["status"] for line in lines} == {"solved_not_verified"}


@pytest.mark.slow
def test_a_worker_takes_its_solver_along_when_it_is_killed(
    tmp_path, tiny, dask_processes
):
    scheduler = dask_processes.scheduler("127.0.0.1")
    victim = dask_processes.worker(scheduler, "127.0.0.1")
    pids = tmp_path / "pids"
    path = tmp_path / "campaign.toml"
    path.write_text(
        f'instances = ["{tiny}"]\ntime_limit = 60\n[solvers.fake]\n'
        f'adapter = "{FAKE_SOLVER}"\n'
        f'settings = {{ mode = "family", pids = "{pids}", stay = true }}\n'
    )
    runner = run(dask_processes, path, tmp_path / "out", scheduler)
    end = time.monotonic() + 60
    while len(pids.read_text().split() if pids.exists() else []) < 3:
        assert time.monotonic() < end
        time.sleep(0.05)
    numbers = [int(word) for word in pids.read_text().split()]
    os.killpg(victim.pid, signal.SIGKILL)
    end = time.monotonic() + 10
    while any(Path(f"/proc/{pid}/cmdline").exists() for pid in numbers):
        assert time.monotonic() < end
        time.sleep(0.05)
    runner.send_signal(signal.SIGINT)
    runner.communicate(timeout=60)
    assert runner.returncode == 130
