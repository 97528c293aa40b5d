"""What suites share whose instances are files made from specifications.

A pattern is an ``.npz`` file, the name of a set, or a specification such as
``er:d=50,k=2,seed=0``; sets and specifications are written into the campaign's folder.
The judge reads the instance and the file that a run left, and computes its figures
anew.
"""

from abc import ABC, abstractmethod
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from boundwise.benchmarks.record import Record
from boundwise.benchmarks.status import NOTHING_KNOWN
from boundwise.benchmarks.suites.base import InstanceFile, Measure
from boundwise.core.errors import BoundwiseError, InputError
from boundwise.core.result import Sense
from boundwise.instances.reference import Reference


class GeneratedSuite(ABC):
    """Collect and judge; a suite says how one instance is written, read and judged.

    Attributes
    ----------
    sense
        Sense of the objective that the judge computes.
    figures
        The suite's own measures.
    """

    sense: Sense = "minimize"
    figures: tuple[Measure, ...] = ()

    @abstractmethod
    def expand(self, pattern: str) -> Iterable[str]:
        """Return the specifications that a set or a pattern stands for."""

    @abstractmethod
    def write(self, name: str, folder: Path) -> Path | None:
        """Write the instance of a specification; None if its data are missing."""

    @abstractmethod
    def read(self, instance: Path) -> Any:
        """Read an instance; raise an `InputError` if it cannot be."""

    @abstractmethod
    def judge(
        self, data: Any, solution: Path, claim: Mapping[str, Any]
    ) -> dict[str, Any]:
        """Return what is right of a solution: ``verified``, ``objective``, ..."""

    def collect(
        self, patterns: Sequence[str], folder: Path
    ) -> tuple[InstanceFile, ...]:
        """Make the instances that sets, specifications or ``.npz`` files stand for."""
        found: dict[str, InstanceFile] = {}
        for pattern in patterns:
            if pattern.endswith(".npz"):
                path = Path(pattern)
                if not path.is_file():
                    raise InputError(f"there is no file {pattern!r}.")
                found[path.stem] = InstanceFile(path.stem, path)
                continue
            for name in self.expand(pattern):
                found[name] = InstanceFile(name, self.write(name, folder / "instances"))
        return tuple(found.values())

    def reference(self, instance: str) -> Reference:
        """Return that nothing is known beforehand."""
        return NOTHING_KNOWN

    def verify(
        self, instance: Path, folder: Path, claim: Mapping[str, Any]
    ) -> dict[str, Any]:
        """Judge the solution of a run, if it left one."""
        try:
            data = self.read(instance)
        except InputError as error:
            return {"verified": None, "unreadable": True, "error": str(error)}
        verdict: dict[str, Any] = {"verified": None, "sense": self.sense}
        path = folder / "solution.sol"
        if not path.is_file():
            return verdict
        try:
            return verdict | self.judge(data, path, claim)
        except BoundwiseError as error:
            return verdict | {"verified": False, "error": str(error)}

    def measures(self) -> tuple[Measure, ...]:
        """Return the suite's own figures."""
        return self.figures

    def measure(self, name: str, record: Record, best: float | None) -> float | None:
        """Return one figure of a record, None if it has none."""
        return record.measures.get(name)
