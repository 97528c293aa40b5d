"""Drawings: a graph, a graph against the true one, and scores over time."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from boundwise.core.errors import InputError
from boundwise.core.optional import require
from boundwise.instances.generators.sem import as_weights
from boundwise.solvers.dag.metrics import classify_edges

Floats = NDArray[np.float64]

_GREY = "#555555"
#: Colour and line of each kind of edge.
_KINDS = {
    "correct": ("#2a7f3f", "-"),
    "missing": ("#8c8c8c", ":"),
    "extra": ("#c44e52", "-"),
    "reversed": ("#dd8452", "--"),
}


def plot_graph(
    W: ArrayLike,
    true: ArrayLike | None = None,
    names: Sequence[str] | None = None,
    axes: Any = None,
) -> Any:
    """Draw a graph, its edges coloured by truth if the true graph is known.

    Parameters
    ----------
    W
        Weights, [i, j] of the edge i -> j.
    true
        True graph; edges are then drawn as correct, missing, extra and reversed.
    names
        Names of the nodes; 0, 1, ... by default.
    axes
        Matplotlib axes to draw on; new ones if None.

    Returns
    -------
    matplotlib.axes.Axes
        The axes.

    Raises
    ------
    InputError
        If the sizes do not go together.
    NotAvailableError
        If matplotlib is not installed.
    """
    weights = as_weights(W)
    d = len(weights)
    labels = [str(j) for j in range(d)] if names is None else [str(n) for n in names]
    if len(labels) != d:
        raise InputError(f"names must be {d} names, got {len(labels)}.")
    groups = _groups(weights, true)
    axes = _axes(axes)
    place = circular_places(weights if true is None else as_weights(true))
    for name, mask, colour, line in groups:
        for i, j in np.argwhere(mask):
            _arrow(axes, place[i], place[j], colour, line)
        if name:
            axes.plot([], [], line, color=colour, label=f"{name} ({int(mask.sum())})")
    axes.plot(*place.T, "o", color="white", markeredgecolor=_GREY, markersize=16)
    for position, label in zip(place, labels, strict=True):
        axes.annotate(label, position, ha="center", va="center", fontsize=8)
    if true is not None:
        axes.legend(loc="upper center", bbox_to_anchor=(0.5, 0.02), ncols=4, fontsize=8)
    axes.set(xlim=(-1.25, 1.25), ylim=(-1.25, 1.25), aspect="equal")
    axes.set_axis_off()
    return axes


def plot_scores(
    histories: Mapping[str, Sequence[tuple[float, float]]],
    reference: float | None = None,
    axes: Any = None,
) -> Any:
    """Draw how the best score of each method falls over time, on a log axis.

    Parameters
    ----------
    histories
        For each method, pairs of seconds and score, as in ``history_``.
    reference
        Score to subtract, such as the best of all; None to draw scores as they are.
    axes
        Matplotlib axes to draw on; new ones if None.

    Returns
    -------
    matplotlib.axes.Axes
        The axes.

    Raises
    ------
    NotAvailableError
        If matplotlib is not installed.
    """
    axes = _axes(axes)
    for name, history in histories.items():
        seconds, scores = (
            np.array(column, dtype=float) for column in zip(*history, strict=True)
        )
        best = np.minimum.accumulate(scores)
        if reference is not None:
            best = np.maximum(best - reference, 1e-12)
        axes.step(np.maximum(seconds, 1e-6), best, where="post", marker=".", label=name)
    axes.set_xscale("log")
    if reference is not None:
        axes.set_yscale("log")
    axes.set_xlabel("seconds")
    axes.set_ylabel("score" if reference is None else "score above the reference")
    axes.legend(fontsize=8)
    return axes


def circular_places(W: ArrayLike) -> Floats:
    """Return points on the unit circle, nodes in an order that the edges follow.

    Parameters
    ----------
    W
        Graph, [i, j] non-zero for i -> j; cycles are taken as they come.
    """
    edges = as_weights(W) != 0
    left = np.ones(len(edges), dtype=bool)
    order: list[int] = []
    while left.any():
        # Fewest parents left: none, as long as there is no cycle.
        parents = np.where(left, edges[left].sum(axis=0), len(edges) + 1)
        node = int(np.argmin(parents))
        order.append(node)
        left[node] = False
    angle = np.pi / 2 - 2 * np.pi * np.argsort(order) / len(edges)
    return np.column_stack([np.cos(angle), np.sin(angle)])


def _groups(
    weights: Floats, true: ArrayLike | None
) -> list[tuple[str, NDArray[np.bool_], str, str]]:
    if true is None:
        return [("", weights != 0, _GREY, "-")]
    kinds = classify_edges(true, weights)
    return [
        (name, getattr(kinds, name), colour, line)
        for name, (colour, line) in _KINDS.items()
    ]


def _arrow(axes: Any, tail: Floats, head: Floats, colour: str, line: str) -> None:
    axes.annotate(
        "",
        head,
        tail,
        arrowprops={
            "arrowstyle": "-|>",
            "color": colour,
            "linestyle": line,
            "shrinkA": 9,
            "shrinkB": 9,
            "connectionstyle": "arc3,rad=0.08",
        },
    )


def _axes(axes: Any) -> Any:
    if axes is None:
        pyplot = require("matplotlib.pyplot", extra="report")
        _, axes = pyplot.subplots(figsize=(6, 6), layout="constrained")
    return axes
