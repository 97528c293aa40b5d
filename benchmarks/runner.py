"""Run a campaign: skip what is recorded, run the rest, record each run at once.

    for job in plan, in random order, unless recorded: engine.submit(job)
    for each that ends: store.append(record)

Whatever ends the runner, the store holds every run that was finished, and the same
command goes on from there.
"""

import contextlib
import shutil
import signal
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from types import FrameType
from typing import Protocol

from boundwise.benchmarks.engines.base import Completed, Engine
from boundwise.benchmarks.isolation.execute import RUNS
from boundwise.benchmarks.job import Job
from boundwise.benchmarks.plan import Plan
from boundwise.benchmarks.record import Record
from boundwise.benchmarks.status import RunStatus
from boundwise.benchmarks.store import SHARDS, Store, Writer

#: How often a run that was lost with its worker is submitted again.
_MAX_LOSSES = 3


class Watcher(Protocol):
    """Follow a campaign as it runs."""

    def started(self, total: int, recorded: int) -> None:
        """Take the number of runs, and of those that are recorded already."""
        ...

    def finished(self, record: Record) -> None:
        """Take one record."""
        ...


@dataclass(slots=True)
class Summary:
    """What one call of the runner did.

    Parameters
    ----------
    total
        Runs of the plan.
    skipped
        Runs that were recorded before.
    statuses
        Statuses of the runs made now.
    lost
        Runs given up because their workers died again and again.
    """

    total: int = 0
    skipped: int = 0
    statuses: Counter[str] = field(default_factory=Counter)
    lost: list[str] = field(default_factory=list)


def run_plan(
    plan: Plan,
    writer: Writer,
    folder: Path,
    engine: Engine,
    watcher: Watcher,
    *,
    retry_failed: bool = False,
) -> Summary:
    """Run what is not recorded yet.

    Parameters
    ----------
    plan
        The jobs.
    writer
        The open store of ``folder``.
    folder
        Folder of the campaign.
    engine
        Where to run.
    watcher
        Follows the campaign.
    retry_failed
        Run failed and aborted runs again.

    Raises
    ------
    BoundwiseError
        If the runner itself cannot go on; the records so far are safe.
    KeyboardInterrupt
        On SIGINT or SIGTERM, after the runs under way were ended.
    """
    absorb_shards(folder, writer)
    remove_leftovers(folder)
    recorded = Store(folder).statuses()
    todo = [
        job
        for job in plan.shuffled()
        if job.key not in recorded or (retry_failed and recorded[job.key].failed)
    ]
    summary = Summary(total=len(plan.jobs), skipped=len(plan.jobs) - len(todo))
    watcher.started(summary.total, summary.skipped)
    try:
        with _terminable():
            for job in todo:
                engine.submit(job)
            _collect(engine, writer, watcher, summary)
    finally:
        engine.close()
    return summary


def _collect(
    engine: Engine, writer: Writer, watcher: Watcher, summary: Summary
) -> None:
    losses: Counter[str] = Counter()
    done: set[str] = set()
    for completed in engine.completed():
        key = completed.job.key
        if completed.record is None:
            losses[key] += 1
            _resubmit(engine, completed, losses[key], summary)
        elif key not in done:
            # A worker thought dead may deliver after all; the first one counts.
            done.add(key)
            writer.append(completed.record)
            summary.statuses[str(completed.record.status)] += 1
            watcher.finished(completed.record)


def _resubmit(
    engine: Engine, completed: Completed, losses: int, summary: Summary
) -> None:
    if losses < _MAX_LOSSES:
        engine.submit(completed.job)
    else:
        summary.lost.append(f"{describe(completed.job)}: {completed.lost}")


def describe(job: Job) -> str:
    """Return a job in a few words.

    Parameters
    ----------
    job
        The job.
    """
    text = f"{job.instance} {job.solver.label} seed {job.seed}"
    return f"{text} perm {job.permutation}" if job.permutation else text


def absorb_shards(folder: Path, writer: Writer) -> int:
    """Move records that array jobs wrote to files of their own into the store.

    Returns
    -------
    int
        How many there were.
    """
    store = Store(folder)
    count = 0
    for path in sorted((folder / SHARDS).glob("*.json")):
        for record in store.records_in(path):
            writer.append(record)
            count += 1
        path.unlink()
    return count


def remove_leftovers(folder: Path) -> None:
    """Remove folders of runs that were cut short."""
    for path in (folder / RUNS).glob(".*"):
        shutil.rmtree(path, ignore_errors=True)


def failed_statuses(summary: Summary) -> int:
    """Return how many runs of a summary failed."""
    return sum(n for s, n in summary.statuses.items() if RunStatus(s).failed)


@contextlib.contextmanager
def _terminable() -> Iterator[None]:
    """Turn SIGTERM and SIGHUP into KeyboardInterrupt while a campaign runs."""

    def interrupt(_number: int, _frame: FrameType | None) -> None:
        raise KeyboardInterrupt

    former = {}
    with contextlib.suppress(ValueError):
        # Outside the main thread signals are left alone.
        for number in (signal.SIGTERM, signal.SIGHUP):
            former[number] = signal.signal(number, interrupt)
    try:
        yield
    finally:
        for number, handler in former.items():
            signal.signal(number, handler)
