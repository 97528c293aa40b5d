"""Read updates: pairs of a word and an element, or arrays."""

from collections.abc import Hashable, Iterable, Sequence
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from boundwise.core.errors import InputError
from boundwise.solvers.submodular.objectives.program import Ints, Ints32


class ElementError(InputError, KeyError):
    """Reject an element: unknown, inserted while alive, or deleted while not."""

    def __str__(self) -> str:
        """Return the message itself; KeyError would quote it."""
        return str(self.args[0]) if self.args else ""


Bools = npt.NDArray[np.bool_]


class Updates(NamedTuple):
    """Hold updates as the kernels read them: 1 for insertions, and the elements."""

    inserts: Ints
    elements: Ints32


class Elements:
    """Translate between a user's elements and 0, ..., n-1.

    Parameters
    ----------
    n
        Size of the ground set.
    labels
        Names of the elements, or None.
    """

    def __init__(self, n: int, labels: Sequence[Hashable] | None) -> None:
        self._n = n
        self._labels = labels
        self._index = (
            None if labels is None else {label: e for e, label in enumerate(labels)}
        )

    def index(self, element: Any) -> int:
        """Return the index of an element.

        Raises
        ------
        ElementError
            If it is unknown.
        """
        try:
            if self._index is not None:
                return self._index[element]
            if isinstance(element, int | np.integer) and not isinstance(element, bool):
                found = int(element)
                if 0 <= found < self._n:
                    return found
        except (KeyError, TypeError):
            pass
        raise ElementError(f"element {element!r} is unknown.")

    def name(self, element: int) -> Any:
        """Return what the user calls an element."""
        return element if self._labels is None else self._labels[element]

    def indices(self, elements: Any) -> Ints32:
        """Return the indices of many elements.

        Raises
        ------
        ElementError
            If one is unknown.
        """
        if self._index is None and isinstance(elements, np.ndarray):
            if elements.ndim != 1 or elements.dtype.kind not in "iu":
                raise InputError(
                    "elements must be a list of integers, got an array of shape "
                    f"{elements.shape} of {elements.dtype}."
                )
            outside = np.flatnonzero((elements < 0) | (elements >= self._n))
            if len(outside):
                raise ElementError(f"element {elements[outside[0]]} is unknown.")
            return elements.astype(np.int32)
        if isinstance(elements, np.ndarray):
            elements = elements.tolist()
        return np.array([self.index(element) for element in elements], dtype=np.int32)

    def check(self, updates: Updates, alive: Bools) -> None:
        """Refuse updates that insert an alive or delete a dead element.

        Parameters
        ----------
        updates
            The updates.
        alive
            For each of them, whether its element is alive before the first one.

        Raises
        ------
        ElementError
            With the first such update.
        """
        # The element's previous update says what it is, where there is one.
        order = np.argsort(updates.elements, kind="stable")
        who, inserts = updates.elements[order], updates.inserts[order] != 0
        before = alive[order]
        again = np.flatnonzero(who[1:] == who[:-1]) + 1
        before[again] = inserts[again - 1]
        wrong = order[before == inserts]
        if len(wrong):
            first = wrong.min()
            name = self.name(int(updates.elements[first]))
            what = "alive already" if updates.inserts[first] else "not alive"
            raise ElementError(f"element {name!r} is {what}.")

    def updates(self, ops: Any) -> Updates:
        """Return updates as arrays.

        Parameters
        ----------
        ops
            Pairs ("insert" or "delete", element); or a tuple of two arrays, the first
            true for insertions, the second the elements; or an object that has both
            as ``is_insertion`` and ``elements``.

        Raises
        ------
        ElementError
            If an element is unknown.
        InputError
            If it is something else.
        """
        if hasattr(ops, "is_insertion") and hasattr(ops, "elements"):
            ops = (np.asarray(ops.is_insertion), np.asarray(ops.elements))
        if (
            isinstance(ops, tuple)
            and len(ops) == 2
            and all(isinstance(part, np.ndarray) for part in ops)
        ):
            return self._from_arrays(*ops)
        return self._from_pairs(ops)

    def _from_arrays(
        self, insertions: npt.NDArray[Any], elements: npt.NDArray[Any]
    ) -> Updates:
        if insertions.shape != elements.shape or insertions.ndim != 1:
            raise InputError(
                "ops must be two arrays of one length, got shapes "
                f"{insertions.shape} and {elements.shape}."
            )
        if insertions.dtype != np.bool_:
            raise InputError(f"ops must begin with booleans, got {insertions.dtype}.")
        return Updates(insertions.astype(np.int64), self.indices(elements))

    def _from_pairs(self, ops: Iterable[Any]) -> Updates:
        inserts, elements = [], []
        try:
            pairs = [(word, element) for word, element in ops]
        except (TypeError, ValueError) as error:
            raise InputError(f"ops must be pairs or arrays: {error}.") from error
        for word, element in pairs:
            if not isinstance(word, str) or word not in ("insert", "delete"):
                raise InputError(
                    f"an update must be 'insert' or 'delete', got {word!r}."
                )
            inserts.append(word == "insert")
            elements.append(self.index(element))
        return Updates(
            np.array(inserts, dtype=np.int64), np.array(elements, dtype=np.int32)
        )


class Updatable:
    """Offer single updates to a class that carries out batches."""

    def insert(self, element: Hashable) -> None:
        """Make an element alive.

        Raises
        ------
        KeyError
            If it is unknown or alive already.
        """
        self.update([("insert", element)])

    def delete(self, element: Hashable) -> None:
        """Take an element away.

        Raises
        ------
        KeyError
            If it is not alive.
        """
        self.update([("delete", element)])

    def update(self, ops: Any) -> None:
        """Carry out updates in one compiled call; all or, on an error, none of them.

        Parameters
        ----------
        ops
            Pairs ("insert" or "delete", element); or two arrays, the first true for
            insertions, the second the elements; or a stream that has both as
            ``is_insertion`` and ``elements``.

        Raises
        ------
        KeyError
            If an element is unknown, inserted while alive or deleted while not.
        InputError
            If ``ops`` is something else, or a gain is not finite, or negative where
            the objective promises to be monotone.
        """
        raise NotImplementedError
