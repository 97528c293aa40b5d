"""Save what a policy has learned as JSON, and load it again.

Numbers and arrays of numbers are kept; nothing is unpickled. What is loaded is checked
before any of it is used: it may come from a file that somebody has edited.
"""

import math
from typing import Any, ClassVar, Self

import numpy as np

from boundwise.core.errors import InputError


class SavedPolicy:
    """Base class of policies whose state is numbers and one number for each arm.

    A subclass names in ``_arrays`` its attributes that hold one number for each arm,
    and in ``_numbers`` those that hold a single one.
    """

    n_arms: int
    _arrays: ClassVar[tuple[str, ...]] = ()
    _numbers: ClassVar[tuple[str, ...]] = ()
    #: Attributes that may be below zero.
    _signed: ClassVar[frozenset[str]] = frozenset()

    def to_dict(self) -> dict[str, Any]:
        """Return what has been learned, as JSON holds it."""
        state: dict[str, Any] = {"policy": type(self).__name__, "n_arms": self.n_arms}
        for name in self._arrays:
            state[name.lstrip("_")] = getattr(self, name).tolist()
        for name in self._numbers:
            state[name.lstrip("_")] = getattr(self, name)
        return state

    def restore(self, state: dict[str, Any]) -> Self:
        """Go on from what another policy of this kind has learned.

        Parameters
        ----------
        state
            What its ``to_dict`` returned.

        Returns
        -------
        SavedPolicy
            This policy.

        Raises
        ------
        InputError
            If the state is of another kind of policy or number of arms, or damaged;
            the policy is then left as it was.
        """
        if not isinstance(state, dict):
            raise InputError(f"state must be a dict, got {type(state).__name__}.")
        expected = {"policy": type(self).__name__, "n_arms": self.n_arms}
        for key, value in expected.items():
            if state.get(key) != value:
                raise InputError(
                    f"state must be of {key} {value!r}, got {state.get(key)!r}."
                )
        arrays = {name: self._read_array(state, name) for name in self._arrays}
        numbers = {name: self._read_number(state, name) for name in self._numbers}
        for name, value in (arrays | numbers).items():
            setattr(self, name, value)
        return self

    def _read_array(self, state: dict[str, Any], name: str) -> Any:
        key, own = name.lstrip("_"), getattr(self, name)
        try:
            array = np.array(state[key], dtype=np.float64)
        except (KeyError, TypeError, ValueError) as error:
            raise InputError(f"state[{key!r}] must hold numbers: {error}.") from error
        if array.shape != own.shape or not np.isfinite(array).all():
            raise InputError(f"state[{key!r}] must hold {self.n_arms} finite numbers.")
        if name not in self._signed and np.any(array < 0.0):
            raise InputError(f"state[{key!r}] must not be negative.")
        return array.astype(own.dtype)

    def _read_number(self, state: dict[str, Any], name: str) -> int | float:
        key, own = name.lstrip("_"), getattr(self, name)
        value = state.get(key)
        if (
            isinstance(value, bool)
            or not isinstance(value, int | float)
            or not math.isfinite(value)
            or (isinstance(own, int) and not isinstance(value, int))
        ):
            raise InputError(f"state[{key!r}] must be a finite number, got {value!r}.")
        if name not in self._signed and value < 0:
            raise InputError(f"state[{key!r}] must not be negative, got {value!r}.")
        return value
