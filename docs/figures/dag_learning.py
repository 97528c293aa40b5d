"""Draw the figures of dag-learning.md: ``python docs/figures/dag_learning.py``."""

import time
from collections.abc import Callable
from pathlib import Path

import matplotlib.pyplot as plt
import numpy as np

from boundwise.benchmarks.dag.evaluate import order_score
from boundwise.benchmarks.dag.plain import plain_search
from boundwise.instances.generators.sem import (
    simulate_dag,
    simulate_sem,
    topological_order,
)
from boundwise.solvers.dag.continuous import colide, dagma, notears
from boundwise.solvers.dag.estimator import TopologicalDAG
from boundwise.solvers.dag.metrics import dag_metrics, threshold_till_dag, thresholded
from boundwise.solvers.dag.plot import plot_graph, plot_scores

HERE = Path(__file__).parent


def graphs() -> None:
    """Draw what is recovered from the same data, raw and standardized."""
    W = simulate_dag(15, k=2, seed=4)
    figure, axes = plt.subplots(1, 2, figsize=(10, 5.2), layout="constrained")
    for ax, standardize in zip(axes, (False, True), strict=True):
        X = simulate_sem(W, 1000, seed=4, standardize=standardize)
        model = TopologicalDAG(restarts=20, random_state=0).fit(X)
        plot_graph(model.adjacency_matrix_, true=W, axes=ax)
        distance = dag_metrics(W, model.adjacency_matrix_).shd
        kind = "standardized" if standardize else "raw"
        ax.set_title(f"{kind}: score {model.score_:.3f}, distance {distance}")
    figure.savefig(HERE / "dag-recovered.png", dpi=100)


def scores() -> None:
    """Draw the score of the best order over wall-clock time, method by method."""
    W = simulate_dag(20, k=4, seed=0)
    X = simulate_sem(W, 1000, seed=0)
    start = np.random.default_rng(0).permutation(20)
    model = TopologicalDAG(init=start, random_state=0)
    model.fit(X)  # loads the compiled code
    model.fit(X)
    histories = {"TopologicalDAG, random start": model.history_}
    histories["swaps, one regression at a time"] = plain_search(X, start).history
    histories["DAGMA"] = watched(X, dagma)
    histories["CoLiDE-EV"] = watched(X, colide)
    histories["NOTEARS"] = watched(
        X, lambda X, watch: notears(X, watch=watch, time_limit=60)
    )
    best = min(score for history in histories.values() for _, score in history)
    figure, ax = plt.subplots(figsize=(8, 4), layout="constrained")
    plot_scores(histories, reference=best - 1e-6, axes=ax)
    true = order_score(X, topological_order(W))
    ax.axhline(true - best, color="#8c8c8c", linestyle=":", label="true order")
    ax.set_ylabel("order score above the best")
    ax.legend(fontsize=8)
    figure.savefig(HERE / "dag-scores.png", dpi=100)
    for name, history in histories.items():
        seconds, value = min(history, key=lambda point: point[1])
        print(f"{name:32} {value:.5f} first after {seconds:.4f} s")
    print(f"{'true order':32} {true:.5f}")


def watched(
    X: np.ndarray, method: Callable[..., np.ndarray]
) -> list[tuple[float, float]]:
    """Return the order score of a method's weights over time."""
    seen: list[tuple[float, np.ndarray]] = []
    begun = time.perf_counter()
    last = method(X, watch=lambda V: seen.append((time.perf_counter() - begun, V)))
    seen.append((time.perf_counter() - begun, last))
    history = []
    for seconds, V in seen:
        np.fill_diagonal(V, 0.0)
        edges, _ = threshold_till_dag(thresholded(V, 0.3))
        history.append((seconds, order_score(X, topological_order(edges))))
    return history


if __name__ == "__main__":
    scores()
    graphs()
