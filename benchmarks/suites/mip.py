"""The mixed-integer programming suite: MPS and LP files, MIPLIB's references."""

from collections.abc import Mapping, Sequence
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from boundwise.benchmarks.metrics.gaps import (
    primal_dual_integral,
    primal_gap,
    primal_integral,
)
from boundwise.benchmarks.record import Record
from boundwise.benchmarks.suites.base import InstanceFile, Measure
from boundwise.core.errors import BoundwiseError
from boundwise.core.tolerances import OBJ_TOL
from boundwise.instances.reference import Reference

if TYPE_CHECKING:
    from boundwise.instances.instance import Instance

_MEASURES = (
    Measure(name="gap", title="primal gap"),
    Measure(name="primal_integral", title="primal integral (s)"),
    Measure(name="primal_dual_integral", title="primal-dual integral (% s)"),
    Measure(name="nodes", title="nodes", mean="shifted_geometric", shift=100.0),
)


#: Everybody who is compared on the hard sets, our own methods first.
_FIELD = (
    "boundwise",
    "boundwise-scip",
    "scip",
    "scip-feasibility",
    "highs",
    "cp-sat",
    "balans",
)


class Suite:
    """Judge runs on mixed-integer programs.

    Attributes
    ----------
    variants
        Solvers that are an adapter with settings.
    solvers_of_sets
        Default solvers of an instance set, if not those of the suite.
    own
        Adapters of this package: the others are its peers.
    """

    name = "mip"
    title = "Mixed-integer programs"
    default_instances = ("smoke",)
    default_solvers = ("boundwise", "scip")
    variants: Mapping[str, tuple[str, Mapping[str, Any]]] = {
        "boundwise-scip": ("boundwise", {"engines": ["scip"]}),
        "scip-feasibility": ("scip", {"emphasis": "feasibility"}),
        # SCIP's own schedulers of heuristics, at every node.
        "scip-scheduler": ("scip", {"heuristics/scheduler/freq": 1}),
        "scip-alns": ("scip", {"heuristics/alns/freq": 1}),
        # What attached heuristics change beside: fewer restarts of the root.
        "scip-few-restarts": (
            "scip",
            {"presolving/restartfac": 0.5, "presolving/immrestartfac": 0.5},
        ),
    }
    solvers_of_sets: Mapping[str, tuple[str, ...]] = {
        "small-hard": _FIELD,
        "small-hard-aside": _FIELD,
        "small-hard-aside-2": _FIELD,
        "in-tree": (
            "boundwise-in-tree",
            "scip",
            "scip-few-restarts",
            "scip-scheduler",
            "scip-alns",
        ),
    }
    own = ("boundwise", "boundwise-in-tree")

    def collect(
        self, patterns: Sequence[str], folder: Path
    ) -> tuple[InstanceFile, ...]:
        """Return the instances that sets, names, files or globs stand for."""
        from boundwise.benchmarks.instance_sets import collect

        return collect(patterns, folder)

    def reference(self, instance: str) -> Reference:
        """Return the best known value of an instance."""
        from boundwise.benchmarks.instance_sets import reference_of

        return reference_of(instance)

    def verify(
        self, instance: Path, folder: Path, claim: Mapping[str, Any]
    ) -> dict[str, Any]:
        """Check the solution exactly.

        A solution fails beyond the tolerance 1e-4 of the MIPLIB scripts; the
        stricter verdict at 1e-6 is reported beside it.
        """
        from boundwise.instances.checker import check

        try:
            problem = _read(instance, instance.stat().st_mtime_ns)
        except (BoundwiseError, OSError) as error:
            return {"verified": None, "unreadable": True, "error": str(error)}
        verdict: dict[str, Any] = {"verified": None, "sense": problem.sense}
        path = folder / "solution.sol"
        if not path.is_file():
            return verdict
        try:
            report = check(problem, path)
        except BoundwiseError as error:
            return verdict | {"verified": False, "error": str(error)}
        verdict |= report.to_dict()
        if report.complete or not report.miplib:
            verdict["verified"] = report.miplib
        return verdict

    def measures(self) -> tuple[Measure, ...]:
        """Return the primal gap, the integrals and the nodes."""
        return _MEASURES

    def measure(self, name: str, record: Record, best: float | None) -> float | None:
        """Return one figure of a record, None if it has none."""
        if name == "nodes":
            return None if record.nodes is None else float(record.nodes)
        horizon = record.time_limit
        if name == "primal_dual_integral":
            points = [(point[0], point[1], point[2]) for point in record.trace]
            return primal_dual_integral(points, horizon)
        if best is None:
            return None
        trusted = record.check.get("verified") is not False
        if name == "gap":
            gap = primal_gap(record.primal_at_limit if trusted else None, best)
            return 0.0 if gap <= OBJ_TOL else gap
        incumbents = [(point[0], point[1]) for point in record.trace if trusted]
        return primal_integral(incumbents, best, horizon)


@lru_cache(maxsize=2)
def _read(path: Path, _stamp: int) -> "Instance":
    from boundwise.instances.reader import read

    return read(path)
