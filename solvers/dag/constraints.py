"""What is known of the graph beforehand: required and forbidden edges, tiers.

A required edge i -> j puts i before j in every order and is exempt from penalty and
threshold. A forbidden edge i -> j takes i from the possible parents of j, wherever they
stand. No edge points from a later tier to an earlier one, so all nodes of a tier may
stand before those of the next.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from boundwise.core.errors import InputError
from boundwise.solvers.dag.moments import Bools


@dataclass(frozen=True, slots=True, eq=False)
class Constraints:
    """Hold constraints as matrices over d nodes.

    Parameters
    ----------
    before
        ``before[i, j]``: i precedes j in every order (transitively closed).
    required
        ``required[i, j]``: the edge i -> j is kept.
    allowed
        ``allowed[i, j]``: the edge i -> j may be used.
    """

    before: Bools
    required: Bools
    allowed: Bools

    @classmethod
    def make(
        cls,
        d: int,
        required_edges: Any = None,
        forbidden_edges: Any = None,
        tiers: Any = None,
        names: Sequence[str] | None = None,
    ) -> "Constraints":
        """Validate constraints.

        Parameters
        ----------
        d
            Number of nodes.
        required_edges, forbidden_edges
            Pairs (i, j) of indices or names for i -> j, or a boolean d x d matrix.
        tiers
            Groups of nodes, earliest first, which hold every node once; or the
            tier number of each node.
        names
            Names of the nodes.

        Raises
        ------
        InputError
            If a node is unknown or the constraints contradict each other.
        """
        nodes = {} if names is None else {name: i for i, name in enumerate(names)}
        required = _edges("required_edges", required_edges, d, nodes)
        forbidden = _edges("forbidden_edges", forbidden_edges, d, nodes)
        if (required & forbidden).any():
            i, j = np.argwhere(required & forbidden)[0]
            raise InputError(f"edge {i} -> {j} is both required and forbidden.")
        before = required.copy()
        level = _tiers(tiers, d, nodes)
        if level is not None:
            before |= np.less.outer(level, level)
        for k in np.flatnonzero(before.any(axis=0) & before.any(axis=1)):
            before |= np.outer(before[:, k], before[k])
        if np.diag(before).any():
            cycle = np.flatnonzero(np.diag(before))[:10].tolist()
            raise InputError(
                f"required_edges and tiers form a cycle through the nodes {cycle}."
            )
        allowed = ~(forbidden | before.T)
        np.fill_diagonal(allowed, False)
        return cls(before, required, allowed)

    @property
    def restricts_parents(self) -> bool:
        """Whether some node may precede another without being its parent."""
        may_precede = ~self.before.T
        np.fill_diagonal(may_precede, False)
        return bool((may_precede & ~self.allowed).any())


def _node(value: Any, d: int, nodes: dict[str, int], name: str) -> int:
    if isinstance(value, str):
        if value not in nodes:
            raise InputError(f"{name} names {value!r}, which is no column of X.")
        return nodes[value]
    if (
        isinstance(value, bool | np.bool_)
        or not isinstance(value, int | np.integer)
        or not 0 <= value < d
    ):
        raise InputError(f"{name} must use nodes 0..{d - 1} or names, got {value!r}.")
    return int(value)


def _edges(name: str, edges: Any, d: int, nodes: dict[str, int]) -> Bools:
    out = np.zeros((d, d), dtype=np.bool_)
    if edges is None:
        return out
    if isinstance(edges, np.ndarray) and edges.dtype == np.bool_:
        if edges.shape != (d, d):
            raise InputError(f"{name} must have shape {(d, d)}, got {edges.shape}.")
        out |= edges
    elif isinstance(edges, Iterable) and not isinstance(edges, str):
        for edge in edges:
            try:
                i, j = edge
            except (TypeError, ValueError):
                raise InputError(f"{name} must hold pairs, got {edge!r}.") from None
            out[_node(i, d, nodes, name), _node(j, d, nodes, name)] = True
    else:
        raise InputError(f"{name} must hold pairs of nodes, got {edges!r}.")
    if np.diag(out).any():
        i = int(np.flatnonzero(np.diag(out))[0])
        raise InputError(f"{name} holds the edge {i} -> {i}, a cycle.")
    return out


def _tiers(tiers: Any, d: int, nodes: dict[str, int]) -> Any:
    if tiers is None:
        return None
    try:
        groups = list(tiers)
    except TypeError:
        raise InputError(f"tiers must be groups of nodes, got {tiers!r}.") from None
    if groups and all(
        isinstance(t, int | np.integer) and not isinstance(t, bool) for t in groups
    ):
        if len(groups) != d:
            raise InputError(f"tiers must hold {d} numbers, got {len(groups)}.")
        return np.array(groups, dtype=np.int64)
    level = np.full(d, -1)
    for number, group in enumerate(groups):
        if isinstance(group, str) or not isinstance(group, Iterable):
            raise InputError(f"tiers must be groups of nodes, got {group!r} in it.")
        for value in group:
            node = _node(value, d, nodes, "tiers")
            if level[node] >= 0:
                raise InputError(f"tiers hold node {value!r} twice.")
            level[node] = number
    if (level < 0).any():
        raise InputError(f"tiers leave out node {int(np.argmin(level))}.")
    return level
