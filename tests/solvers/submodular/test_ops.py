"""Updates as users write them: names, misuse, forms that mean nothing."""

import networkx as nx
import numpy as np
import pytest

from boundwise.benchmarks.submodular.bars import random_objectives
from boundwise.core.errors import InputError
from boundwise.solvers.submodular import Coverage, DynamicMaximizer
from boundwise.solvers.submodular.ops import ElementError, Elements

OBJECTIVES = random_objectives(12, seed=3)


def test_misuse_of_elements_raises_key_errors_and_changes_nothing():
    maximizer = DynamicMaximizer(OBJECTIVES["coverage"], 3)
    maximizer.update([("insert", 0), ("insert", 1)])
    before = dict(maximizer.stats)
    for ops in (
        [("insert", 0)],
        [("delete", 5)],
        [("insert", 99)],
        [("insert", -1)],
        [("insert", "a")],
        [("insert", True)],
        [("insert", 4), ("delete", 4), ("delete", 4)],
        [("insert", 3), ("insert", 3)],
    ):
        with pytest.raises(KeyError):
            maximizer.update(ops)
    with pytest.raises(InputError, match="'insert' or 'delete'"):
        maximizer.update([("toggle", 1)])
    with pytest.raises(InputError, match="pairs or arrays"):
        maximizer.update(7)
    with pytest.raises(InputError, match="integers"):
        maximizer.update((np.array([True]), np.array([0.5])))
    assert dict(maximizer.stats) == before
    assert len(maximizer) == 2
    maximizer.delete(0)
    maximizer.insert(0)
    assert 0 in maximizer
    assert 99 not in maximizer


def test_nodes_of_a_graph_are_named():
    graph = nx.star_graph(["hub", "a", "b", "c"])
    maximizer = DynamicMaximizer(Coverage(graph), 1)
    maximizer.update([("insert", node) for node in graph])
    assert maximizer.solution() == ["hub"]
    maximizer.delete("hub")
    assert maximizer.value() == 2.0
    with pytest.raises(KeyError, match="'d' is unknown"):
        maximizer.insert("d")


def test_the_first_misuse_of_a_batch_is_named_against_a_replay():
    rng = np.random.default_rng(0)
    found = 0
    for _ in range(300):
        alive = rng.random(5) < 0.5
        inserts, elements = rng.random(6) < 0.5, rng.integers(5, size=6)
        now, wrong = alive.copy(), None
        for insert, e in zip(inserts, elements, strict=True):
            if now[e] == insert and wrong is None:
                wrong = e
            now[e] = insert
        ground = Elements(5, None)
        updates = ground.updates((inserts, elements))
        if wrong is None:
            ground.check(updates, alive[elements])
            found += 1
            continue
        with pytest.raises(ElementError, match=f"element {wrong} is"):
            ground.check(updates, alive[elements])
    assert 5 < found < 295


def test_words_that_are_arrays_are_refused():
    maximizer = DynamicMaximizer(OBJECTIVES["coverage"], 3)
    with pytest.raises(InputError, match="'insert' or 'delete'"):
        maximizer.update([(np.array(["insert", "a"]), 0)])
