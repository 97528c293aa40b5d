"""The state of a campaign, read from its folder by anybody at any time."""

import time
from collections import Counter
from dataclasses import dataclass
from pathlib import Path

from boundwise.benchmarks.isolation.execute import RUNS
from boundwise.benchmarks.plan import Plan
from boundwise.benchmarks.progress import count_line, duration
from boundwise.benchmarks.runner import describe
from boundwise.benchmarks.status import RunStatus
from boundwise.benchmarks.store import Store, is_running


@dataclass(frozen=True, slots=True)
class Snapshot:
    """State how far a campaign is.

    Parameters
    ----------
    name
        Name of the campaign.
    total, recorded
        Runs of the plan, and of those the recorded ones.
    counts
        Number of runs by status.
    failures
        Failed runs, each as (run, status).
    running
        Runs under way, each as (run, seconds so far).
    runner
        Who is running the campaign, or None.
    seconds_left
        Estimate, or None.
    damaged
        Damaged lines of the store.
    """

    name: str
    total: int
    recorded: int
    counts: Counter[str]
    failures: tuple[tuple[str, str], ...]
    running: tuple[tuple[str, float], ...]
    runner: str | None
    seconds_left: float | None
    damaged: tuple[str, ...]

    def lines(self) -> list[str]:
        """Return the state as lines of text."""
        state = f"running ({self.runner})" if self.runner else "not running"
        lines = [
            f"campaign   {self.name}: {state}",
            f"runs       {self.recorded} of {self.total} recorded",
            f"statuses   {count_line(self.counts) or 'none yet'}",
        ]
        if self.seconds_left is not None and self.runner:
            lines.append(f"time left  about {duration(self.seconds_left)}")
        lines += [f"now        {job}, {duration(s)}" for job, s in self.running]
        lines += [f"failed     {job}: {status}" for job, status in self.failures]
        lines += [
            f"damaged    {place} (its run will be made again)" for place in self.damaged
        ]
        return lines


def take_snapshot(folder: Path) -> Snapshot:
    """Return the state of the campaign in a folder.

    Parameters
    ----------
    folder
        Folder of the campaign.

    Raises
    ------
    InputError
        If it is not a campaign's folder.
    """
    plan = Plan.load(folder)
    store = Store(folder)
    jobs = {job.key: describe(job) for job in plan.jobs}
    statuses, busy = {}, 0.0
    for line in store.lines():
        if line["key"] in jobs:
            statuses[line["key"]] = line["status"]
            busy += line.get("time_wall") or 0.0
    runner = is_running(folder)
    left = None
    if statuses:
        rest = len(jobs) - len(statuses)
        left = busy / len(statuses) * rest / max(1, plan.slots)
    return Snapshot(
        name=plan.name,
        total=len(jobs),
        recorded=len(statuses),
        counts=Counter(statuses.values()),
        failures=tuple(
            (jobs[key], status)
            for key, status in statuses.items()
            if RunStatus(status).failed
        ),
        running=_running(folder, jobs),
        runner=runner,
        seconds_left=left,
        damaged=tuple(store.damaged),
    )


def _running(folder: Path, jobs: dict[str, str]) -> tuple[tuple[str, float], ...]:
    found = []
    for path in sorted((folder / RUNS).glob(".*")):
        key = path.name[1:].partition(".")[0]
        if key in jobs:
            age = max(0.0, time.time() - path.stat().st_mtime)
            found.append((jobs[key], age))
    return tuple(found)
