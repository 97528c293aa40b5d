"""Figures of an estimated graph, the same for every method.

score        (1/2n) ||X - XW||^2 on centred data, W as the method returned it
order score  the same with the least squares fit on an order of the graph: that of
             the edges above 0.3, ties by column. It lets methods that shrink their
             weights or price their edges be compared
distances    of the edges above 0.3
"""

import math

import numpy as np
import numpy.typing as npt

from boundwise.benchmarks.dag.baselines import baseline_order
from boundwise.benchmarks.dag.datasets import DagData
from boundwise.instances.generators.sem import topological_order
from boundwise.instances.generators.sortability import var_sortability
from boundwise.solvers.dag.metrics import dag_metrics, threshold_till_dag, thresholded

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]

THRESHOLD = 0.3


def score(X: Floats, W: Floats) -> float:
    """Return half the mean squared residual of the centred rows."""
    Z = X - X.mean(axis=0)
    return 0.5 * float(((Z - Z @ W) ** 2).sum()) / len(Z)


def order_fit(X: Floats, order: Ints) -> Floats:
    """Return the least squares weights of each node on all before it in an order."""
    edges = np.zeros((len(order), len(order)), dtype=np.bool_)
    for k, j in enumerate(order):
        edges[order[:k], j] = True
    return parent_fit(X, edges)


def parent_fit(X: Floats, edges: npt.NDArray[np.bool_]) -> Floats:
    """Return the least squares weights of each node on its parents."""
    Z = X - X.mean(axis=0)
    W = np.zeros(edges.shape)
    for j in range(len(W)):
        parents = np.flatnonzero(edges[:, j])
        W[parents, j] = np.linalg.lstsq(Z[:, parents], Z[:, j], rcond=None)[0]
    return W


def order_score(X: Floats, order: Ints) -> float:
    """Return the least score of weights that respect an order.

    By a triangular factor of the ordered columns: its diagonal holds the residuals.
    """
    Z = X - X.mean(axis=0)
    diagonal = np.diag(np.linalg.qr(Z[:, order], mode="r"))
    return 0.5 * float((diagonal**2).sum()) / len(Z)


def _baselines(data: DagData) -> dict[str, float]:
    """Return what orders without a search reach on the same data."""
    figures = {"var_sortability": var_sortability(data.X, data.W)}
    for name in ("min-pivot", "var-sort", "r2-sort", "random"):
        order = baseline_order(name, data)
        found = dag_metrics(data.W, order_fit(data.X, order), THRESHOLD)
        figures[f"{name.replace('-', '_')}_shd"] = found.shd
        if name == "min-pivot":
            figures["min_pivot_score"] = order_score(data.X, order)
    return figures


def measures(data: DagData, W: Floats) -> dict[str, float | None]:
    """Return the figures of weights that a method returned.

    Parameters
    ----------
    data
        The data set.
    W
        Weights, [i, j] of the edge i -> j.
    """
    edges = thresholded(W, THRESHOLD)
    acyclic, _ = threshold_till_dag(edges)
    found = dag_metrics(data.W, edges)
    figures: dict[str, float] = {
        "score": score(data.X, W),
        "order_score": order_score(data.X, topological_order(acyclic)),
        "true_score": order_score(data.X, topological_order(data.W)),
        "shd": found.shd,
        "tpr": found.tpr,
        "fdr": found.fdr,
        "edges": found.nnz,
        **_baselines(data),
    }
    return {
        name: float(value) if math.isfinite(value) else None
        for name, value in figures.items()
    }
