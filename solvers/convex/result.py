"""The result of a convex run: a `Result` that also knows how it was solved."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from boundwise.core.result import Result


@dataclass(frozen=True, kw_only=True, eq=False)
class ConvexResult(Result):
    """Hold what a run found; see `Result` for the fields.

    ``stats`` has nodes, oracle calls and seconds, Frank-Wolfe iterations, and
    ``method`` with ``reason``: what solved the problem, and why that was chosen.
    """

    @property
    def nodes(self) -> int:
        """Number of nodes of the tree that were searched."""
        return int(self.stats.get("nodes", 0))

    @property
    def method(self) -> str:
        """What solved the problem: ``"fw"`` or ``"scip"``."""
        return str(self.stats.get("method", ""))

    @property
    def choice(self) -> Mapping[str, Any]:
        """What was chosen and why: method, oracle, reformulation, reason."""
        keys = ("method", "reason", "oracle", "reformulation")
        return {key: self.stats[key] for key in keys if key in self.stats}
