import math

import numpy as np
import pytest

from boundwise.core.errors import InputError
from boundwise.solvers.convex.nodes import Node, NodeQueue


def test_best_bound_takes_the_least_bound_first():
    queue = NodeQueue()
    for number, bound in enumerate([3.0, 1.0, 2.0]):
        queue.push(Node(number, bound, 0))
    assert queue.bound == 1.0
    assert [queue.pop().bound for _ in range(3)] == [1.0, 2.0, 3.0]
    assert queue.bound == math.inf


def test_depth_first_takes_the_deepest_and_still_knows_the_least_bound():
    queue = NodeQueue("depth-first")
    queue.push(Node(0, 1.0, 0))
    queue.push(Node(1, 5.0, 2))
    queue.push(Node(2, 4.0, 2))
    assert queue.bound == 1.0
    assert [queue.pop().number for _ in range(3)] == [2, 1, 0]


def test_a_node_pushed_again_counts_with_its_new_bound():
    queue = NodeQueue()
    node = Node(0, -math.inf, 0)
    queue.push(node)
    assert queue.pop() is node
    node.bound = 7.0
    queue.push(node)
    assert queue.bound == 7.0
    assert len(queue) == 1


def test_dropped_nodes_report_their_least_bound():
    queue = NodeQueue()
    for number, bound in enumerate([1.0, 2.0, 3.0]):
        queue.push(Node(number, bound, 0))
    assert queue.drop_above(2.0) == 2.0
    assert len(queue) == 1
    assert queue.drop_above(10.0) == math.inf


def test_an_unknown_traversal_is_refused():
    with pytest.raises(InputError, match="traversal"):
        NodeQueue("breadth-first")


def test_a_box_is_the_global_one_with_the_changes_of_the_node():
    node = Node(0, 0.0, 1, lower={0: 2.0}, upper={1: 3.0, 0: 9.0})
    low, up = node.box(np.zeros(2), np.full(2, 5.0))
    assert low.tolist() == [2.0, 0.0]
    assert up.tolist() == [5.0, 3.0]
