"""What the objectives of boundwise share: a program, and stacks that run it."""

from collections.abc import Hashable, Sequence
from typing import Protocol, runtime_checkable

import numpy as np
import numpy.typing as npt

from boundwise.core.errors import InputError
from boundwise.solvers.submodular.objectives import primitives
from boundwise.solvers.submodular.objectives.program import (
    Floats,
    Ints,
    StateSize,
    Term,
    assemble,
)


@runtime_checkable
class Compiled(Protocol):
    """Offer an objective as a program for the compiled kernels."""

    def program(self, height: int) -> tuple[Ints, StateSize]:
        """Return the program and the state of a stack of a height."""
        ...


class CompiledObjective:
    """Answer values and gains of a weighted sum of terms by compiled code.

    Parameters
    ----------
    terms, weights
        The sum.
    monotone
        Whether no marginal gain is negative.
    labels
        Names of the elements, or None.
    """

    def __init__(
        self,
        terms: Sequence[Term],
        weights: Sequence[float],
        *,
        monotone: bool,
        labels: Sequence[Hashable] | None = None,
    ) -> None:
        self._terms = tuple(terms)
        self._weights = tuple(float(weight) for weight in weights)
        self._monotone = monotone
        self._labels = None if labels is None else tuple(labels)

    @property
    def n(self) -> int:
        """Size of the ground set."""
        return self._terms[0].n_elements

    @property
    def monotone(self) -> bool:
        """Whether no marginal gain is negative."""
        return self._monotone

    @property
    def labels(self) -> tuple[Hashable, ...] | None:
        """Names of the elements, or None if they are 0, ..., n-1."""
        return self._labels

    @property
    def terms(self) -> tuple[tuple[float, Term], ...]:
        """The weighted terms whose sum this is."""
        return tuple(zip(self._weights, self._terms, strict=True))

    def program(self, height: int) -> tuple[Ints, StateSize]:
        """Return what the kernels read, for stacks of up to ``height`` elements."""
        return assemble(self._terms, self._weights, min(height, self.n))

    def stack(self, height: int) -> "CompiledStack":
        """Return an empty stack for up to ``height`` elements."""
        return CompiledStack(self, height)

    def value(self, elements: npt.ArrayLike) -> float:
        """Return f of a set of distinct elements.

        Raises
        ------
        InputError
            If an element is unknown or occurs twice.
        """
        chosen = as_elements(elements, self.n)
        if len(np.unique(chosen)) < len(chosen):
            raise InputError("elements must be distinct.")
        stack = self.stack(len(chosen))
        total = 0.0
        for element in chosen:
            total += float(stack.gains(np.array([element]))[0])
            stack.push(int(element))
        return total


class CompiledStack:
    """Hold chosen elements of a compiled objective.

    Parameters
    ----------
    objective
        The function.
    height
        Largest number of elements.
    """

    def __init__(self, objective: CompiledObjective, height: int) -> None:
        # The program holds addresses of the objective's arrays.
        self._objective = objective
        self._n = objective.n
        self._height = min(height, self._n)
        self._program, size = objective.program(self._height)
        self._ints = np.zeros(size.ints, dtype=np.int32)
        self._reals = np.zeros(size.reals)
        self._chosen: list[int] = []
        primitives.clear(self._program, self._ints, self._reals)

    def __len__(self) -> int:
        return len(self._chosen)

    def gains(self, elements: Ints, size: int | None = None) -> Floats:
        """Return f(e | first ``size`` elements) for each e; all of them if None."""
        asked = as_elements(elements, self._n).astype(np.int32)
        if size is None:
            size = len(self._chosen)
        elif not 0 <= size <= len(self._chosen):
            raise InputError(
                f"size must be between 0 and {len(self._chosen)}, got {size!r}."
            )
        out = np.empty(len(asked))
        primitives.gains(
            self._program, self._ints, self._reals, asked, len(asked), size, out
        )
        return out

    def push(self, element: int) -> None:
        """Put an element on top.

        Raises
        ------
        InputError
            If the stack is full or holds the element already.
        """
        element = int(as_elements([element], self._n)[0])
        if len(self._chosen) >= self._height:
            raise InputError(f"the stack holds at most {self._height} elements.")
        if element in self._chosen:
            raise InputError(f"element {element} is on the stack already.")
        primitives.push(
            self._program, self._ints, self._reals, element, len(self._chosen)
        )
        self._chosen.append(element)

    def pop_to(self, size: int) -> None:
        """Remove elements from the top until ``size`` are left.

        Raises
        ------
        InputError
            If there are fewer.
        """
        if not 0 <= size <= len(self._chosen):
            raise InputError(
                f"size must be between 0 and {len(self._chosen)}, got {size!r}."
            )
        while len(self._chosen) > size:
            element = self._chosen.pop()
            primitives.pop(
                self._program, self._ints, self._reals, element, len(self._chosen)
            )


def as_elements(elements: npt.ArrayLike, n: int) -> Ints:
    """Return indices of elements as an array.

    Raises
    ------
    InputError
        If they are no one-dimensional list of integers in 0, ..., n-1.
    """
    found = np.asarray(elements)
    if found.ndim != 1 or (found.dtype.kind not in "iu" and found.size):
        raise InputError(f"elements must be a list of integers, got {elements!r}.")
    if found.size and not (found.min() >= 0 and found.max() < n):
        raise InputError(f"elements must lie in 0, ..., {n - 1}, got {elements!r}.")
    return found.astype(np.int64)
