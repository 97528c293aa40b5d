"""The engine: where jobs run. Three methods, so that anything can be one."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Protocol

from boundwise.benchmarks.job import Job
from boundwise.benchmarks.record import Record


@dataclass(frozen=True, slots=True, kw_only=True)
class Completed:
    """A job that came to an end.

    Parameters
    ----------
    job
        The job.
    record
        Its record, or None if it was lost on the way.
    lost
        Why it was lost; it can be submitted again.
    """

    job: Job
    record: Record | None = None
    lost: str = ""


class Engine(Protocol):
    """Carry out jobs somewhere."""

    def submit(self, job: Job) -> None:
        """Take a job; return at once."""
        ...

    def completed(self) -> Iterator[Completed]:
        """Yield jobs as they end, until all that were submitted have.

        Jobs may be submitted while this iterates.

        Raises
        ------
        InputError
            If the engine itself cannot go on, for example on a full disk.
        """
        ...

    def close(self) -> None:
        """End what still runs, without records, and free everything."""
        ...
