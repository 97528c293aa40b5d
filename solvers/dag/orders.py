"""Orders of nodes: from weights, from constraints, at random."""

import heapq

import numpy as np
import numpy.typing as npt

from boundwise.core.errors import InputError
from boundwise.solvers.dag.moments import Bools, Floats, Ints


def topological_order(edges: Bools, priority: npt.NDArray[np.generic]) -> Ints | None:
    """Sort nodes so that every edge points forwards.

    Parameters
    ----------
    edges
        ``edges[i, j]``: i must come before j.
    priority
        Among the nodes that may come next, that of least priority does.

    Returns
    -------
    ndarray or None
        The order; None if the edges form a cycle.

    Examples
    --------
    >>> edges = np.zeros((3, 3), bool)
    >>> edges[2, 0] = True
    >>> print(topological_order(edges, np.arange(3)))
    [1 2 0]
    """
    d = len(edges)
    waiting = edges.sum(axis=0)
    ready = [(priority[j], j) for j in range(d) if waiting[j] == 0]
    heapq.heapify(ready)
    order = []
    while ready:
        _, i = heapq.heappop(ready)
        order.append(i)
        followers = np.flatnonzero(edges[i])
        waiting[followers] -= 1
        for j in followers:
            if waiting[j] == 0:
                heapq.heappush(ready, (priority[j], int(j)))
    return np.array(order, dtype=np.int64) if len(order) == d else None


def positions(order: Ints) -> Ints:
    """Return the position of each node."""
    place = np.empty(len(order), dtype=np.int64)
    place[order] = np.arange(len(order))
    return place


def respecting(order: Ints, before: Bools) -> Ints:
    """Return the order, changed as little as constraints without cycles need."""
    place = positions(order)
    if not before[np.greater.outer(place, place)].any():
        return order
    changed = topological_order(before, place)
    assert changed is not None
    return changed


def without_cycles(W: Floats) -> Floats:
    """Drop the smallest weights until the rest is acyclic.

    Parameters
    ----------
    W
        Weights, ``W[i, j]`` of edge i -> j, with a zero diagonal.

    Returns
    -------
    ndarray
        A copy of W with every entry of at most some magnitude set to 0.
    """
    size, anyhow = np.abs(W), np.arange(len(W))
    levels = np.concatenate([[0.0], np.unique(size[size > 0.0])])
    # Graphs shrink as the level grows: bisect for the first that is acyclic.
    low, high = 0, len(levels) - 1
    while low < high:
        middle = (low + high) // 2
        if topological_order(size > levels[middle], anyhow) is None:
            low = middle + 1
        else:
            high = middle
    return np.where(size > levels[low], W, 0.0)


def order_of_weights(W: Floats, before: Bools, allowed: Bools) -> Ints:
    """Return a topological order of a weight matrix, made acyclic if it is not.

    Parameters
    ----------
    W
        Weights, ``W[i, j]`` of edge i -> j.
    before
        Precedences (without cycles), which the order respects.
    allowed
        Edges that count.
    """
    edges = without_cycles(np.where(allowed, W, 0.0)) != 0.0
    order = topological_order(edges | before, np.arange(len(W)))
    if order is None:
        order = topological_order(edges, np.arange(len(W)))
        assert order is not None
    return respecting(order, before)


def checked_order(order: object, d: int, name: str = "init") -> Ints:
    """Return an order as integers; raise InputError if it is not a permutation."""
    array = np.asarray(order)
    if array.shape != (d,) or not np.array_equal(np.sort(array), np.arange(d)):
        raise InputError(
            f"{name} must be a permutation of 0..{d - 1}, got {order!r:.200}."
        )
    return array.astype(np.int64)


def checked_weights(W: object, d: int, name: str = "W") -> Floats:
    """Return weights as floats; raise InputError if they are no weight matrix."""
    try:
        array = np.array(W, dtype=np.float64)
    except (TypeError, ValueError) as error:
        raise InputError(f"{name} must be a matrix of numbers: {error}.") from error
    if array.shape != (d, d):
        raise InputError(f"{name} must have shape {(d, d)}, got {array.shape}.")
    if not np.isfinite(array).all():
        raise InputError(f"{name} must be finite.")
    if np.diag(array).any():
        raise InputError(f"{name} must have a zero diagonal.")
    return array
