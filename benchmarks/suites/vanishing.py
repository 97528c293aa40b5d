"""The vanishing-ideal suite: point sets, OAVI's oracles, the plain yardstick.

An instance is a file of points in the unit cube with their classes, made from a
specification such as ``surface:m=100000,psi=1e-4`` (see
`boundwise.benchmarks.vanishing.datasets`). A run fits one ideal to all points. Its
solution lists the coefficients of the generators, which are evaluated here anew: each
must vanish within psi.
"""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from boundwise.benchmarks.suites.base import Measure
from boundwise.benchmarks.suites.generated import GeneratedSuite

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


class Suite(GeneratedSuite):
    """Judge runs on point sets."""

    name = "vanishing"
    title = "Approximate vanishing ideals"
    default_instances = ("smoke",)
    default_solvers = ("oavi", "plain-oavi")

    figures = _MEASURES

    def expand(self, pattern: str) -> tuple[str, ...]:
        """Return the specifications of a set, or the one given."""
        return _SETS.get(pattern, (pattern,))

    def write(self, name: str, folder: Path) -> Path:
        """Write the points of a specification."""
        from boundwise.benchmarks.vanishing.instances import write

        return write(name, folder)

    def read(self, instance: Path) -> Any:
        """Read a set of points."""
        from boundwise.benchmarks.vanishing.instances import read

        return read(instance)

    def judge(
        self, data: Any, solution: Path, claim: Mapping[str, Any]
    ) -> dict[str, Any]:
        """Evaluate the generators on the points: each must vanish within psi."""
        from boundwise.benchmarks.vanishing.instances import check_generators

        worst = check_generators(data, solution)
        return {"verified": bool(worst <= 1.0 + 1e-6), "objective": worst}
