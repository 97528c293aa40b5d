"""A user's plain function of a set, as an objective with stacks."""

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from boundwise.core.arguments import as_count
from boundwise.core.errors import InputError
from boundwise.solvers.submodular.objectives.base import as_elements
from boundwise.solvers.submodular.objectives.protocol import Floats, Ints


class SetFunction:
    """Wrap a callable f(elements) with f([]) = 0.

    Each marginal gain costs one evaluation. If gains can be had for less, write a class
    with the methods of `Objective` instead.

    Parameters
    ----------
    function
        Takes a list of distinct elements, returns a number.
    n
        Size of the ground set 0, ..., n-1.
    monotone
        Whether no element ever lowers the value. It is believed; see `check_objective`.

    Raises
    ------
    InputError
        If ``function`` cannot be called or ``n`` is not a positive integer.

    Examples
    --------
    >>> f = SetFunction(lambda chosen: float(len({e % 2 for e in chosen})), n=4)
    >>> f.value([0, 2, 3])
    2.0
    """

    def __init__(
        self,
        function: Callable[[list[int]], float],
        n: int,
        *,
        monotone: bool = True,
    ) -> None:
        if not callable(function):
            raise InputError(f"function must be callable, got {function!r}.")
        self._function = function
        self._n = as_count("n", n)
        self._monotone = bool(monotone)

    @property
    def n(self) -> int:
        """Size of the ground set."""
        return self._n

    @property
    def monotone(self) -> bool:
        """Whether no element ever lowers the value."""
        return self._monotone

    def value(self, elements: Sequence[int] | Ints) -> float:
        """Return f of a set of distinct elements."""
        found = self._function(as_elements(elements, self._n).tolist())
        return as_value(found)

    def stack(self, height: int) -> "SetStack":
        """Return an empty stack."""
        return SetStack(self)


class SetStack:
    """Answer gains as differences of values; the value of each prefix is kept.

    Parameters
    ----------
    function
        The objective.
    """

    def __init__(self, function: SetFunction) -> None:
        self._function = function
        self._chosen: list[int] = []
        self._values: dict[int, float] = {0: 0.0}

    def gains(self, elements: Ints, size: int | None = None) -> Floats:
        """Return f(e | first ``size`` elements) for each e."""
        size = len(self._chosen) if size is None else size
        prefix = self._chosen[:size]
        if size not in self._values:
            self._values[size] = self._function.value(prefix)
        base = self._values[size]
        return np.array(
            [self._function.value([*prefix, int(e)]) - base for e in elements]
        )

    def push(self, element: int) -> None:
        """Put an element on top."""
        self._chosen.append(int(element))

    def pop_to(self, size: int) -> None:
        """Remove elements from the top until ``size`` are left."""
        del self._chosen[size:]
        self._values = {at: v for at, v in self._values.items() if at <= size}


def as_value(found: Any) -> float:
    """Return what a user's function returned as a number.

    Raises
    ------
    InputError
        If it is none.
    """
    try:
        return float(found)
    except (TypeError, ValueError) as error:
        raise InputError(
            f"objective must return a number, got {found!r}: {error}."
        ) from error
