"""Show a campaign as it runs: a live display on a terminal, plain lines elsewhere."""

import contextlib
import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from typing import TYPE_CHECKING

import click

from boundwise.benchmarks.job import Job
from boundwise.benchmarks.record import Record
from boundwise.core.logtable import format_number

if TYPE_CHECKING:
    from rich.console import Console, ConsoleOptions, RenderResult

_VALUE_WIDTH = 14


class PlainProgress:
    """Write one line for each run that ends.

    Parameters
    ----------
    quiet
        Write nothing but failures.
    """

    def __init__(self, *, quiet: bool = False) -> None:
        self._quiet = quiet
        self._total = 0
        self._done = 0

    def started(self, total: int, recorded: int) -> None:
        """Say what is left to do."""
        self._total, self._done = total, recorded
        if not self._quiet:
            click.echo(f"{total} runs, {recorded} recorded already")

    def finished(self, record: Record) -> None:
        """Write the line of a run."""
        self._done += 1
        if not self._quiet or record.status.failed:
            click.echo(run_line(record, self._done, self._total))


class RichProgress:
    """A live display: bar, time left, current runs, failures so far.

    Parameters
    ----------
    current
        Returns the jobs under way by slot.
    """

    def __init__(self, current: Callable[[], Mapping[int, Job]]) -> None:
        self._current = current
        self._total = 0
        self._done = 0
        self._made = 0
        self._begin = time.monotonic()
        self._counts: Counter[str] = Counter()
        self._failures: list[str] = []

    def started(self, total: int, recorded: int) -> None:
        """Take the number of runs."""
        self._total, self._done = total, recorded
        self._begin = time.monotonic()

    def finished(self, record: Record) -> None:
        """Take one record."""
        self._done += 1
        self._made += 1
        self._counts[str(record.status)] += 1
        if record.status.failed:
            self._failures.append(run_line(record, self._done, self._total))

    def __rich_console__(
        self, _console: "Console", _options: "ConsoleOptions"
    ) -> "RenderResult":
        """Draw the present state; rich calls this a few times a second."""
        from rich.progress_bar import ProgressBar
        from rich.text import Text

        yield Text(
            f"{self._done}/{self._total} runs   {self._time_left()}   "
            f"{count_line(self._counts)}"
        )
        yield ProgressBar(total=max(1, self._total), completed=self._done, width=60)
        for job in list(self._current().values()):
            yield Text(f"  running  {job.instance}  {job.solver.label}  {job.seed}")
        for line in self._failures[-5:]:
            yield Text(f"  failed  {line}")

    def _time_left(self) -> str:
        if not self._made:
            return "time left: unknown"
        rate = (time.monotonic() - self._begin) / self._made
        return f"time left: {duration(rate * (self._total - self._done))}"

    @contextlib.contextmanager
    def live(self) -> Iterator[None]:
        """Show the display while the block runs."""
        from rich.live import Live

        with Live(self, refresh_per_second=4):
            yield


def run_line(record: Record, number: int, total: int) -> str:
    """Return one run as one line.

    Parameters
    ----------
    record
        The run.
    number, total
        Its place.
    """
    seconds = "-" if record.seconds is None else f"{record.seconds:.2f} s"
    value = "-"
    if record.primal is not None:
        value = format_number(record.primal, _VALUE_WIDTH)
    text = (
        f"[{number:>{len(str(total))}}/{total}] {record.status:<16} {seconds:>10}  "
        f"{value:>{_VALUE_WIDTH}}  {record.instance}  {record.label}  "
        f"seed {record.seed}"
    )
    if record.permutation:
        text += f"  permutation {record.permutation}"
    if record.status.failed:
        text += f"  ({record.raw_status or record.check.get('error', '')})"
    return text


def count_line(counts: Mapping[str, int]) -> str:
    """Return counts of statuses as words, the most frequent first."""
    ordered = sorted(counts.items(), key=lambda item: (-item[1], item[0]))
    return ", ".join(f"{number} {status}" for status, number in ordered)


def duration(seconds: float) -> str:
    """Return a time span for people.

    Examples
    --------
    >>> duration(3725), duration(62), duration(5)
    ('1 h 02 min', '1 min 02 s', '5 s')
    """
    whole = round(seconds)
    hours, rest = divmod(whole, 3600)
    minutes, left = divmod(rest, 60)
    if hours:
        return f"{hours} h {minutes:02d} min"
    if minutes:
        return f"{minutes} min {left:02d} s"
    return f"{left} s"
