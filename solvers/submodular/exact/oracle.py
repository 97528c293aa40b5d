"""Values and gains along an order, asked of an objective's stack."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from boundwise.solvers.submodular.objectives.protocol import Objective

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]


class StackOracle:
    """Answer the Nemhauser-Wolsey cuts from an objective, and count the calls.

    Parameters
    ----------
    objective
        The function.
    elements
        The elements that may be chosen; others have gain 0 here.
    """

    def __init__(self, objective: Objective, elements: Ints) -> None:
        self._objective = objective
        self._elements = elements
        self._values: dict[tuple[int, ...], float] = {}
        self.n_calls = 0

    def along(self, order: Ints) -> tuple[Floats, Floats]:
        """Return values of all prefixes, and gains of all elements over each."""
        stack = self._objective.stack(max(1, len(order)))
        values = np.zeros(len(order) + 1)
        gains = np.zeros((len(order) + 1, self._objective.n))
        left = self._elements
        for size in range(len(order) + 1):
            gains[size, left] = stack.gains(left)
            self.n_calls += len(left)
            if size < len(order):
                element = int(order[size])
                values[size + 1] = values[size] + gains[size, element]
                stack.push(element)
                left = left[left != element]
        return values, gains

    def value(self, elements: Sequence[int]) -> float:
        """Return the value of a set, remembered for its next use."""
        key = tuple(sorted(elements))
        if key not in self._values:
            self.n_calls += 1
            self._values[key] = float(
                self._objective.value(np.array(key, dtype=np.int64))
            )
        return self._values[key]
