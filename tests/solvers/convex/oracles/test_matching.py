import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from boundwise.core.errors import InputError
from boundwise.solvers.convex.oracles.matching import Matching

BIPARTITE = [(0, 3), (0, 4), (1, 3), (1, 5), (2, 4), (2, 5), (0, 3)]
GENERAL = [(0, 1), (1, 2), (0, 2), (2, 3), (3, 4), (4, 5), (3, 5), (1, 4)]


@pytest.mark.parametrize("perfect", [False, True])
@pytest.mark.parametrize("edges", [BIPARTITE, GENERAL], ids=["bipartite", "general"])
@given(seed=st.integers(0, 2**32 - 1))
@settings(max_examples=25, deadline=None)
def test_matchings_agree_with_a_solver_on_the_degree_rows(agrees, edges, perfect, seed):
    chosen = Matching(6, edges, perfect=perfect)
    rows = np.zeros((6, len(edges)))
    for e, (one, two) in enumerate(edges):
        rows[one, e] = rows[two, e] = 1.0
    low = np.ones(6) if perfect else np.zeros(6)
    agrees(chosen, rows, low, np.ones(6), np.random.default_rng(seed))


def test_a_graph_without_a_perfect_matching_is_refused():
    with pytest.raises(InputError, match="perfect matching"):
        Matching(4, [(0, 1), (0, 2), (0, 3)], perfect=True)
