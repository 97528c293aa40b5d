"""The suite of DAG learning: simulated and protein data, searches, relaxations, sorts.

An instance is a file of rows with their true graph, made from a specification such as
``er:d=50,k=2,noise=gauss,variances=equal,standardize=0,seed=0..9`` (see
`boundwise.benchmarks.dag.datasets`). A run returns weights, whose score and distances
from the true graph are computed here anew. Every table has the distances that sorting
the columns reaches: simulated data give much of their order away (var-sortability).
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
    "smoke": ("er:d=8,k=1,n=200", "er:d=8,k=1,n=200,standardize=1"),
    "small": (
        "er:d=10,k=2,seed=0..2",
        "er:d=20,k=2,seed=0..2",
        "er:d=20,k=4,seed=0..2",
        "sf:d=20,k=4,seed=0..2",
        "er:d=20,k=2,standardize=1,seed=0..2",
        "er:d=20,k=2,variances=unequal,seed=0..2",
    ),
    "large": (
        "er:d=50,k=2,seed=0..2",
        "er:d=50,k=4,seed=0..2",
        "er:d=100,k=2,seed=0..2",
        "er:d=100,k=4,seed=0..2",
        "er:d=200,k=4,n=1000,seed=0",
        "er:d=500,k=4,n=2500,seed=0",
        "er:d=1000,k=4,n=5000,seed=0",
    ),
}

_MEASURES = (
    Measure(name="score", title="score of W"),
    Measure(name="order_score", title="order score"),
    Measure(name="true_score", title="score of the true order"),
    Measure(name="shd", title="SHD"),
    Measure(name="tpr", title="TPR", better="higher"),
    Measure(name="fdr", title="FDR"),
    Measure(name="edges", title="edges"),
    Measure(name="min_pivot_score", title="score of min-pivot"),
    Measure(name="min_pivot_shd", title="SHD of min-pivot"),
    Measure(name="var_sort_shd", title="SHD of var-sort"),
    Measure(name="r2_sort_shd", title="SHD of R2-sort"),
    Measure(name="random_shd", title="SHD of a random order"),
    Measure(name="var_sortability", title="var-sortability of the data"),
    Measure(name="fit", title="fit (CPU s)", mean="shifted_geometric", shift=1e-3),
)


class Suite:
    """Judge weights of directed acyclic graphs."""

    name = "dag"
    title = "Learning of directed acyclic graphs"
    default_instances = ("smoke",)
    default_solvers = ("topological-dag", "dag-baseline", "dag-plain")

    def collect(
        self, patterns: Sequence[str], folder: Path
    ) -> tuple[InstanceFile, ...]:
        """Make the data sets that sets, specifications or ``.npz`` files stand for."""
        from boundwise.benchmarks.dag.datasets import expand, write

        found: dict[str, InstanceFile] = {}
        for pattern in patterns:
            if pattern.endswith(".npz"):
                if not Path(pattern).is_file():
                    raise InputError(f"there is no file {pattern!r}.")
                found[Path(pattern).stem] = InstanceFile(
                    Path(pattern).stem, Path(pattern)
                )
                continue
            for entry in _SETS.get(pattern, (pattern,)):
                for name in expand(entry):
                    path = write(name, folder / "instances")
                    found[name] = InstanceFile(name, path)
        return tuple(found.values())

    def reference(self, instance: str) -> Reference:
        """Return that nothing is known beforehand."""
        return NOTHING_KNOWN

    def verify(
        self, instance: Path, folder: Path, claim: Mapping[str, Any]
    ) -> dict[str, Any]:
        """Score the weights anew; those above the threshold must be acyclic."""
        from boundwise.benchmarks.dag.datasets import read
        from boundwise.benchmarks.dag.evaluate import THRESHOLD, measures
        from boundwise.benchmarks.dag.solutions import read_weights
        from boundwise.solvers.dag.metrics import is_acyclic, thresholded

        try:
            data = read(instance)
        except InputError as error:
            return {"verified": None, "unreadable": True, "error": str(error)}
        verdict: dict[str, Any] = {"verified": None, "sense": "minimize"}
        path = folder / "solution.sol"
        if not path.is_file():
            return verdict
        try:
            W = read_weights(path, len(data.W))
            figures = measures(data, W)
        except BoundwiseError as error:
            return verdict | {"verified": False, "error": str(error)}
        return verdict | {
            "verified": is_acyclic(thresholded(W, THRESHOLD)),
            "objective": figures["score"],
            "measures": figures,
        }

    def measures(self) -> tuple[Measure, ...]:
        """Return scores, distances from the true graph and CPU time."""
        return _MEASURES

    def measure(self, name: str, record: Record, best: float | None) -> float | None:
        """Return one figure of a record, None if it has none."""
        return record.measures.get(name)
