import numpy as np
import pytest

from boundwise.core.errors import InputError
from boundwise.heuristics.frank_wolfe.shadow_set import ShadowSet


def test_the_best_vertex_is_found_and_taken():
    shadow = ShadowSet.of(np.eye(3))
    row, score = shadow.best(np.array([1.0, -2.0, 0.0]))
    assert score == -2.0
    assert shadow.take(row).tolist() == [0.0, 1.0, 0.0]
    assert len(shadow) == 2
    assert shadow.find(np.array([0.0, 1.0, 0.0])) == -1


def test_an_empty_set_has_no_best():
    assert ShadowSet(2).best(np.ones(2)) == (-1, np.inf)


def test_a_vertex_is_kept_once_and_the_oldest_gives_way():
    shadow = ShadowSet(1, capacity=2)
    for value in (1.0, 1.0, 2.0, 3.0):
        shadow.add(np.array([value]))
    assert sorted(shadow.vertices.ravel()) == [2.0, 3.0]


def test_a_split_goes_by_one_coordinate():
    shadow = ShadowSet.of([[0.0], [0.5], [1.0], [2.0]])
    left, right = shadow.split(0, 0.3)
    assert left.vertices.ravel().tolist() == [0.0]
    assert right.vertices.ravel().tolist() == [1.0, 2.0]


def test_a_box_keeps_what_lies_in_it():
    kept = ShadowSet.of(np.eye(2)).within(np.zeros(2), np.array([0.0, 1.0]))
    assert kept.vertices.tolist() == [[0.0, 1.0]]


def test_a_set_without_room_stays_empty():
    shadow = ShadowSet(1, capacity=0)
    shadow.add(np.ones(1))
    assert len(shadow) == 0


def test_a_negative_capacity_is_refused():
    with pytest.raises(
        InputError, match="capacity must be a non-negative integer, got -1"
    ):
        ShadowSet(1, capacity=-1)
