"""How much the marginal variances of data give away of the order of their graph.

    sum_k #{(i, j): a path of k edges leads from i to j, and s_i < s_j}
    -------------------------------------------------------------------
    sum_k #{(i, j): a path of k edges leads from i to j}

Ties count one half. s_j is the variance of column j (Reisach, Seiler, Weichwald 2021,
"Beware of the Simulated DAG!", arXiv:2102.13647), or the share of it that the other
columns explain, R2, which no rescaling changes (Reisach, Tami, Seiler, Chambaz,
Weichwald 2023, arXiv:2303.18211). Near 1, sorting the columns by s solves the problem;
1/2 is chance.
"""

import numpy as np
from numpy.typing import ArrayLike, NDArray

from boundwise.core.errors import InputError
from boundwise.instances.generators.sem import as_weights, topological_order

Floats = NDArray[np.float64]

#: Values that differ by less than this, relatively, are ties.
_TIE = 1e-9


def var_sortability(X: ArrayLike, W: ArrayLike) -> float:
    """Return how often variances grow along the paths of a graph.

    Parameters
    ----------
    X
        Rows, shape (n, d).
    W
        True graph, [i, j] non-zero for i -> j.

    Returns
    -------
    float
        In [0, 1]; nan for a graph without edges.

    Raises
    ------
    InputError
        If the shapes do not go together, or the graph has a cycle.

    Examples
    --------
    >>> var_sortability([[0.0, 0.0], [1.0, 3.0]], [[0, 1], [0, 0]])
    1.0
    """
    columns = _columns(X)
    return _sortability(columns.var(axis=0), W)


def r2_sortability(X: ArrayLike, W: ArrayLike) -> float:
    """Return how often R2, each column on all others, grows along the paths.

    Parameters
    ----------
    X
        Rows, shape (n, d).
    W
        True graph, [i, j] non-zero for i -> j.

    Returns
    -------
    float
        In [0, 1]; nan for a graph without edges.

    Raises
    ------
    InputError
        If the shapes do not go together, or the graph has a cycle.
    """
    return _sortability(explained_shares(X), W)


def explained_shares(X: ArrayLike) -> Floats:
    """Return R2 of the least squares fit of each column on all others.

    Parameters
    ----------
    X
        Rows, shape (n, d). Constant columns have the share 0.

    Returns
    -------
    ndarray of shape (d,)
        In [0, 1].
    """
    columns = _columns(X)
    centred = columns - columns.mean(axis=0)
    scale = centred.std(axis=0)
    live = scale > 0
    Z = centred[:, live] / scale[live]
    C = Z.T @ Z / len(Z)
    # 1 - 1 / (C^-1)_jj; the pseudo-inverse serves collinear columns.
    precision = np.diag(np.linalg.pinv(C, hermitian=True)) if len(C) else C.diagonal()
    shares = np.zeros(columns.shape[1])
    shares[live] = np.clip(1.0 - 1.0 / np.maximum(precision, 1.0), 0.0, 1.0)
    return shares


def _columns(X: ArrayLike) -> Floats:
    try:
        columns: Floats = np.array(X, dtype=np.float64)
    except (TypeError, ValueError) as error:
        raise InputError(f"X must be a matrix of numbers: {error}.") from error
    if columns.ndim != 2 or not columns.size or not np.isfinite(columns).all():
        raise InputError(
            f"X must be a matrix of finite numbers, got shape {columns.shape}."
        )
    return columns


def _sortability(scores: Floats, graph: ArrayLike) -> float:
    W = as_weights(graph)
    if len(W) != len(scores):
        raise InputError(f"W must have {len(scores)} nodes, got {len(W)}.")
    topological_order(W)  # refuses a cycle, along which there is no growth
    edge = W != 0
    low, high = scores[:, None], scores[None, :]
    tie = np.abs(high - low) <= _TIE * np.maximum(np.abs(low), np.abs(high))
    grows = np.where(tie, 0.5, high > low)
    found = total = 0.0
    path = edge.copy()
    while path.any():
        found += float(grows[path].sum())
        total += float(path.sum())
        path = (path.astype(np.float64) @ edge.astype(np.float64)) > 0
    return found / total if total else float("nan")
