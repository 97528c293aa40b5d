"""Plain SLURM array scripts, for sites where no scheduler process may live.

Array task i of n carries out the jobs i, i + n, i + 2n, ... of the shuffled plan, and
writes each record to a file of its own. ``boundwise bench resume`` (or ``run``) later
moves the records into the store and runs what is missing.
"""

import shlex
import sys
from collections.abc import Sequence
from pathlib import Path

from boundwise.benchmarks.isolation.execute import Executor
from boundwise.benchmarks.plan import Plan
from boundwise.benchmarks.status import NOTHING_KNOWN
from boundwise.benchmarks.store import Store
from boundwise.core.errors import InputError
from boundwise.core.files import atomic_write

SCRIPT = "array.sh"
#: Seconds for start and check of a run beside its limits.
_OVERHEAD = 60.0
#: Most SLURM sites allow about a thousand array tasks.
_MAX_TASKS = 1000

_TEMPLATE = """\
#!/bin/bash
#SBATCH --job-name={name}
#SBATCH --array=0-{last}
#SBATCH --ntasks=1
#SBATCH --cpus-per-task={threads}
{memory}#SBATCH --time={minutes}
#SBATCH --output={folder}/slurm-%A_%a.out
{extra}
# The limits of every run are enforced by the runner; these are for the scheduler.
exec {python} -m boundwise bench work {folder} \\
    --index "$SLURM_ARRAY_TASK_ID" --tasks {tasks}
"""


def write_array_script(plan: Plan, folder: Path, extra: Sequence[str] = ()) -> Path:
    """Write the script that carries out a plan as one SLURM array.

    Parameters
    ----------
    plan
        The plan, saved in ``folder``.
    folder
        Campaign folder, on a file system that all nodes see.
    extra
        Further ``#SBATCH`` options, such as ``--partition=compute``.

    Returns
    -------
    Path
        The script.

    Raises
    ------
    InputError
        If the plan is empty, an option has a line break, or the folder's name
        cannot stand in a SLURM script.
    """
    if not plan.jobs:
        raise InputError("the plan has no job.")
    home = folder.absolute()
    if any(mark in str(home) for mark in "%\n \t"):
        raise InputError(
            f"SLURM takes no blanks and no % in file names: {str(home)!r}."
        )
    for option in extra:
        if "\n" in option:
            raise InputError(f"an #SBATCH option must be one line, got {option!r}.")
    tasks = min(len(plan.jobs), _MAX_TASKS)
    limits = plan.jobs[0].limits
    share = -(-len(plan.jobs) // tasks)
    seconds = share * (limits.time_limit + limits.seconds_to_kill + _OVERHEAD)
    hard = limits.hard_memory
    text = _TEMPLATE.format(
        name=f"bench-{plan.suite}",
        last=tasks - 1,
        tasks=tasks,
        threads=limits.threads,
        memory="" if hard is None else f"#SBATCH --mem={round(hard + 1024)}M\n",
        minutes=max(1, round(seconds / 60 + 0.5)),
        folder=shlex.quote(str(home)),
        python=shlex.quote(sys.executable),
        extra="".join(f"#SBATCH {option}\n" for option in extra),
    )
    path = home / SCRIPT
    with atomic_write(path) as stream:
        stream.write(text)
    path.chmod(0o755)
    return path


def work_on_share(folder: Path, index: int, tasks: int) -> int:
    """Carry out the jobs of one array task that are not recorded yet.

    Parameters
    ----------
    folder
        Campaign folder with a plan.
    index, tasks
        Number of the array task, from 0, and how many there are.

    Returns
    -------
    int
        Number of runs made.

    Raises
    ------
    InputError
        If the numbers do not go together or the folder cannot be written.
    """
    if tasks < 1 or not 0 <= index < tasks:
        raise InputError(f"index must be in [0, {tasks}), got {index}.")
    plan = Plan.load(folder)
    store = Store(folder)
    recorded = store.statuses()
    executor = Executor(folder)
    done = 0
    try:
        for job in plan.shuffled()[index::tasks]:
            if job.key in recorded:
                continue
            reference = plan.references.get(job.instance, NOTHING_KNOWN)
            record = executor.execute(job, reference)
            if record is not None:
                store.write_shard(record)
                done += 1
    finally:
        executor.close()
    return done
