"""A user's Python objective behind the C functions that compiled code calls.

Exceptions cannot pass through compiled code: the first one is kept, every further call
answers zero at once, and the caller rolls the state back and raises it.
"""

import ctypes
from collections.abc import Callable
from typing import Any

import numpy as np
import numpy.typing as npt

from boundwise.core.errors import InputError
from boundwise.core.tolerances import OBJ_TOL
from boundwise.solvers.submodular.leveled.state import (
    FAILED,
    NONE,
    SIZE,
    SYNCED,
    WHO,
    State,
)
from boundwise.solvers.submodular.objectives.program import (
    BATCH,
    CLEAR,
    ELEMENTS,
    GAIN,
    HEIGHT,
    POP,
    PUSH,
    VALUE,
    WEIGHT,
    WORDS,
    Floats,
    Ints,
    StateSize,
)
from boundwise.solvers.submodular.objectives.protocol import Objective, Stack
from boundwise.solvers.submodular.objectives.set_function import as_value

_FUNCTION = ctypes.CFUNCTYPE(ctypes.c_double, *[ctypes.c_int64] * 5)


class Bridge:
    """Answer the requests of compiled code with a Python objective.

    Parameters
    ----------
    objective
        The user's.
    height
        Largest number of elements on a stack.
    """

    def __init__(self, objective: Objective, height: int) -> None:
        self._objective = objective
        self._height = height
        self._stacks: dict[int, Stack] = {}
        self._error: BaseException | None = None
        self._state: State | None = None
        requests: dict[int, Callable[..., float]] = {
            CLEAR: self._clear,
            GAIN: self._gain,
            BATCH: self._batch,
            VALUE: self._value,
            PUSH: self._push,
            POP: self._pop,
        }
        self._functions = {
            word: _FUNCTION(self._guarded(request))
            for word, request in requests.items()
        }

    def program(self) -> tuple[Ints, StateSize]:
        """Return a table of one term, and the state of a stack: none."""
        table = np.zeros((1, WORDS), dtype=np.int64)
        for word, function in self._functions.items():
            table[0, word] = ctypes.cast(function, ctypes.c_void_p).value or 0
        table[0, ELEMENTS], table[0, HEIGHT] = self._objective.n, self._height
        table.view(np.float64)[0, WEIGHT] = 1.0
        return table, StateSize(1, 0)

    def attach(self, state: State) -> None:
        """Take the arrays that compiled code will use; build the stacks they need.

        Raises
        ------
        Exception
            What the objective raises.
        """
        self._state = None
        self._stacks = {}
        for s in range(len(state.guess)):
            if state.guess[s, SYNCED] != NONE:
                stack = self._objective.stack(self._height)
                for p in range(int(state.guess[s, SIZE])):
                    stack.push(int(state.pick[s, WHO, p]))
                self._stacks[s + 1] = stack
        self._state = state

    def attached_to(self, state: State) -> bool:
        """Tell whether the stacks fit these arrays."""
        return self._state is state

    def take_error(self) -> BaseException | None:
        """Return what the objective raised, once; the stacks are void then."""
        error, self._error = self._error, None
        if error is not None:
            self._state = None
        return error

    def _guarded(self, request: Callable[..., float]) -> Callable[..., float]:
        def run(term: int, ints: int, reals: int, element: int, size: int) -> float:
            assert self._state is not None
            if self._error is None:
                try:
                    return request(ints, element, size)
                except BaseException as error:
                    self._error = error
                    self._state.now[FAILED] = 1
            self._state.promise[:] = 0.0
            return 0.0

        return run

    def _slot(self, ints: int) -> int:
        assert self._state is not None
        rows = self._state.ints
        return (ints - rows.ctypes.data) // rows.strides[0]

    def _stack(self, ints: int) -> Stack:
        slot = self._slot(ints)
        if slot not in self._stacks:
            self._stacks[slot] = self._objective.stack(self._height)
        return self._stacks[slot]

    def _gains(self, ints: int, elements: Ints, size: int) -> Floats:
        found = self._stack(ints).gains(elements, size)
        return checked_gains(found, len(elements), monotone=self._objective.monotone)

    def _clear(self, ints: int, _element: int, _size: int) -> float:
        self._stacks[self._slot(ints)] = self._objective.stack(self._height)
        return 0.0

    def _gain(self, ints: int, element: int, size: int) -> float:
        return float(self._gains(ints, np.array([element]), size)[0])

    def _batch(self, ints: int, count: int, size: int) -> float:
        assert self._state is not None
        elements = self._state.candidate[:count].astype(np.int64)
        self._state.promise[:count] = self._gains(ints, elements, size)
        return 0.0

    def _value(self, address: int, count: int, _size: int) -> float:
        elements = np.array((ctypes.c_int32 * count).from_address(address), np.int64)
        value = as_value(self._objective.value(elements))
        if not np.isfinite(value):
            raise InputError(f"objective must have finite values, got {value!r}.")
        return value

    def _push(self, ints: int, element: int, _position: int) -> float:
        self._stack(ints).push(element)
        return 0.0

    def _pop(self, ints: int, _element: int, position: int) -> float:
        self._stack(ints).pop_to(position)
        return 0.0


def checked_gains(gains: Any, count: int, *, monotone: bool) -> Floats:
    """Return a user's marginal gains; those of a monotone function not below zero.

    Raises
    ------
    InputError
        If there are too few or too many, one is not finite, or one is negative where
        monotone is promised.
    """
    try:
        found: npt.NDArray[np.float64] = np.asarray(gains, dtype=np.float64)
    except (TypeError, ValueError) as error:
        raise InputError(f"gains must be numbers: {error}.") from error
    if found.shape != (count,):
        raise InputError(f"gains must have shape ({count},), got {found.shape}.")
    if not np.isfinite(found).all():
        raise InputError("gains must be finite, got NaN or infinity.")
    if monotone and count:
        lowest = float(found.min())
        if lowest < -OBJ_TOL * max(1.0, float(np.abs(found).max())):
            raise InputError(
                f"gains must not be negative where monotone is promised, got {lowest}."
            )
        return np.maximum(found, 0.0)
    return found
