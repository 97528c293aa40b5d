"""Checks of the graphs that combinatorial sets are given."""

from typing import Any

import numpy as np

from boundwise.core.errors import InputError
from boundwise.heuristics.frank_wolfe.protocols import Indices


def as_edges(value: Any, n_nodes: int, *, least: int = 1) -> Indices:
    """Return edges as an array of node pairs, shape (m, 2).

    Parameters
    ----------
    value
        Pairs of nodes in 0..n_nodes-1, without loops; parallel edges may occur.
    n_nodes
        Number of nodes.
    least
        Smallest number of edges.

    Raises
    ------
    InputError
        If it is anything else.
    """
    try:
        edges = np.array(value)
    except ValueError:
        raise InputError(f"edges must be pairs of nodes, got {value!r}.") from None
    if edges.ndim != 2 or edges.shape[1] != 2 or edges.dtype.kind not in "iu":
        raise InputError(f"edges must be pairs of nodes, got {value!r}.")
    if len(edges) < least:
        raise InputError(f"edges must be at least {least}, got {len(edges)}.")
    if edges.min() < 0 or edges.max() >= n_nodes:
        raise InputError(f"edges must join nodes in 0..{n_nodes - 1}, got {value!r}.")
    loops = edges[:, 0] == edges[:, 1]
    if loops.any():
        raise InputError(f"edges must not be loops, got one at {int(loops.argmax())}.")
    return edges.astype(np.intp)


def as_node(name: str, value: Any, n_nodes: int) -> int:
    """Return a node.

    Raises
    ------
    InputError
        If it is not an integer in 0..n_nodes-1.
    """
    is_integer = isinstance(value, int | np.integer) and not isinstance(value, bool)
    if not is_integer or not 0 <= int(value) < n_nodes:
        raise InputError(f"{name} must be a node in 0..{n_nodes - 1}, got {value!r}.")
    return int(value)
