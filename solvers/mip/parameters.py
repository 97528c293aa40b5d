"""Parameters of the adaptive large neighbourhood search."""

from dataclasses import dataclass

from boundwise.core.arguments import as_count, as_number


@dataclass(frozen=True, slots=True, kw_only=True)
class LnsParameters:
    """Parameters of the search; fractions are of the whole budget.

    Parameters
    ----------
    submip
        Fraction that one sub-MIP may use.
    tree_slice
        Fraction of one slice of the tree search.
    root
        Fraction that the first turn of a tree in the run's own process may take to
        solve the root LP; each later attempt twice that of the one before.
    first_tree
        Fraction after which other trees join the first one, if there is no solution.
    dives
        Fraction of the first tree that dives may use.
    quick_start
        Fraction that each quick start may use.
    local_slice
        Fraction of one turn of the local search.
    engine_slice
        Fraction of one turn of another engine.
    memory
        Fraction of the effort of a partner after which its gains count half.
    patience
        Fraction after which a search without news counts as stalled.
    patience_pulls
        Pulls that must also have passed.
    nodes, stall_nodes
        Node limits of a sub-MIP.
    most_depth
        Largest factor on the node limits of a search that has stalled.
    first_free
        Integer variables that a neighbourhood leaves free at most to begin with.
    restart_after
        Pulls without improvement after which another solution of the pool becomes
        the current one.
    """

    submip: float = 0.05
    tree_slice: float = 0.1
    root: float = 0.5
    first_tree: float = 0.4
    dives: float = 0.15
    quick_start: float = 0.03
    local_slice: float = 0.02
    engine_slice: float = 0.05
    memory: float = 0.1
    patience: float = 0.4
    patience_pulls: int = 60
    nodes: int = 1000
    stall_nodes: int = 300
    most_depth: float = 20.0
    first_free: int = 4000
    restart_after: int = 15

    def __post_init__(self) -> None:
        """Validate the fractions and counts."""
        for name in (
            "submip",
            "tree_slice",
            "root",
            "first_tree",
            "dives",
            "quick_start",
            "local_slice",
            "engine_slice",
            "memory",
            "patience",
        ):
            as_number(name, getattr(self, name), above=0, at_most=1)
        as_number("most_depth", self.most_depth, at_least=1, finite=False)
        for name in (
            "nodes",
            "stall_nodes",
            "restart_after",
            "patience_pulls",
            "first_free",
        ):
            as_count(name, getattr(self, name))
