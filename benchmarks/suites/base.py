"""What a suite brings: instances, solvers, the judge, and its own figures.

A suite is a class called ``Suite`` in one file of this folder. The runner, the store,
the report and the comparison are the same for all suites. Everything heavy is
imported inside the methods, since the file is loaded to list what there is.
"""

import importlib
import pkgutil
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal, Protocol

import boundwise.benchmarks.suites as home
from boundwise.benchmarks.record import Record
from boundwise.core.errors import InputError, NotAvailableError
from boundwise.instances.reference import Reference

#: Suites that the command line knows by name, whether or not they are installed.
PLANNED = ("convex", "dag", "mip", "robust", "submodular", "vanishing")
_NOT_SUITES = {"base", "generated"}


@dataclass(frozen=True, slots=True)
class InstanceFile:
    """An instance by name, with its file if there is one."""

    name: str
    path: Path | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Measure:
    """One figure of a run, as a column of the tables.

    Parameters
    ----------
    name
        Short name: a key of ``Record.measures``, or computed by `Suite.measure`.
    title
        Heading with the unit.
    better
        Whether lower or higher is better.
    mean
        How instances are averaged.
    shift
        Shift of the geometric mean; printed beside it.
    """

    name: str
    title: str
    better: Literal["lower", "higher"] = "lower"
    mean: Literal["arithmetic", "shifted_geometric"] = "arithmetic"
    shift: float = 0.0


class Suite(Protocol):
    """What a family of problems brings to the runner."""

    name: str
    title: str
    default_instances: tuple[str, ...]
    default_solvers: tuple[str, ...]

    def collect(
        self, patterns: Sequence[str], folder: Path
    ) -> tuple[InstanceFile, ...]:
        """Return the instances that sets, names, files or globs stand for.

        Parameters
        ----------
        patterns
            What the user wrote.
        folder
            Campaign folder; generated instances may be written below it.

        Raises
        ------
        InputError
            If a pattern stands for nothing.
        """
        ...

    def reference(self, instance: str) -> Reference:
        """Return what is known of an instance."""
        ...

    def verify(
        self, instance: Path, folder: Path, claim: Mapping[str, Any]
    ) -> dict[str, Any]:
        """Judge what a run left in its folder; called in the checker process.

        Returns
        -------
        dict
            JSON-like. ``verified`` is True, False, or None if there is nothing to
            judge; ``objective`` is the checker's own value; ``sense``,
            ``measures`` and ``unreadable`` (the instance is at fault) are
            optional.
        """
        ...

    def measures(self) -> tuple[Measure, ...]:
        """Return the suite's own figures, beside status and time."""
        ...

    def measure(self, name: str, record: Record, best: float | None) -> float | None:
        """Return one figure of a record, None if it has none.

        Parameters
        ----------
        name
            Name of the measure.
        record
            The run.
        best
            Best known objective: the reference, or the best verified of the runs.
        """
        ...


def available_suites() -> tuple[str, ...]:
    """Return the names of the suites that are installed."""
    names = (module.name for module in pkgutil.iter_modules(home.__path__))
    return tuple(sorted(name for name in names if name not in _NOT_SUITES))


def load_suite(name: str) -> Suite:
    """Return a suite by name.

    Raises
    ------
    NotAvailableError
        If the suite is known but its file is not part of this version.
    InputError
        If nobody knows the name.
    """
    installed = available_suites()
    if name not in installed:
        listed = ", ".join(installed)
        if name in PLANNED:
            raise NotAvailableError(
                f"the suite {name!r} is not part of this version; there is: {listed}."
            )
        raise InputError(f"suite must be one of {listed}, got {name!r}.")
    suite: Suite = importlib.import_module(f"{home.__name__}.{name}").Suite()
    return suite
