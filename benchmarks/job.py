"""A job: one run of a campaign, and the key under which its record is found.

    key = hash(schema, suite, instance sha256, solver, version, settings, seed,
               permutation, limits)

The machine is not part of the key: it is recorded, and compared when tables are
made. Neither is the instance's name: the content counts.
"""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, Self

from boundwise.core.arguments import as_number
from boundwise.core.clock import CLOCKS
from boundwise.core.errors import InputError
from boundwise.core.limits import Limits

#: Version of the record format and of the meaning of the key.
SCHEMA = 1
_KEY_LENGTH = 20
#: A run that counts CPU seconds is stopped after this many times its limit of wall
#: time: one that sleeps would never end.
_WALL_FACTOR = 8.0


@dataclass(frozen=True, slots=True, kw_only=True)
class RunLimits:
    """Limits of every run of a campaign.

    Parameters
    ----------
    time_limit
        Seconds for reading and solving.
    clock
        What these seconds, all times and traces count: ``"wall"``, or ``"cpu"`` for
        the CPU seconds of all processes of a run. Only the latter mean something on
        a machine that others use too.
    memory_limit
        Soft limit in MiB, or None. The hard limit is 1.1 times this + 100 MiB.
    threads
        Threads of a run.
    gap
        Relative gap at which a run may stop. 0 is what MIPLIB calls solved.
    interrupt_grace
        Seconds after the time limit before SIGINT; None for max(1, 2 %).
    kill_grace
        Seconds after the time limit before SIGKILL; None for max(30, 10 %).
    """

    time_limit: float = 60.0
    clock: str = "wall"
    memory_limit: float | None = None
    threads: int = 1
    gap: float = 0.0
    interrupt_grace: float | None = None
    kill_grace: float | None = None

    def __post_init__(self) -> None:
        """Validate every limit."""
        Limits(
            time_limit=self.time_limit,
            memory_limit=self.memory_limit,
            threads=self.threads,
            gap=self.gap,
        )
        as_number("time_limit", self.time_limit, above=0)
        if self.clock not in CLOCKS:
            raise InputError(
                f"clock must be one of {', '.join(CLOCKS)}, got {self.clock!r}."
            )
        for name in ("interrupt_grace", "kill_grace"):
            value = getattr(self, name)
            if value is not None:
                as_number(name, value, above=0)

    @property
    def seconds_to_interrupt(self) -> float:
        """Seconds after the limit at which SIGINT is sent."""
        if self.interrupt_grace is not None:
            return self.interrupt_grace
        return max(1.0, 0.02 * self.time_limit)

    @property
    def seconds_to_kill(self) -> float:
        """Seconds after the limit at which SIGKILL is sent."""
        if self.kill_grace is not None:
            return self.kill_grace
        return max(30.0, 0.1 * self.time_limit)

    @property
    def wall_guard(self) -> float | None:
        """Wall-clock seconds after which a run on the CPU clock counts as late."""
        return None if self.clock == "wall" else _WALL_FACTOR * self.time_limit

    @property
    def hard_memory(self) -> float | None:
        """MiB of resident memory at which the run is killed: 1.1 M + 100."""
        return None if self.memory_limit is None else 1.1 * self.memory_limit + 100


@dataclass(frozen=True, slots=True, kw_only=True)
class SolverSpec:
    """A solver with its settings, as one column of the tables.

    Parameters
    ----------
    label
        Name in the tables.
    adapter
        Built-in adapter or absolute path of a Python file.
    version
        What the adapter says of itself.
    settings
        The solver's own settings, JSON-like.
    """

    label: str
    adapter: str
    version: str
    settings: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Job:
    """One run to do.

    Parameters
    ----------
    suite
        Name of the suite that judges the run.
    instance
        Name of the instance.
    path
        Its file; an empty string if there is none.
    sha256
        Hash of the file's content; of the name if there is no file.
    solver
        Solver and settings.
    seed, permutation
        0 is the solver's default behaviour.
    limits
        Limits of the run.
    """

    suite: str
    instance: str
    path: str
    sha256: str
    solver: SolverSpec
    seed: int = 0
    permutation: int = 0
    limits: RunLimits = field(default_factory=RunLimits)

    @property
    def key(self) -> str:
        """The run key, 20 hexadecimal digits."""
        limits = asdict(self.limits)
        if self.limits.clock == "wall":
            # Runs of the time when there was no other clock keep their keys.
            del limits["clock"]
        document = {
            "schema": SCHEMA,
            "suite": self.suite,
            "sha256": self.sha256,
            "adapter": self.solver.adapter,
            "version": self.solver.version,
            "settings": self.solver.settings,
            "seed": self.seed,
            "permutation": self.permutation,
            "limits": limits,
        }
        text = json.dumps(document, sort_keys=True, separators=(",", ":"))
        return hashlib.sha256(text.encode()).hexdigest()[:_KEY_LENGTH]

    def to_dict(self) -> dict[str, Any]:
        """Return the job as JSON holds it."""
        document = asdict(self)
        document["solver"]["settings"] = dict(self.solver.settings)
        return document

    @classmethod
    def from_dict(cls, document: Mapping[str, Any]) -> Self:
        """Rebuild a job from `to_dict`.

        Raises
        ------
        InputError
            If the document is not a job.
        """
        try:
            fields = dict(document)
            fields["solver"] = SolverSpec(**fields["solver"])
            fields["limits"] = RunLimits(**fields["limits"])
            return cls(**fields)
        except (KeyError, TypeError) as error:
            raise InputError(f"this is not a job: {error}.") from error


def file_sha256(path: Path) -> str:
    """Return the SHA-256 of a file's content.

    Raises
    ------
    InputError
        If the file cannot be read.
    """
    try:
        with path.open("rb") as stream:
            return hashlib.file_digest(stream, "sha256").hexdigest()
    except OSError as error:
        raise InputError(f"cannot read {str(path)!r}: {error.strerror}.") from error
