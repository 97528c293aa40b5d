"""What a submodular objective offers: a value, and stacks that answer marginal gains.

A set function f on the ground set {0, ..., n-1} with f(empty set) = 0. Algorithms
choose elements one after the other; a `Stack` holds the chosen ones in order and
gives

    f(e | S_i) = f(S_i + e) - f(S_i),    S_i = the first i elements of the stack,

for any i up to its height, so that the levels of the dynamic algorithm can ask about
every prefix and undo the top.
"""

from collections.abc import Hashable, Sequence
from typing import Protocol, runtime_checkable

import numpy as np
import numpy.typing as npt

Ints = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]


class Stack(Protocol):
    """Hold chosen elements in order and answer marginal gains on top of them."""

    def gains(self, elements: Ints, size: int | None = None) -> Floats:
        """Return f(e | first ``size`` elements) for each e; all of them if None.

        The elements asked for are not among those first ``size``.
        """
        ...

    def push(self, element: int) -> None:
        """Put an element on top."""
        ...

    def pop_to(self, size: int) -> None:
        """Remove elements from the top until ``size`` are left."""
        ...


@runtime_checkable
class Objective(Protocol):
    """Describe a submodular function to the algorithms.

    Implement these four and pass the object to `DynamicMaximizer`, `maximize` or
    `maximize_exact`. Objectives that come with boundwise are compiled; one of your
    own runs through the same algorithms with one Python call per batch of gains.
    """

    @property
    def n(self) -> int:
        """Size of the ground set."""
        ...

    @property
    def monotone(self) -> bool:
        """Whether no marginal gain is ever negative."""
        ...

    def value(self, elements: Ints) -> float:
        """Return f of a set of distinct elements."""
        ...

    def stack(self, height: int) -> Stack:
        """Return an empty stack that can hold up to ``height`` elements."""
        ...


@runtime_checkable
class Labelled(Protocol):
    """Name the elements, as the nodes of a graph do."""

    @property
    def labels(self) -> Sequence[Hashable] | None:
        """Return the name of each element, or None if they are 0, ..., n-1."""
        ...
