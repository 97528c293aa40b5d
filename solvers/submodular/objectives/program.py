"""Objectives as data: rows of machine words that one compiled kernel reads.

A program is a weighted sum of terms, f = sum_t weight_t f_t, one row for each. A row
holds the addresses of the term's five C functions and of its arrays, and where its
part of a stack's state begins. So the algorithms are compiled once, not once for each
objective, and a mixture is a longer table.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import numpy.typing as npt

from boundwise.core.errors import InputError

if TYPE_CHECKING:
    from boundwise.solvers.submodular.objectives.kernels.kind import Kind

Ints32 = npt.NDArray[np.int32]
Ints = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]

#: Words of a row: addresses of the functions (BATCH and VALUE are 0 where gains come
#: one by one and make up the value); the weight and the parameter (as floats); sizes
#: and the variant of the kind; the addresses of its arrays; where its part of the state
#: begins.
(
    CLEAR,
    GAIN,
    BATCH,
    VALUE,
    PUSH,
    POP,
    WEIGHT,
    PARAMETER,
    ELEMENTS,
    ITEMS,
    HEIGHT,
    CODE,
    ROWS,
    INDICES,
    DATA,
    EXTRA,
    STATE_INTS,
    STATE_REALS,
) = range(18)
WORDS = 18

#: Largest number of stored entries: indices are 32-bit integers.
_MAX_ENTRIES = 2**31 - 1

NO_INTS: Ints32 = np.empty(0, dtype=np.int32)
NO_FLOATS: Floats = np.empty(0)


class StateSize(NamedTuple):
    """Hold how many integers and floats the state of one stack needs."""

    ints: int
    reals: int


@dataclass(frozen=True, eq=False)
class Term:
    """Hold one summand of an objective.

    Parameters
    ----------
    kind
        Its C functions and the state they need.
    n_elements, n_items
        Sizes.
    rows, indices
        A CSR structure, empty if there is none.
    data, extra
        Values.
    code, parameter
        Variant of the kind and its number.
    """

    kind: "Kind"
    n_elements: int
    n_items: int = 0
    rows: Ints32 = field(default_factory=lambda: NO_INTS)
    indices: Ints32 = field(default_factory=lambda: NO_INTS)
    data: Floats = field(default_factory=lambda: NO_FLOATS)
    extra: Floats = field(default_factory=lambda: NO_FLOATS)
    code: int = 0
    parameter: float = 0.0


def assemble(
    terms: Sequence[Term], weights: Sequence[float], height: int
) -> tuple[Ints, StateSize]:
    """Write the table of a sum.

    Parameters
    ----------
    terms, weights
        The sum. The table holds addresses of the terms' arrays: keep the terms.
    height
        Largest number of elements that a stack will hold.

    Returns
    -------
    tuple
        The table and the size of a stack's state.
    """
    table = np.zeros((len(terms), WORDS), dtype=np.int64)
    at_int = at_real = 0
    for row, term, weight in zip(table, terms, weights, strict=True):
        row[CLEAR : POP + 1] = term.kind.addresses
        row.view(np.float64)[[WEIGHT, PARAMETER]] = weight, term.parameter
        row[ELEMENTS : CODE + 1] = term.n_elements, term.n_items, height, term.code
        arrays = term.rows, term.indices, term.data, term.extra
        row[ROWS : EXTRA + 1] = [array.ctypes.data for array in arrays]
        row[STATE_INTS:] = at_int, at_real
        size = term.kind.state(term, height)
        at_int += size.ints
        at_real += size.reals
    return table, StateSize(at_int, at_real)


def check_entries(count: int, name: str) -> None:
    """Raise InputError if a structure has more entries than 32 bits count."""
    if count > _MAX_ENTRIES:
        raise InputError(f"{name} must have fewer than 2^31 entries, got {count}.")
