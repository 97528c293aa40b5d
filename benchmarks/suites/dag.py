"""The suite of DAG learning: simulated and protein data, searches, relaxations, sorts.

An instance is a file of rows with their true graph, made from a specification such as
``er:d=50,k=2,noise=gauss,variances=equal,standardize=0,seed=0..9`` (see
`boundwise.benchmarks.dag.datasets`). A run returns weights, whose score and distances
from the true graph are computed here anew. Every table has the distances that sorting
the columns reaches: simulated data give much of their order away (var-sortability).
"""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from boundwise.benchmarks.suites.base import Measure
from boundwise.benchmarks.suites.generated import GeneratedSuite

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


class Suite(GeneratedSuite):
    """Judge weights of directed acyclic graphs."""

    name = "dag"
    title = "Learning of directed acyclic graphs"
    default_instances = ("smoke",)
    default_solvers = ("topological-dag", "dag-baseline", "dag-plain")

    figures = _MEASURES

    def expand(self, pattern: str) -> tuple[str, ...]:
        """Return the specifications of a set or a pattern, a seed each."""
        from boundwise.benchmarks.dag.datasets import expand

        entries = _SETS.get(pattern, (pattern,))
        return tuple(name for entry in entries for name in expand(entry))

    def write(self, name: str, folder: Path) -> Path:
        """Write the data set of a specification."""
        from boundwise.benchmarks.dag.datasets import write

        return write(name, folder)

    def read(self, instance: Path) -> Any:
        """Read a data set."""
        from boundwise.benchmarks.dag.datasets import read

        return read(instance)

    def judge(
        self, data: Any, solution: Path, claim: Mapping[str, Any]
    ) -> dict[str, Any]:
        """Score the weights anew; those above the threshold must be acyclic."""
        from boundwise.benchmarks.dag.evaluate import THRESHOLD, measures
        from boundwise.benchmarks.dag.solutions import read_weights
        from boundwise.solvers.dag.metrics import is_acyclic, thresholded

        W = read_weights(solution, len(data.W))
        figures = measures(data, W)
        return {
            "verified": is_acyclic(thresholded(W, THRESHOLD)),
            "objective": figures["score"],
            "measures": figures,
        }
