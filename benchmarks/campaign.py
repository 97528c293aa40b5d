"""A campaign: instances x solvers with their settings x seeds x permutations."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from boundwise.benchmarks.job import RunLimits
from boundwise.core.arguments import as_count
from boundwise.core.errors import InputError


@dataclass(frozen=True, slots=True, kw_only=True)
class SolverChoice:
    """A solver as the user wrote it down.

    Parameters
    ----------
    label
        Name in the tables; unique in the campaign.
    adapter
        Built-in adapter, or a Python file.
    settings
        The solver's own settings, JSON-like.
    """

    label: str
    adapter: str
    settings: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Campaign:
    """State what to run.

    Parameters
    ----------
    name
        Title of the report.
    suite
        Family of problems.
    instances
        Sets, names, files or globs.
    solvers
        Solvers with settings.
    limits
        Limits of every run.
    seeds
        Seeds of every solver; 0 is its default behaviour.
    permutations
        Seeds of row and column permutations; 0 is the original order.
    jobs
        Runs at a time on this machine.
    pin
        Whether to pin every run to cores of its own.

    Raises
    ------
    InputError
        If a value is missing, doubled or out of range.
    """

    name: str
    suite: str = "mip"
    instances: tuple[str, ...]
    solvers: tuple[SolverChoice, ...]
    limits: RunLimits = field(default_factory=RunLimits)
    seeds: tuple[int, ...] = (0,)
    permutations: tuple[int, ...] = (0,)
    jobs: int = 1
    pin: bool = False

    def __post_init__(self) -> None:
        """Validate the lists and counts."""
        for name in ("instances", "solvers", "seeds", "permutations"):
            if not getattr(self, name):
                raise InputError(f"{name} must not be empty.")
        for name in ("seeds", "permutations"):
            values = getattr(self, name)
            if any(isinstance(v, bool) or not isinstance(v, int) for v in values):
                raise InputError(f"{name} must be integers, got {list(values)!r}.")
            if min(values) < 0 or max(values) >= 2**31:
                raise InputError(f"{name} must be in [0, 2^31), got {list(values)!r}.")
            if len(set(values)) != len(values):
                raise InputError(f"{name} must be distinct, got {list(values)!r}.")
        labels = [choice.label for choice in self.solvers]
        for label in labels:
            if not label.strip() or not label.isprintable():
                raise InputError(f"a solver's label must be printable, got {label!r}.")
            if labels.count(label) > 1:
                raise InputError(f"solvers must have distinct labels, got {label!r}.")
        object.__setattr__(self, "jobs", as_count("jobs", self.jobs))
