"""The vanishing-ideal suite: point sets, OAVI's oracles, the plain yardstick.

An instance is a file of points in the unit cube with their classes, made from a
specification such as ``surface:m=100000,psi=1e-4`` (see
`boundwise.benchmarks.vanishing.datasets`). A run fits one ideal to all points. Its
solution lists the coefficients of the generators, which are evaluated here anew: each
must vanish within psi.
"""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from boundwise.benchmarks.record import Record
from boundwise.benchmarks.status import NOTHING_KNOWN
from boundwise.benchmarks.suites.base import InstanceFile, Measure
from boundwise.core.errors import BoundwiseError, InputError
from boundwise.instances.reference import Reference

_SETS = {
    "smoke": ("surface:m=2000", "sklearn:iris"),
    "small": (
        "sklearn:iris",
        "sklearn:wine",
        "sklearn:breast_cancer",
        "sklearn:digits",
        "surface:m=10000",
        "surface:m=10000,psi=1e-3",
        "surface:m=10000,psi=1e-4",
    ),
    "large": (
        "surface:m=100000",
        "surface:m=1000000",
        "surface:m=1000000,psi=1e-3",
        "surface:m=1000000,psi=1e-4",
        "uniform:m=100000,n=10",
        "uniform:m=10000,n=20",
        "uniform:m=2000,n=64,psi=0.02",
    ),
}

_MEASURES = (
    Measure(name="fit", title="fit (CPU s)", mean="shifted_geometric", shift=1e-4),
    Measure(
        name="transform",
        title="transform (CPU s)",
        mean="shifted_geometric",
        shift=1e-4,
    ),
    Measure(name="generators", title="generators"),
    Measure(name="terms", title="terms"),
    Measure(name="degree", title="degree"),
    Measure(name="sparsity", title="zero coefficients", better="higher"),
    Measure(name="test_error", title="test error (%)"),
)


class Suite:
    """Judge runs on point sets."""

    name = "vanishing"
    title = "Approximate vanishing ideals"
    default_instances = ("smoke",)
    default_solvers = ("oavi", "plain-oavi")

    def collect(
        self, patterns: Sequence[str], folder: Path
    ) -> tuple[InstanceFile, ...]:
        """Make the point sets that sets, specifications or ``.npz`` files stand for."""
        from boundwise.benchmarks.vanishing.instances import write

        found: dict[str, InstanceFile] = {}
        for pattern in patterns:
            for name in _SETS.get(pattern, (pattern,)):
                if name.endswith(".npz"):
                    if not Path(name).is_file():
                        raise InputError(f"there is no file {name!r}.")
                    found[Path(name).stem] = InstanceFile(Path(name).stem, Path(name))
                else:
                    path = write(name, folder / "instances")
                    found[name] = InstanceFile(name, path)
        return tuple(found.values())

    def reference(self, instance: str) -> Reference:
        """Return that nothing is known beforehand."""
        return NOTHING_KNOWN

    def verify(
        self, instance: Path, folder: Path, claim: Mapping[str, Any]
    ) -> dict[str, Any]:
        """Evaluate the generators on the points: each must vanish within psi."""
        from boundwise.benchmarks.vanishing.instances import check_generators, read

        try:
            data = read(instance)
        except InputError as error:
            return {"verified": None, "unreadable": True, "error": str(error)}
        verdict: dict[str, Any] = {"verified": None, "sense": "minimize"}
        path = folder / "solution.sol"
        if not path.is_file():
            return verdict
        try:
            worst = check_generators(data, path)
        except BoundwiseError as error:
            return verdict | {"verified": False, "error": str(error)}
        return verdict | {"verified": bool(worst <= 1.0 + 1e-6), "objective": worst}

    def measures(self) -> tuple[Measure, ...]:
        """Return CPU times, sizes, sparsity and the error of a linear classifier."""
        return _MEASURES

    def measure(self, name: str, record: Record, best: float | None) -> float | None:
        """Return one figure of a record, None if it has none."""
        return record.measures.get(name)
