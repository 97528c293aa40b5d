import itertools

import networkx as nx
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from boundwise.core.errors import InputError
from boundwise.solvers.convex.oracles.spanning_tree import SpanningTree

EDGES = [(0, 1), (0, 2), (0, 3), (1, 2), (1, 3), (2, 3), (3, 4), (2, 4)]


def all_trees():
    """Return the incidence vectors of all spanning trees."""
    found = []
    for chosen in itertools.combinations(range(len(EDGES)), 4):
        graph = nx.Graph([EDGES[e] for e in chosen])
        if len(graph) == 5 and nx.is_connected(graph):
            found.append([float(e in chosen) for e in range(len(EDGES))])
    return np.array(found)


TREES = all_trees()


@given(seed=st.integers(0, 2**32 - 1))
@settings(max_examples=50, deadline=None)
def test_the_cheapest_tree_within_a_box_is_found(random_box, random_direction, seed):
    rng = np.random.default_rng(seed)
    chosen = SpanningTree(5, EDGES)
    lower, upper = random_box(chosen, rng)
    direction = random_direction(len(EDGES), rng)
    inside = (lower <= TREES).all(axis=1) & (upper >= TREES).all(axis=1)
    vertex = chosen.extreme_point(direction, lower, upper)
    if not inside.any():
        assert vertex is None
        return
    assert vertex @ direction == pytest.approx(min(TREES[inside] @ direction))
    assert (TREES[inside] == vertex).all(axis=1).any()


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ((3, [(0, 1)]), "edges must connect all 3 nodes"),
        ((3, [(0, 3)]), "edges must join nodes in 0..2"),
        ((3, [(0, 0), (1, 2)]), "edges must not be loops, got one at 0"),
        ((3, [(0.5, 1)]), "edges must be pairs of nodes"),
        ((3, [(0, 1), (1,)]), "edges must be pairs of nodes"),
        ((1, [(0, 1)]), "n_nodes must be an integer of at least 2"),
    ],
)
def test_a_bad_graph_is_named(arguments, message):
    with pytest.raises(InputError, match=message):
        SpanningTree(*arguments)
