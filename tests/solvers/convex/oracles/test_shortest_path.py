import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from boundwise.core.errors import InputError
from boundwise.solvers.convex.oracles.shortest_path import ShortestPath


@given(seed=st.integers(0, 2**32 - 1))
@settings(max_examples=30, deadline=None)
def test_paths_agree_with_a_solver_on_the_flow_rows(agrees, seed):
    """Nodes are shuffled, so that their numbers are no topological order."""
    rng = np.random.default_rng(seed)
    count = 6
    names = rng.permutation(count)
    pairs = [(a, b) for a in range(count) for b in range(a + 1, count)]
    kept = [pair for pair in pairs if rng.random() < 0.6 or pair == (0, count - 1)]
    arcs = names[np.array(kept)]
    arcs = arcs[rng.permutation(len(arcs))]
    source, target = int(names[0]), int(names[-1])
    chosen = ShortestPath(count, arcs, source, target)
    rows = np.zeros((count, len(arcs)))
    rows[arcs[:, 0], np.arange(len(arcs))] += 1.0
    rows[arcs[:, 1], np.arange(len(arcs))] -= 1.0
    balance = np.zeros(count)
    balance[source], balance[target] = 1.0, -1.0
    agrees(chosen, rows, balance, balance, rng)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ((3, [(0, 1), (1, 0), (1, 2)], 0, 2), "arcs must not form a cycle"),
        ((3, [(0, 1)], 0, 2), "arcs must join source 0 to target 2"),
        ((3, [(0, 1)], 0, 3), "target must be a node in 0..2, got 3"),
        ((3, [(0, 1)], 1, 1), "target must differ from source"),
    ],
)
def test_a_bad_graph_is_named(arguments, message):
    with pytest.raises(InputError, match=message):
        ShortestPath(*arguments)
