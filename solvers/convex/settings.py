"""How a tree is searched: every choice of `minimize`, validated once."""

from dataclasses import dataclass

from boundwise.core.arguments import as_count, as_number
from boundwise.core.errors import InputError
from boundwise.heuristics.frank_wolfe.line_searches.line import LineSearch
from boundwise.solvers.convex.bounds import Sharpness
from boundwise.solvers.convex.branching import BranchingRule, make_rule
from boundwise.solvers.convex.nodes import NodeQueue, Traversal


@dataclass(frozen=True, slots=True, kw_only=True)
class TreeSettings:
    """State how a tree is searched.

    Parameters
    ----------
    gap, abs_gap
        Relative and absolute gap at which the run ends; either suffices.
    node_limit
        Largest number of nodes, or None.
    variant, line_search, lazy
        Frank-Wolfe method of the nodes, see
        `boundwise.heuristics.frank_wolfe.frank_wolfe`.
    max_iterations
        Largest number of Frank-Wolfe steps at one node.
    branching
        Name of a rule, or an object with ``choose``.
    traversal
        ``"best-bound"`` or ``"depth-first"``.
    strong_convexity
        A mu with f - mu/2 ||x||^2 convex.
    sharpness
        Constants of a sharp objective, or None.

    Raises
    ------
    InputError
        If a value is out of range.
    """

    gap: float = 1e-2
    abs_gap: float = 1e-6
    node_limit: int | None = None
    variant: str = "bpcg"
    line_search: str | LineSearch = "secant"
    lazy: bool = True
    max_iterations: int = 10_000
    branching: str | BranchingRule = "hierarchy"
    traversal: Traversal = "best-bound"
    strong_convexity: float = 0.0
    sharpness: Sharpness | None = None

    def __post_init__(self) -> None:
        """Validate what other parts do not."""
        for name in ("gap", "abs_gap", "strong_convexity"):
            as_number(name, getattr(self, name), at_least=0)
        if self.node_limit is not None:
            as_count("node_limit", self.node_limit)
        as_count("max_iterations", self.max_iterations)
        if self.sharpness is not None and not isinstance(self.sharpness, Sharpness):
            raise InputError(
                f"sharpness must be a Sharpness or None, got {self.sharpness!r}."
            )
        make_rule(self.branching)
        NodeQueue(self.traversal)
