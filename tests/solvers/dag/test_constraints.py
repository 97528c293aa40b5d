import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from boundwise.core.errors import InputError
from boundwise.solvers.dag.constraints import Constraints
from boundwise.solvers.dag.orders import positions, respecting, topological_order


def test_required_edges_and_tiers_become_precedences_closed_under_paths():
    made = Constraints.make(4, [("a", "b"), ("b", 2)], names=["a", "b", "c", "d"])
    assert made.before[0, 2]
    assert not made.allowed[2, 0]
    assert made.allowed[0, 2]
    assert not made.restricts_parents
    tiered = Constraints.make(4, tiers=[[3], [0, 1], [2]])
    assert tiered.before[3, 2]
    assert not tiered.before[0, 1]
    numbers = Constraints.make(4, tiers=[1, 1, 2, 0])
    np.testing.assert_array_equal(numbers.before, tiered.before)


def test_a_forbidden_edge_restricts_parents_unless_the_order_does_already():
    assert Constraints.make(3, forbidden_edges=[(0, 1)]).restricts_parents
    assert not Constraints.make(
        3, forbidden_edges=[(1, 0)], required_edges=[(0, 1)]
    ).restricts_parents
    matrix = np.zeros((3, 3), dtype=np.bool_)
    matrix[0, 1] = True
    assert not Constraints.make(3, forbidden_edges=matrix).allowed[0, 1]


@pytest.mark.parametrize(
    ("options", "word"),
    [
        ({"required_edges": [(0, 1), (1, 2), (2, 0)]}, "cycle"),
        ({"required_edges": [(0, 1)], "tiers": [[1], [0, 2]]}, "cycle"),
        ({"required_edges": [(0, 0)]}, "cycle"),
        ({"required_edges": [(0, 1)], "forbidden_edges": [(0, 1)]}, "both"),
        ({"required_edges": [(0, 3)]}, "nodes 0..2"),
        ({"required_edges": [("x", 1)]}, "'x'"),
        ({"required_edges": [0, 1]}, "pairs"),
        ({"required_edges": 5}, "pairs"),
        ({"forbidden_edges": np.zeros((2, 2), dtype=np.bool_)}, "shape"),
        ({"tiers": [[0], [1]]}, "leave out"),
        ({"tiers": [[0, 1], [1, 2]]}, "twice"),
        ({"tiers": [0, 1]}, "3 numbers"),
        ({"tiers": 4}, "groups"),
    ],
)
def test_constraints_that_make_no_sense_are_refused(options, word):
    with pytest.raises(InputError, match=word):
        Constraints.make(3, **options)


@settings(max_examples=30, deadline=None)
@given(st.integers(1, 8), st.integers(0, 10**6))
def test_an_order_is_changed_only_where_constraints_need_it(d, seed):
    rng = np.random.default_rng(seed)
    hidden = rng.permutation(d)
    before = np.zeros((d, d), dtype=np.bool_)
    before[np.ix_(hidden, hidden)] = np.triu(rng.random((d, d)) < 0.3, 1)
    order = respecting(rng.permutation(d), before)
    place = positions(order)
    assert all(place[i] < place[j] for i, j in np.argwhere(before))
    np.testing.assert_array_equal(respecting(order, before), order)


def test_cycles_have_no_topological_order():
    edges = np.zeros((3, 3), dtype=np.bool_)
    edges[0, 1] = edges[1, 2] = edges[2, 0] = True
    assert topological_order(edges, np.arange(3)) is None
