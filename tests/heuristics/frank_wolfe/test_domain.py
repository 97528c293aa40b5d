import numpy as np

from boundwise.heuristics.frank_wolfe.active_set import ActiveSet
from boundwise.heuristics.frank_wolfe.domain import enter_domain
from boundwise.heuristics.frank_wolfe.restricted import Restricted

SIMPLEX = np.eye(3)


def oracle(make_set):
    return Restricted(make_set(SIMPLEX))


def test_a_point_inside_is_left_alone(make_set):
    active = ActiveSet(SIMPLEX, np.ones(3))
    assert enter_domain(active, lambda x: True, oracle(make_set)) is active


def test_atoms_inside_are_kept_without_the_others(make_set):
    active = ActiveSet(SIMPLEX, np.ones(3))
    found = enter_domain(active, lambda x: x[0] == 1.0, oracle(make_set))
    assert found.atoms.tolist() == [[1.0, 0.0, 0.0]]


def test_equal_shares_are_tried(make_set):
    active = ActiveSet(SIMPLEX, [0.9, 0.05, 0.05])
    found = enter_domain(active, lambda x: x.min() > 0.1, oracle(make_set))
    assert found.x.min() > 0.1


def test_steps_towards_a_point_of_the_domain_collect_what_is_missing(make_set):
    active = ActiveSet.from_vertex(SIMPLEX[0])

    def is_inside(x):
        return bool(x.min() > 1e-3)

    assert enter_domain(active, is_inside, oracle(make_set)) is None
    found = enter_domain(active, is_inside, oracle(make_set), np.full(3, 2.0))
    assert found is not None
    assert found.x.min() > 1e-3
    assert active.x.tolist() == [1.0, 0.0, 0.0]


def test_a_domain_beyond_the_set_is_not_reached(make_set):
    active = ActiveSet.from_vertex(SIMPLEX[0])
    found = enter_domain(
        active, lambda x: x.sum() > 2.0, oracle(make_set), np.full(3, 2.0)
    )
    assert found is None
