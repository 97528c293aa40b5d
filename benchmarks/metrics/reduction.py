"""Several seeds and permutations become one result before instances are averaged.

    time   = arithmetic mean of the floored times, an unsolved run counting the limit
    status = the worst of the runs

A mean over all runs of all instances would count an instance with more seeds more.
Reference: the reductions follow Rubberband.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from statistics import fmean

from boundwise.benchmarks.metrics.means import floored
from boundwise.benchmarks.record import Record
from boundwise.benchmarks.status import RunStatus


class FailPolicy(StrEnum):
    """What becomes of an instance on which a solver failed."""

    EXCLUDE = "exclude"
    """Drop the instance for all solvers."""
    INCLUDE = "include"
    """Count the time until the failure, as it was measured."""
    PUNISH = "punish"
    """Count the time limit."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Cell:
    """The runs of one solver on one instance, reduced.

    Parameters
    ----------
    instance, label
        Row and column.
    runs
        The records.
    status
        The worst status.
    time
        Mean of floored seconds; the limit where not solved.
    """

    instance: str
    label: str
    runs: tuple[Record, ...]
    status: RunStatus
    time: float

    @property
    def solved_all(self) -> bool:
        """Whether every run solved the instance."""
        return all(run.status.solved for run in self.runs)

    @property
    def solved_any(self) -> bool:
        """Whether at least one run solved it."""
        return any(run.status.solved for run in self.runs)

    @property
    def failed(self) -> bool:
        """Whether at least one run failed."""
        return any(run.status.failed for run in self.runs)

    @property
    def timed_out(self) -> bool:
        """Whether at least one run ended at a limit without a proof."""
        return any(not (r.status.solved or r.status.failed) for r in self.runs)

    @property
    def iterations(self) -> float | None:
        """Mean LP iterations, None unless every run tells them."""
        values = [run.stats.get("lp_iterations") for run in self.runs]
        if any(value is None for value in values):
            return None
        return fmean(float(value) for value in values if value is not None)


@dataclass(frozen=True, slots=True)
class Grid:
    """A complete table of cells: every instance has every solver.

    Parameters
    ----------
    labels
        Solvers, in the order of the tables.
    rows
        Cells by instance, in the order of ``labels``.
    incomplete
        Instances left out because a solver has not run on them yet.
    """

    labels: tuple[str, ...]
    rows: dict[str, tuple[Cell, ...]]
    incomplete: tuple[str, ...] = ()

    def restricted(self, instances: Iterable[str]) -> "Grid":
        """Return the table of some of the instances."""
        return Grid(self.labels, {name: self.rows[name] for name in instances})

    def columns(self) -> dict[str, list[Cell]]:
        """Return the cells of each solver, in the order of the rows."""
        return {
            label: [row[position] for row in self.rows.values()]
            for position, label in enumerate(self.labels)
        }

    def times(self) -> dict[str, list[float]]:
        """Return the times of each solver, the limit where not solved."""
        return {
            label: [cell.time for cell in cells]
            for label, cells in self.columns().items()
        }

    def solved_times(self) -> dict[str, list[float | None]]:
        """Return the times of each solver, None where not solved by all runs."""
        return {
            label: [cell.time if cell.solved_all else None for cell in cells]
            for label, cells in self.columns().items()
        }


def run_time(record: Record, policy: FailPolicy = FailPolicy.PUNISH) -> float:
    """Return the seconds that a run counts: floored, at most the limit.

    Parameters
    ----------
    record
        The run.
    policy
        What a failed run counts.
    """
    measured = record.seconds
    counts = record.status.solved or (
        record.status.failed and policy is FailPolicy.INCLUDE
    )
    if measured is None or not counts:
        return record.time_limit
    return floored(min(measured, record.time_limit))


def make_cell(runs: Sequence[Record], policy: FailPolicy = FailPolicy.PUNISH) -> Cell:
    """Reduce the runs of one solver on one instance.

    Parameters
    ----------
    runs
        At least one record.
    policy
        What a failed run counts.
    """
    return Cell(
        instance=runs[0].instance,
        label=runs[0].label,
        runs=tuple(runs),
        status=max((run.status for run in runs), key=lambda s: s.severity),
        time=fmean(run_time(run, policy) for run in runs),
    )


def make_grid(
    records: Iterable[Record], policy: FailPolicy = FailPolicy.PUNISH
) -> Grid:
    """Arrange records as a table of instances and solvers.

    Parameters
    ----------
    records
        Runs of one campaign.
    policy
        ``exclude`` drops an instance on which any solver failed.
    """
    groups: dict[str, dict[str, list[Record]]] = {}
    labels: dict[str, None] = {}
    for record in records:
        labels.setdefault(record.label)
        row = groups.setdefault(record.instance, {})
        row.setdefault(record.label, []).append(record)
    rows: dict[str, tuple[Cell, ...]] = {}
    incomplete = []
    runs_each = _runs_per_cell(groups)
    for instance, row in sorted(groups.items()):
        if any(len(row.get(label, ())) < runs_each for label in labels):
            incomplete.append(instance)
            continue
        cells = tuple(make_cell(row[label], policy) for label in labels)
        if policy is FailPolicy.EXCLUDE and any(cell.failed for cell in cells):
            continue
        rows[instance] = cells
    return Grid(tuple(labels), rows, tuple(incomplete))


def _runs_per_cell(groups: dict[str, dict[str, list[Record]]]) -> int:
    return max(
        (len(runs) for row in groups.values() for runs in row.values()), default=0
    )
