"""The robust suite: two-stage robust problems, every decision evaluated by us.

An instance is a file of arrays made from a specification, generated or published (see
`boundwise.benchmarks.robust.instances`). Whatever a method claims, its decision is
evaluated here anew: exactly for knapsack and facility location, by a bounded search
for capital budgeting. Published results are compared instance by instance by
``python -m boundwise.benchmarks.robust.tables``.
"""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from boundwise.benchmarks.job import RunLimits
from boundwise.benchmarks.record import Record
from boundwise.benchmarks.suites.base import Measure
from boundwise.benchmarks.suites.generated import GeneratedSuite
from boundwise.core.errors import NotAvailableError

_MEASURES = (
    Measure(name="error", title="relative error (%)"),
    Measure(name="iterations", title="iterations"),
    Measure(name="evaluations", title="evaluations"),
    Measure(name="exact", title="share proven exact", better="higher"),
)


class Suite(GeneratedSuite):
    """Judge decisions of two-stage robust problems."""

    name = "robust"
    title = "Two-stage robust optimization"
    default_instances = ("smoke",)
    default_solvers = ("robust", "robust-static")
    default_limits = RunLimits(time_limit=15.0, gap=1e-6)

    figures = _MEASURES

    def expand(self, pattern: str) -> tuple[str, ...]:
        """Return the specifications of a set, or the one given."""
        from boundwise.benchmarks.robust.instances import expand

        return expand(pattern)

    def write(self, name: str, folder: Path) -> Path | None:
        """Write the instance of a specification; None if its data are missing."""
        from boundwise.benchmarks.robust.instances import write

        try:
            return write(name, folder)
        except NotAvailableError:
            # The run says ``missing``.
            return None

    def read(self, instance: Path) -> Path:
        """Read an instance to see that it can be; the judge reads it by itself."""
        from boundwise.instances.robust.storage import read_robust

        read_robust(instance)
        return instance

    def judge(
        self, data: Any, solution: Path, claim: Mapping[str, Any]
    ) -> dict[str, Any]:
        """Evaluate the decision."""
        from boundwise.benchmarks.robust.instances import judge

        return judge(data, solution, claim.get("primal"))

    def measure(self, name: str, record: Record, best: float | None) -> float | None:
        """Return one figure of a record, None if it has none."""
        if name != "error":
            return record.measures.get(name)
        from boundwise.benchmarks.robust.instances import published_best

        try:
            known = published_best(record.instance)
        except (NotAvailableError, KeyError):
            known = None
        base = best if known is None else known
        if base is None or record.primal is None:
            return None
        sign = -1.0 if record.sense == "minimize" else 1.0
        return 100.0 * sign * (base - record.primal) / max(abs(base), 1e-12)
