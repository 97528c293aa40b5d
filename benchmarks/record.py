"""The record of one run: one JSON line with everything the tables need.

A value that is not there is None, never 0.
"""

import dataclasses
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Self

from boundwise.benchmarks.job import SCHEMA
from boundwise.benchmarks.status import NOTHING_KNOWN, RunStatus
from boundwise.core.errors import InputError
from boundwise.instances.reference import Kind, Reference

#: Share of the time limit by which a run may end late at no cost.
_LATE = 0.02

TracePoint = tuple[float, float | None, float | None, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Record:
    """What is kept of one run.

    Parameters
    ----------
    key
        The run key.
    suite, instance, sha256, path
        What was solved.
    solver
        Label, adapter and version.
    settings, seed, permutation, limits
        How it was solved.
    status
        Judged status; see `RunStatus`.
    raw_status
        The solver's own word, or what went wrong.
    claim, termination
        The solver's claim in the vocabulary of the package.
    sense, primal, dual, gap, nodes
        Claimed values; the gap is computed here, never taken from a solver.
    time_wall
        Wall-clock seconds from the end of the imports to the answer.
    time_used
        The same on the clock of the limits, which may be CPU seconds.
    time_start
        Seconds from the launch to the end of the imports.
    time_cpu, peak_rss
        Seconds of all processes; MiB of resident memory.
    trace
        Points (seconds, primal, dual, who).
    time_to_first, time_to_best
        Seconds to the first and to the last improvement of the incumbent.
    check
        Verdict of the independent checker.
    reference
        What was known of the instance.
    measures, stats
        Further figures of the suite and of the solver.
    rc, signal
        How the process ended.
    host
        Name and fingerprint of the machine, load at the start, runs at a time.
    log
        Folder of the run, relative to the campaign.
    stamp
        Start, UTC, ISO 8601.
    """

    key: str
    suite: str
    instance: str
    sha256: str
    solver: Mapping[str, Any]
    status: RunStatus
    path: str = ""
    settings: Mapping[str, Any] = field(default_factory=dict)
    seed: int = 0
    permutation: int = 0
    limits: Mapping[str, Any] = field(default_factory=dict)
    raw_status: str = ""
    claim: str = "unknown"
    termination: str = "error"
    sense: str = "minimize"
    primal: float | None = None
    dual: float | None = None
    gap: float | None = None
    nodes: int | None = None
    time_wall: float | None = None
    time_used: float | None = None
    time_start: float | None = None
    time_cpu: float | None = None
    peak_rss: float | None = None
    trace: Sequence[TracePoint] = ()
    time_to_first: float | None = None
    time_to_best: float | None = None
    check: Mapping[str, Any] = field(default_factory=dict)
    reference: Reference = NOTHING_KNOWN
    measures: Mapping[str, float | None] = field(default_factory=dict)
    stats: Mapping[str, Any] = field(default_factory=dict)
    rc: int | None = None
    signal: int | None = None
    host: Mapping[str, Any] = field(default_factory=dict)
    log: str = ""
    stamp: str = ""
    schema: int = SCHEMA

    @property
    def label(self) -> str:
        """Name of the solver in the tables."""
        return str(self.solver["label"])

    @property
    def time_limit(self) -> float:
        """Time limit of the run in seconds."""
        return float(self.limits["time_limit"])

    @property
    def clock(self) -> str:
        """What times and traces count: ``"wall"`` or ``"cpu"``."""
        return str(self.limits.get("clock", "wall"))

    @property
    def seconds(self) -> float | None:
        """Seconds of the run on the clock of its limits."""
        return self.time_wall if self.clock == "wall" else self.time_used

    @property
    def primal_at_limit(self) -> float | None:
        """Objective of the incumbent when the time was over.

        Of a run that ended late, what its trace says of the limit counts, not what it
        found afterwards.
        """
        if self.seconds is None or self.seconds <= (1.0 + _LATE) * self.time_limit:
            return self.primal
        if not self.trace:
            return self.primal
        former = [p[1] for p in self.trace if p[0] <= (1.0 + _LATE) * self.time_limit]
        return former[-1] if former else None

    def to_dict(self) -> dict[str, Any]:
        """Return the record as JSON holds it."""
        document = {
            entry.name: getattr(self, entry.name) for entry in dataclasses.fields(self)
        }
        document["status"] = str(self.status)
        document["reference"] = reference_to_dict(self.reference)
        return document

    @classmethod
    def from_dict(cls, document: Mapping[str, Any]) -> Self:
        """Rebuild a record from `to_dict`; fields of later versions are dropped.

        Raises
        ------
        InputError
            If the document is not a record.
        """
        try:
            fields = {k: v for k, v in document.items() if k in _FIELDS}
            fields["status"] = RunStatus(fields["status"])
            fields["reference"] = reference_from_dict(fields.get("reference", {}))
            fields["trace"] = tuple(tuple(point) for point in fields.get("trace", ()))
            record = cls(**fields)
            if not isinstance(record.key, str) or "label" not in record.solver:
                raise InputError("this is not a record: key or solver is missing.")
            return record
        except (KeyError, TypeError, ValueError, AttributeError) as error:
            raise InputError(f"this is not a record: {error}.") from error

    def with_status(self, status: RunStatus) -> Self:
        """Return the same record with another status."""
        return dataclasses.replace(self, status=status)


_FIELDS = frozenset(entry.name for entry in dataclasses.fields(Record))


def reference_to_dict(reference: Reference) -> dict[str, Any]:
    """Return a reference as JSON holds it."""
    return {
        "kind": str(reference.kind),
        "value": reference.value,
        "dual": reference.dual,
    }


def reference_from_dict(document: Mapping[str, Any]) -> Reference:
    """Rebuild a reference from `reference_to_dict`."""
    return Reference(
        Kind(document.get("kind", Kind.UNKNOWN)),
        document.get("value"),
        document.get("dual"),
    )
