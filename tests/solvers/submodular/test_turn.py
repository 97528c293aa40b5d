"""Threads take turns; a call from within a call is refused."""

import threading

import numpy as np
import pytest

from boundwise.core.errors import StageError
from boundwise.solvers.submodular import Coverage, DynamicMaximizer, SetFunction


def test_a_function_that_uses_its_maximizer_is_refused():
    asked = []

    def function(chosen):
        if asked:
            asked[0].insert(3)
        return float(len(chosen))

    maximizer = DynamicMaximizer(SetFunction(function, n=4), 2)
    maximizer.insert(0)
    asked.append(maximizer)
    with pytest.raises(StageError, match="must not use"):
        maximizer.insert(1)
    asked.clear()
    assert len(maximizer) == 1
    maximizer.insert(1)
    assert maximizer.solution() == [0, 1]


def test_threads_that_update_one_maximizer_lose_nothing():
    maximizer = DynamicMaximizer(Coverage(np.eye(400)), 20)

    def work(first):
        for e in range(first, 400, 4):
            maximizer.insert(e)
            maximizer.delete(e)
            maximizer.insert(e)
            maximizer.value()

    threads = [threading.Thread(target=work, args=(first,)) for first in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(maximizer) == 400
    assert maximizer.stats["updates"] == 1200
    assert maximizer.value() == 20.0
