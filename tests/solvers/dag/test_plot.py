"""Drawings show what they were given."""

import numpy as np
import pytest

from boundwise.core.errors import InputError
from boundwise.instances.generators.sem import simulate_dag
from boundwise.solvers.dag.plot import circular_places, plot_graph, plot_scores


@pytest.fixture(autouse=True)
def closed_figures():
    matplotlib = pytest.importorskip("matplotlib")
    matplotlib.use("Agg")
    yield
    matplotlib.pyplot.close("all")


def arrows(axes):
    return [text for text in axes.texts if getattr(text, "arrow_patch", None)]


def test_every_edge_is_an_arrow_and_every_node_a_name():
    W = simulate_dag(6, edges=7, seed=0)
    axes = plot_graph(W, names=list("abcdef"))
    assert len(arrows(axes)) == 7
    assert {text.get_text() for text in axes.texts} == {"", *"abcdef"}
    assert axes.get_legend() is None


def test_kinds_of_edges_are_counted_in_the_legend():
    truth = np.zeros((4, 4))
    truth[0, 1] = truth[1, 2] = truth[2, 3] = 1.0
    found = np.zeros((4, 4))
    found[0, 1] = found[2, 1] = found[0, 3] = 1.0
    axes = plot_graph(found, true=truth)
    labels = [text.get_text() for text in axes.get_legend().get_texts()]
    assert labels == ["correct (1)", "missing (1)", "extra (1)", "reversed (1)"]
    assert len(arrows(axes)) == 4


def test_nodes_stand_on_a_circle_in_the_order_of_the_edges():
    place = circular_places([[0, 0, 0], [1, 0, 0], [1, 1, 0]])  # 2 -> 1 -> 0
    np.testing.assert_allclose(np.linalg.norm(place, axis=1), 1.0)
    np.testing.assert_allclose(place[2], [0, 1], atol=1e-12)
    assert place[1, 0] > 0.5  # clockwise
    assert len(np.unique(circular_places([[0, 1], [1, 0]]).round(6), axis=0)) == 2


def test_scores_fall_and_the_best_counts():
    axes = plot_scores({"a": [(0.1, 3.0), (0.2, 2.0), (0.3, 2.5)]}, reference=1.0)
    [line] = axes.get_lines()
    np.testing.assert_allclose(line.get_ydata(), [2.0, 1.0, 1.0])
    assert axes.get_yscale() == "log"


def test_names_must_be_as_many_as_nodes():
    with pytest.raises(InputError, match="2 names"):
        plot_graph(np.zeros((2, 2)), names=["a"])
