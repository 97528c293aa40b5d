"""Objectives as data: flat arrays that one compiled kernel reads, whatever their kind.

A program is a weighted sum of terms, f = sum_t weight_t f_t. Each term is a row of
``table`` that says of what kind it is and where its arrays begin in the pools, and
where its part of a stack's state begins. So the algorithms are compiled once, not once
for each objective, and a mixture is a longer table.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from boundwise.core.errors import InputError

Ints32 = npt.NDArray[np.int32]
Ints = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]

#: Kinds of terms.
COVER, CHAIN, DENSE, CHOLESKY, CUT, CALLBACK = range(6)

#: Columns of the table: the kind, numbers of elements and items, a variant of the
#: kind, and where the arrays begin: row pointers, indices, data, a second data array,
#: and the term's share of the state.
KIND, ELEMENTS, ITEMS, CODE, ROWS, INDICES, DATA, EXTRA, STATE_INTS, STATE_FLOATS = (
    range(10)
)
_COLUMNS = 10

#: Largest number of stored entries: offsets are 32-bit integers.
_MAX_ENTRIES = 2**31 - 1


class Program(NamedTuple):
    """Hold an objective as the kernels read it.

    Parameters
    ----------
    table
        One row for each term.
    weights, parameters
        Weight of each term, and the number that its variant may need.
    ints, floats
        Pools of all arrays.
    callback
        Address of the C function that a term of kind CALLBACK calls; else 0.
    """

    table: Ints
    weights: Floats
    parameters: Floats
    ints: Ints32
    floats: Floats
    callback: int


class StateSize(NamedTuple):
    """Hold how many integers and floats one stack needs."""

    ints: int
    floats: int


@dataclass(frozen=True, eq=False)
class Term:
    """Hold one summand of an objective before its arrays are pooled.

    Parameters
    ----------
    kind
        COVER, CHAIN, DENSE, CHOLESKY, CUT or CALLBACK.
    n_elements, n_items
        Sizes.
    rows, indices
        A CSR structure, empty if there is none.
    data, extra
        Values.
    code, parameter
        Variant of the kind and its number.
    """

    kind: int
    n_elements: int
    n_items: int
    rows: Ints32
    indices: Ints32
    data: Floats
    extra: Floats
    code: int = 0
    parameter: float = 0.0

    def state_size(self, height: int) -> StateSize:
        """Return the state that a stack of a height needs."""
        if self.kind in (COVER, CUT):
            return StateSize(self.n_items, 0)
        if self.kind == CHAIN:
            lengths = np.sort(np.diff(self.rows))[::-1][:height]
            entries = int(lengths.sum(dtype=np.int64))
            return StateSize(1 + self.n_items + 2 * entries, entries)
        if self.kind == DENSE:
            return StateSize(0, (height + 1) * self.n_items)
        if self.kind == CHOLESKY:
            return StateSize(height, height * height + height)
        return StateSize(1, 0)


NO_INTS: Ints32 = np.empty(0, dtype=np.int32)
NO_FLOATS: Floats = np.empty(0)


def _pooled(parts: Sequence[npt.NDArray[np.generic]]) -> npt.NDArray[np.generic]:
    """Join arrays; a single one is not copied."""
    full = [part for part in parts if len(part)]
    if len(full) == 1:
        return full[0]
    return np.concatenate(full) if full else parts[0]


def assemble(
    terms: Sequence[Term], weights: Sequence[float], height: int
) -> tuple[Program, StateSize]:
    """Pool the arrays of terms.

    Parameters
    ----------
    terms, weights
        The sum.
    height
        Largest number of elements that a stack will hold.

    Returns
    -------
    tuple
        The program and the size of a stack's state.
    """
    table = np.zeros((len(terms), _COLUMNS), dtype=np.int64)
    ints: list[Ints32] = []
    floats: list[Floats] = []
    at_int = at_float = state_ints = state_floats = 0
    for row, term in zip(table, terms, strict=True):
        row[:4] = term.kind, term.n_elements, term.n_items, term.code
        row[ROWS], row[INDICES] = at_int, at_int + len(term.rows)
        row[DATA], row[EXTRA] = at_float, at_float + len(term.data)
        row[STATE_INTS], row[STATE_FLOATS] = state_ints, state_floats
        ints += [term.rows, term.indices]
        floats += [term.data, term.extra]
        at_int += len(term.rows) + len(term.indices)
        at_float += len(term.data) + len(term.extra)
        size = term.state_size(height)
        if term.kind == CHOLESKY:
            row[ITEMS] = height
        state_ints += size.ints
        state_floats += size.floats
    program = Program(
        table=table,
        weights=np.array(weights, dtype=np.float64),
        parameters=np.array([term.parameter for term in terms], dtype=np.float64),
        ints=np.ascontiguousarray(_pooled(ints), dtype=np.int32),
        floats=np.ascontiguousarray(_pooled(floats), dtype=np.float64),
        callback=0,
    )
    return program, StateSize(state_ints, state_floats)


def check_entries(count: int, name: str) -> None:
    """Raise InputError if a structure has more entries than 32 bits count."""
    if count > _MAX_ENTRIES:
        raise InputError(f"{name} must have fewer than 2^31 entries, got {count}.")
