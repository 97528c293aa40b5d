"""What a solver must offer to take part in a campaign.

An adapter is a class called ``Adapter`` in one small file. It is imported only in the
child process of a run, reads the instance itself, streams what it finds to a
`Recorder`, and returns an `Answer`. It judges nothing: the runner checks the
solution and decides on the status.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Protocol

from boundwise.core.clock import clock_name
from boundwise.core.errors import InputError
from boundwise.core.limits import Deadline
from boundwise.core.status import Status, Termination
from boundwise.core.trace import JsonLines, Trace

#: Setting under which the text of a parameter file travels with the campaign.
SET_FILE_TEXT = "set_file_text"


class ReadError(InputError):
    """Report that the solver cannot read the instance."""


class SettingError(InputError):
    """Report a setting that the solver does not know or accept."""


class OutputError(InputError):
    """Report that the output of a solver makes no sense."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Task:
    """One run, as the adapter sees it.

    Parameters
    ----------
    instance
        File to solve.
    time_limit
        Seconds for reading and solving, on the clock of the recorder: a solver that
        counts otherwise is stopped by the recorder's clock (`counts_cpu`).
    memory_limit
        Soft limit in MiB, or None; the hard limit above it is not the adapter's
        concern.
    threads
        Number of threads to use.
    gap
        Relative gap at which to stop; 0 asks for a proof.
    seed
        Seed; 0 is the solver's default behaviour.
    permutation
        Seed of the permutation of rows and columns; 0 is the original order.
    settings
        The solver's own settings, as the campaign gives them.
    folder
        Temporary current folder of the run.
    """

    instance: Path
    time_limit: float
    memory_limit: float | None = None
    threads: int = 1
    gap: float = 0.0
    seed: int = 0
    permutation: int = 0
    settings: Mapping[str, Any] = field(default_factory=dict)
    folder: Path = Path()


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What a solver claims at the end of a run.

    Parameters
    ----------
    status
        What is claimed about the problem.
    termination
        Why the solver stopped.
    raw_status
        The solver's own word for it.
    sense
        ``"minimize"`` or ``"maximize"``.
    objective, bound
        Claimed values in the user's sense, None if there is none.
    nodes
        Branch-and-bound nodes, None if the solver has none.
    solution
        Values of the variables by name; zeros may be left out. None without one.
    measures
        Further figures by name, for the metrics of a suite.
    stats
        Further JSON-like facts to keep in the record.
    """

    status: Status
    termination: Termination
    raw_status: str
    sense: str = "minimize"
    objective: float | None = None
    bound: float | None = None
    nodes: int | None = None
    solution: Mapping[str, float] | None = None
    measures: Mapping[str, float | None] = field(default_factory=dict)
    stats: Mapping[str, Any] = field(default_factory=dict)


class Recorder:
    """Stream improvements to disk as they happen.

    Parameters
    ----------
    path
        JSON-lines file of events [seconds, objective, bound, who].
    clock
        The clock of the run, started when the imports were done.
    """

    def __init__(self, path: Path, clock: Deadline) -> None:
        self._lines = JsonLines(path)
        self._trace = Trace(clock, (self._lines,))
        self._objective = math.nan
        self._bound = math.nan
        self.clock = clock

    def improved(
        self, *, objective: float | None = None, bound: float | None = None, who: str
    ) -> None:
        """Record a new incumbent or bound; a value that did not change is dropped.

        Parameters
        ----------
        objective, bound
            The new values in the user's sense; None keeps the former one.
        who
            The part of the solver that found it.
        """
        new_objective = self._objective if objective is None else float(objective)
        new_bound = self._bound if bound is None else float(bound)
        if _same(new_objective, self._objective) and _same(new_bound, self._bound):
            return
        self._objective, self._bound = new_objective, new_bound
        self._trace.record(new_objective, new_bound, who)

    def close(self) -> None:
        """Close the file."""
        self._lines.close()


class Adapter(Protocol):
    """A solver in a campaign: three methods, called in the child only."""

    def version(self) -> str:
        """Import the solver and return its version.

        Raises
        ------
        NotAvailableError
            If the solver is not installed.
        """
        ...

    def validate(self, settings: Mapping[str, Any]) -> None:
        """Refuse settings that the solver does not know, before any run.

        Raises
        ------
        SettingError
            If a setting is unknown or has a wrong value.
        """
        ...

    def solve(self, task: Task, recorder: Recorder) -> Answer:
        """Read the instance, solve it within the limits, and tell the result.

        Raises
        ------
        ReadError
            If the instance cannot be read.
        """
        ...


def counts_cpu() -> bool:
    """Tell whether limits and traces count CPU seconds in this process."""
    return clock_name() == "cpu"


def refuse_settings(
    settings: Mapping[str, Any], known: Sequence[str], solver: str
) -> None:
    """Raise a `SettingError` that names the first unknown setting."""
    for name in settings:
        if name not in known:
            raise SettingError(
                f"settings of {solver} must be among {', '.join(known) or 'none'}, "
                f"got {name!r}."
            )


def _same(left: float, right: float) -> bool:
    return left == right or (math.isnan(left) and math.isnan(right))
