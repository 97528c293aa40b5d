"""How far an estimated graph is from the true one.

The structural Hamming distance looks at unordered pairs of nodes: an edge too many, an
edge missing and a reversed edge count one each. Shares are those of Zheng et al.
(2018), arXiv:1803.01422:

    TPR = correct / true edges,  FDR = (reversed + extra) / estimated edges,
    FPR = (reversed + extra) / (d(d-1)/2 - true edges)

A small score and a small distance are different things: unpenalised scores overfit.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from boundwise.core.arguments import as_number
from boundwise.core.errors import InputError
from boundwise.instances.generators.sem import as_weights
from boundwise.solvers.dag.interventions import intervention_distance
from boundwise.solvers.dag.orders import topological_order, without_cycles

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]


@dataclass(frozen=True, slots=True, kw_only=True)
class DagMetrics:
    """Hold the comparison of an estimated graph with the true one.

    Parameters
    ----------
    shd
        Structural Hamming distance: ``n_extra + n_missing + n_reversed``.
    n_correct, n_extra, n_missing, n_reversed
        Numbers of edges. A reversed edge is neither missing nor extra.
    tpr, fdr, fpr
        Shares, see the module; nan where nothing is divided by nothing.
    nnz
        Number of estimated edges.
    sid
        Structural intervention distance, or None if it was not asked for or the
        estimate has a cycle.
    """

    shd: int
    n_correct: int
    n_extra: int
    n_missing: int
    n_reversed: int
    tpr: float
    fdr: float
    fpr: float
    nnz: int
    sid: int | None = None


@dataclass(frozen=True, slots=True)
class EdgeClasses:
    """Hold the edges of an estimate by kind, each a mask [i, j] of i -> j.

    Parameters
    ----------
    correct, extra, reversed
        Estimated edges: true, between nodes that are not adjacent in this way, or
        true in the other direction only.
    missing
        True edges of which the estimate has neither direction.
    """

    correct: Bools
    extra: Bools
    missing: Bools
    reversed: Bools


def dag_metrics(
    W_true: ArrayLike,
    W_estimated: ArrayLike,
    threshold: float = 0.0,
    *,
    sid: bool = False,
) -> DagMetrics:
    """Compare an estimated graph with the true one.

    Parameters
    ----------
    W_true, W_estimated
        Weights or 0/1, [i, j] of the edge i -> j.
    threshold
        Estimated weights of at most this absolute value are no edges.
    sid
        Whether to compute the structural intervention distance as well.

    Returns
    -------
    DagMetrics
        Distances, shares and counts.

    Raises
    ------
    InputError
        If the matrices are not finite, square and of one size, or the threshold is
        negative.

    Examples
    --------
    >>> dag_metrics([[0, 1], [0, 0]], [[0, 0], [0.7, 0]]).shd
    1
    """
    truth = as_weights(W_true) != 0
    estimate = thresholded(W_estimated, threshold) != 0
    kinds = classify_edges(truth, estimate)
    d = len(truth)
    n_extra, n_missing = int(kinds.extra.sum()), int(kinds.missing.sum())
    n_reversed, n_correct = int(kinds.reversed.sum()), int(kinds.correct.sum())
    false, room = n_reversed + n_extra, d * (d - 1) // 2 - int(truth.sum())
    return DagMetrics(
        shd=n_extra + n_missing + n_reversed,
        n_correct=n_correct,
        n_extra=n_extra,
        n_missing=n_missing,
        n_reversed=n_reversed,
        tpr=_share(n_correct, int(truth.sum())),
        fdr=_share(false, int(estimate.sum())),
        fpr=_share(false, room),
        nnz=int(estimate.sum()),
        sid=intervention_distance(truth, estimate)
        if sid and is_acyclic(estimate)
        else None,
    )


def classify_edges(truth: ArrayLike, estimate: ArrayLike) -> EdgeClasses:
    """Tell correct, extra, missing and reversed edges apart.

    Parameters
    ----------
    truth, estimate
        Graphs; [i, j] is non-zero for the edge i -> j.

    Returns
    -------
    EdgeClasses
        Four disjoint masks.

    Raises
    ------
    InputError
        If the graphs are not of one size.
    """
    T, E = as_weights(truth) != 0, as_weights(estimate) != 0
    if T.shape != E.shape:
        raise InputError(
            f"W_estimated must have {len(T)} nodes as W_true has, got {len(E)}."
        )
    # An edge in both directions against a true one is one correct and one extra edge.
    turned = E & ~T & T.T & ~E.T
    return EdgeClasses(
        correct=E & T,
        extra=E & ~T & ~turned,
        missing=T & ~E & ~turned.T,
        reversed=turned,
    )


def thresholded(W: ArrayLike, threshold: float) -> Floats:
    """Return a copy of W without the weights of at most ``threshold``.

    Raises
    ------
    InputError
        If the threshold is not a non-negative number.
    """
    weights = as_weights(W)
    threshold = as_number("threshold", threshold, at_least=0)
    weights[np.abs(weights) <= threshold] = 0.0
    return weights


def threshold_till_dag(W: ArrayLike) -> tuple[Floats, float]:
    """Remove the smallest weights until the graph is acyclic.

    Parameters
    ----------
    W
        Weights, [i, j] of the edge i -> j. The diagonal is dropped.

    Returns
    -------
    tuple
        The weights that are left, and the largest absolute value that was removed (0
        if none was). Equal values go together.

    Raises
    ------
    InputError
        If W is not a finite square matrix.

    Examples
    --------
    >>> W, threshold = threshold_till_dag([[0, 2.0], [0.5, 0]])
    >>> threshold
    0.5
    """
    weights = as_weights(W)
    np.fill_diagonal(weights, 0.0)
    left = without_cycles(weights)
    return left, float(np.abs(weights[left == 0.0]).max(initial=0.0))


def is_acyclic(graph: ArrayLike) -> bool:
    """Tell whether a graph, [i, j] non-zero for i -> j, has no directed cycle."""
    edges = as_weights(graph) != 0
    return topological_order(edges, np.arange(len(edges))) is not None


def _share(part: int, whole: int) -> float:
    return part / whole if whole else float("nan")
