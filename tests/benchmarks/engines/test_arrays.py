import os
import subprocess
import sys
from pathlib import Path

import pytest

from boundwise.benchmarks.engines.arrays import work_on_share, write_array_script
from boundwise.benchmarks.job import RunLimits
from boundwise.benchmarks.plan import Plan
from boundwise.benchmarks.store import Store
from boundwise.core.errors import InputError


@pytest.fixture
def plan(campaign_folder, make_job):
    jobs = tuple(make_job(seed=s) for s in range(3))
    made = Plan(name="p", suite="mip", jobs=jobs, references={})
    made.save(campaign_folder)
    return made


@pytest.mark.slow
def test_the_shares_of_all_tasks_make_up_the_plan(plan, campaign_folder):
    assert work_on_share(campaign_folder, 0, 2) == 2
    assert work_on_share(campaign_folder, 1, 2) == 1
    assert set(Store(campaign_folder).statuses()) == plan.keys
    assert work_on_share(campaign_folder, 0, 2) == 0


def test_a_share_that_does_not_exist_is_refused(plan, campaign_folder):
    for index, tasks in ((2, 2), (-1, 2), (0, 0)):
        with pytest.raises(InputError, match="index must be in"):
            work_on_share(campaign_folder, index, tasks)


def test_the_script_carries_the_limits_of_the_plan(campaign_folder, make_job):
    limits = RunLimits(time_limit=3600.0, memory_limit=4000.0, threads=4)
    jobs = tuple(make_job(seed=s, limits=limits) for s in range(2500))
    plan = Plan(name="p", suite="mip", jobs=jobs, references={})
    text = write_array_script(plan, campaign_folder, ["--partition=fast"]).read_text()
    assert "#SBATCH --array=0-999\n" in text
    assert "#SBATCH --cpus-per-task=4\n" in text
    # 1.1 * 4000 + 100 for the run, 1024 for the runner.
    assert "#SBATCH --mem=5524M\n" in text
    # Three runs a task, each with its limit, its grace of 10 % and a minute.
    assert "#SBATCH --time=202\n" in text
    assert "#SBATCH --partition=fast\n" in text
    assert "--tasks 1000" in text


@pytest.mark.slow
def test_the_script_runs_when_slurm_gives_it_a_number(plan, campaign_folder):
    script = write_array_script(plan, campaign_folder)
    assert subprocess.run(["bash", "-n", script], check=False).returncode == 0
    done = subprocess.run(
        ["bash", str(script)],
        env=os.environ | {"SLURM_ARRAY_TASK_ID": "1"},
        capture_output=True,
        text=True,
        check=True,
    )
    assert "1 runs recorded" in done.stdout
    assert len(Store(campaign_folder).statuses()) == 1


def test_names_that_slurm_cannot_take_are_refused(tmp_path, make_job):
    plan = Plan(name="p", suite="mip", jobs=(make_job(),), references={})
    for name in ("with blank", "with%percent"):
        folder = tmp_path / name
        folder.mkdir()
        with pytest.raises(InputError, match="SLURM takes no blanks"):
            write_array_script(plan, folder)
    with pytest.raises(InputError, match="one line"):
        write_array_script(plan, tmp_path, ["--x\nrm -rf"])
    with pytest.raises(InputError, match="no job"):
        write_array_script(_empty(), tmp_path)


def _empty():
    return Plan(name="p", suite="mip", jobs=(), references={})


def test_the_interpreter_in_the_script_is_this_one(plan, campaign_folder):
    text = write_array_script(plan, campaign_folder).read_text()
    assert Path(sys.executable).as_posix() in text
