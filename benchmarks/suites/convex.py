"""The convex suite: convex functions over mixed-integer points, judged by us.

An instance is a file of arrays made from a specification such as
``sparse_regression:n=20,seed=1`` (see `boundwise.instances.generators.convex`), or of a
set of them. Whatever a solver claims, the rows are checked exactly and the objective is
evaluated here anew.
"""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from boundwise.benchmarks.job import RunLimits
from boundwise.benchmarks.metrics.gaps import primal_gap
from boundwise.benchmarks.record import Record
from boundwise.benchmarks.status import NOTHING_KNOWN
from boundwise.benchmarks.suites.base import InstanceFile, Measure
from boundwise.core.errors import BoundwiseError, InputError, NotAvailableError
from boundwise.core.tolerances import OBJ_TOL
from boundwise.instances.reference import Reference

_MEASURES = (
    Measure(name="gap", title="primal gap"),
    Measure(name="dual_gap", title="gap to the bound"),
    Measure(name="root", title="root gap"),
    Measure(name="nodes", title="nodes", mean="shifted_geometric", shift=10.0),
)


class Suite:
    """Judge runs on convex mixed-integer problems."""

    name = "convex"
    title = "Convex mixed-integer nonlinear problems"
    default_instances = ("smoke",)
    default_solvers = ("convex", "scip-convex")
    default_limits = RunLimits(time_limit=60.0, gap=1e-2)

    def collect(
        self, patterns: Sequence[str], folder: Path
    ) -> tuple[InstanceFile, ...]:
        """Make the problems that sets, specifications or ``.npz`` files stand for."""
        from boundwise.benchmarks.convex.instances import expand, write

        found: dict[str, InstanceFile] = {}
        for pattern in patterns:
            if pattern.endswith(".npz"):
                if not Path(pattern).is_file():
                    raise InputError(f"there is no file {pattern!r}.")
                found[Path(pattern).stem] = InstanceFile(
                    Path(pattern).stem, Path(pattern)
                )
                continue
            for name in expand(pattern):
                try:
                    path: Path | None = write(name, folder / "instances")
                except NotAvailableError:
                    # Data of others: the run says ``missing``.
                    path = None
                found[name] = InstanceFile(name, path)
        return tuple(found.values())

    def reference(self, instance: str) -> Reference:
        """Return that nothing is known beforehand."""
        return NOTHING_KNOWN

    def verify(
        self, instance: Path, folder: Path, claim: Mapping[str, Any]
    ) -> dict[str, Any]:
        """Check the rows and evaluate the objective."""
        from boundwise.benchmarks.convex.instances import judge, read

        try:
            read(instance)
        except InputError as error:
            return {"verified": None, "unreadable": True, "error": str(error)}
        verdict: dict[str, Any] = {"verified": None, "sense": "minimize"}
        path = folder / "solution.sol"
        if not path.is_file():
            return verdict
        try:
            return judge(instance, path, claim.get("primal"))
        except BoundwiseError as error:
            return verdict | {"verified": False, "error": str(error)}

    def measures(self) -> tuple[Measure, ...]:
        """Return gaps and nodes."""
        return _MEASURES

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
