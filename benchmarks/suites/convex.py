"""The convex suite: convex functions over mixed-integer points, judged by us.

An instance is a file of arrays made from a specification such as
``sparse_regression:n=20,seed=1`` (see `boundwise.instances.generators.convex`), or of a
set of them. Whatever a solver claims, the rows are checked exactly and the objective is
evaluated here anew.
"""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from boundwise.benchmarks.job import RunLimits
from boundwise.benchmarks.metrics.gaps import primal_gap
from boundwise.benchmarks.record import Record
from boundwise.benchmarks.suites.base import Measure
from boundwise.benchmarks.suites.generated import GeneratedSuite
from boundwise.core.errors import NotAvailableError
from boundwise.core.tolerances import OBJ_TOL

_MEASURES = (
    Measure(name="gap", title="primal gap"),
    Measure(name="dual_gap", title="gap to the bound"),
    Measure(name="root", title="root gap"),
    Measure(name="nodes", title="nodes", mean="shifted_geometric", shift=10.0),
)


class Suite(GeneratedSuite):
    """Judge runs on convex mixed-integer problems."""

    name = "convex"
    title = "Convex mixed-integer nonlinear problems"
    default_instances = ("smoke",)
    default_solvers = ("convex", "scip-convex")
    default_limits = RunLimits(time_limit=60.0, gap=1e-2)

    figures = _MEASURES

    def expand(self, pattern: str) -> tuple[str, ...]:
        """Return the specifications of a set or a pattern, a seed each."""
        from boundwise.benchmarks.convex.instances import expand

        return expand(pattern)

    def write(self, name: str, folder: Path) -> Path | None:
        """Write the problem of a specification; None if it needs data of others."""
        from boundwise.benchmarks.convex.instances import write

        try:
            return write(name, folder)
        except NotAvailableError:
            # The run says ``missing``.
            return None

    def read(self, instance: Path) -> Path:
        """Read a problem to see that it can be; the judge reads it by itself."""
        from boundwise.benchmarks.convex.instances import read

        read(instance)
        return instance

    def judge(
        self, data: Any, solution: Path, claim: Mapping[str, Any]
    ) -> dict[str, Any]:
        """Check the rows and evaluate the objective."""
        from boundwise.benchmarks.convex.instances import judge

        return judge(data, solution, claim.get("primal"))

    def measure(self, name: str, record: Record, best: float | None) -> float | None:
        """Return one figure of a record, None if it has none."""
        if name == "nodes":
            return None if record.nodes is None else float(record.nodes)
        if name == "dual_gap":
            return record.gap
        if name == "root":
            root = record.measures.get("root_bound")
            return None if root is None or best is None else primal_gap(root, best)
        if best is None:
            return None
        trusted = record.check.get("verified") is not False
        gap = primal_gap(record.primal if trusted else None, best)
        return 0.0 if gap <= OBJ_TOL else gap
