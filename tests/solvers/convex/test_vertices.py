import numpy as np

from boundwise.heuristics.frank_wolfe.active_set import ActiveSet
from boundwise.heuristics.frank_wolfe.result import FrankWolfeResult, Reason
from boundwise.heuristics.frank_wolfe.shadow_set import ShadowSet
from boundwise.solvers.convex.nodes import Node
from boundwise.solvers.convex.vertices import VertexStore


def test_a_vertex_is_stored_once_and_minus_zero_is_zero():
    store = VertexStore(2)
    rows = store.number(np.array([[0.0, 1.0], [-0.0, 1.0], [1.0, 1.0]]))
    assert rows.tolist() == [0, 0, 1]
    assert len(store) == 2
    assert store.points(np.array([1])).tolist() == [[1.0, 1.0]]
    assert store.column(rows, 0).tolist() == [0.0, 0.0, 1.0]


def test_only_vertices_in_the_box_are_inherited():
    """A box tightened after the relaxation may hold fewer of its vertices."""
    store = VertexStore(2)
    active = ActiveSet(np.array([[0.0, 0.0], [1.0, 1.0]]), np.array([0.25, 0.75]))
    shadow = ShadowSet.of(np.array([[0.0, 1.0], [1.0, 0.0]]))
    result = FrankWolfeResult(
        x=active.x,
        value=0.0,
        bound=0.0,
        reason=Reason.GAP,
        iterations=1,
        oracle_calls=1,
        oracle_seconds=0.0,
        gradient=np.zeros(2),
        active_set=active,
        shadow=shadow,
    )
    lower, upper = np.array([0.0, 0.0]), np.array([0.0, 1.0])
    atoms, weights, others = store.within(result, lower, upper)
    assert store.points(atoms).tolist() == [[0.0, 0.0]]
    assert weights.tolist() == [1.0]
    assert store.points(others).tolist() == [[0.0, 1.0]]
    node = Node(1, 0.0, 0, atoms=atoms, weights=weights, shadow=others)
    start, rest = store.start_of(node)
    assert start.x.tolist() == [0.0, 0.0]
    assert len(rest) == 1
    outside = np.array([0.5, 0.5])
    atoms, weights, others = store.within(result, outside, outside)
    assert len(atoms) == len(others) == 0
    assert store.start_of(Node(2, 0.0, 0)) == (None, None)
