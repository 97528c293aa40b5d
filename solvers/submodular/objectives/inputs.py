"""Check and convert what users hand to objectives: matrices, weights, graphs."""

from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
from scipy import sparse

from boundwise.core.errors import InputError
from boundwise.solvers.submodular.objectives.program import (
    Floats,
    Ints32,
    check_entries,
)

if TYPE_CHECKING:
    import networkx as nx


class Rows(NamedTuple):
    """Hold a checked sparse matrix by rows."""

    rows: Ints32
    indices: Ints32
    data: Floats
    shape: tuple[int, int]


def as_csr(matrix: Any, name: str) -> Rows:
    """Return the nonzero entries of a matrix by rows, duplicates added up.

    Parameters
    ----------
    matrix
        Sparse or dense.
    name
        Of the argument, for errors.

    Raises
    ------
    InputError
        If it is no matrix of finite numbers, or has no row or no column.
    """
    found: Any = matrix if sparse.issparse(matrix) else as_matrix(matrix, name)
    if np.iscomplexobj(found):
        raise InputError(f"{name} must hold real numbers, got complex ones.")
    if found.ndim != 2 or 0 in found.shape:
        raise InputError(f"{name} must have rows and columns, got {found.shape}.")
    check_entries(max(*found.shape, int(getattr(found, "nnz", 0))), name)
    try:
        csr: Any = sparse.csr_array(found, dtype=np.float64, copy=True)
    except (TypeError, ValueError) as error:
        raise InputError(f"{name} must hold numbers: {error}.") from error
    csr.sum_duplicates()
    csr.eliminate_zeros()
    if not np.isfinite(csr.data).all():
        raise InputError(f"{name} must hold finite numbers, got NaN or infinity.")
    return Rows(
        csr.indptr.astype(np.int32),
        csr.indices.astype(np.int32),
        np.asarray(csr.data, dtype=np.float64),
        (int(csr.shape[0]), int(csr.shape[1])),
    )


def as_matrix(matrix: Any, name: str) -> Floats:
    """Return a dense matrix of finite numbers, contiguous; copied only if needed.

    Raises
    ------
    InputError
        If it is none, or has no row or no column.
    """
    try:
        if np.iscomplexobj(matrix):
            raise TypeError("complex ones")
        found = np.ascontiguousarray(matrix, dtype=np.float64)
    except (TypeError, ValueError) as error:
        raise InputError(f"{name} must be a matrix of numbers: {error}.") from error
    if found.ndim != 2 or 0 in found.shape:
        raise InputError(f"{name} must have rows and columns, got {found.shape}.")
    if not np.isfinite(found).all():
        raise InputError(f"{name} must hold finite numbers, got NaN or infinity.")
    check_entries(found.size, name)
    return found


def as_square(matrix: Any, name: str) -> Floats:
    """Return a dense symmetric matrix.

    Raises
    ------
    InputError
        If it is not symmetric up to rounding.
    """
    found = as_matrix(matrix, name)
    if found.shape[0] != found.shape[1] or not np.allclose(found, found.T):
        raise InputError(f"{name} must be symmetric, got shape {found.shape}.")
    return found


def as_weights(weights: Any, count: int, name: str) -> Floats:
    """Return non-negative finite weights, ones if None.

    Raises
    ------
    InputError
        If the number or a value is wrong.
    """
    if weights is None:
        return np.ones(count)
    try:
        found = np.array(weights, dtype=np.float64)
    except (TypeError, ValueError) as error:
        raise InputError(f"{name} must be numbers: {error}.") from error
    if found.shape != (count,):
        raise InputError(f"{name} must have shape ({count},), got {found.shape}.")
    if not (np.isfinite(found).all() and (found >= 0).all()):
        raise InputError(f"{name} must be finite and non-negative.")
    return found


def is_graph(value: Any) -> bool:
    """Tell whether a value is a networkx graph, without importing networkx."""
    return hasattr(value, "adjacency") and hasattr(value, "nodes")


def graph_labels(graph: "nx.Graph[Any]") -> tuple[Any, ...]:
    """Return the nodes in order.

    Raises
    ------
    InputError
        If there are none.
    """
    labels = tuple(graph.nodes)
    if not labels:
        raise InputError("the graph must have nodes.")
    return labels


def graph_matrix(graph: "nx.Graph[Any]", *, weight: str | None, loops: bool) -> Any:
    """Return the adjacency matrix of a graph.

    Parameters
    ----------
    graph
        Rows are nodes, columns their (out-)neighbours.
    weight
        Edge attribute; every edge counts 1 if None.
    loops
        Whether each node also counts itself, as in a closed neighbourhood.
    """
    import networkx as nx

    matrix: Any = nx.to_scipy_sparse_array(graph, weight=weight, format="csr")
    if loops:
        matrix = matrix + sparse.eye_array(matrix.shape[0], format="csr")
    return matrix
