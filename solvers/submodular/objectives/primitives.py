"""Gain at a prefix, push, pop of any program, for compiled and for Python callers.

A stack's state is one row of integers and one of floats. Its elements are kept by the
caller, who pops them from the top down.
"""

from boundwise.solvers.submodular.compiled import compiled
from boundwise.solvers.submodular.objectives.native import call, float64_at, int64_at
from boundwise.solvers.submodular.objectives.program import (
    BATCH,
    CLEAR,
    GAIN,
    POP,
    PUSH,
    STATE_INTS,
    STATE_REALS,
    WEIGHT,
    WORDS,
    Floats,
    Ints,
    Ints32,
)


@compiled()
def each_term(
    table: int,
    terms: int,
    function: int,
    ints: int,
    reals: int,
    element: int,
    size: int,
) -> float:
    """Call one function of every term; return the weighted sum.

    The table and the state are given by their addresses.
    """
    total = 0.0
    for t in range(terms):
        term = table + 8 * WORDS * t
        words = int64_at(term)
        part = call(
            words[function],
            term,
            ints + 4 * words[STATE_INTS],
            reals + 8 * words[STATE_REALS],
            element,
            size,
        )
        total += float64_at(term)[WEIGHT] * part
    return total


@compiled()
def _each(
    table: Ints, function: int, ints: Ints32, reals: Floats, element: int, size: int
) -> float:
    return each_term(
        table.ctypes.data,
        table.shape[0],
        function,
        ints.ctypes.data,
        reals.ctypes.data,
        element,
        size,
    )


@compiled()
def clear(table: Ints, ints: Ints32, reals: Floats) -> None:
    """Empty a stack, whatever its state was."""
    _each(table, CLEAR, ints, reals, 0, 0)


@compiled()
def gain(table: Ints, ints: Ints32, reals: Floats, element: int, size: int) -> float:
    """Return f(element | first ``size`` elements of the stack)."""
    return _each(table, GAIN, ints, reals, element, size)


@compiled()
def gains(
    table: Ints,
    ints: Ints32,
    reals: Floats,
    elements: Ints32,
    count: int,
    size: int,
    out: Floats,
) -> None:
    """Write f(e | first ``size`` elements) for the first ``count`` of ``elements``.

    A Python objective finds them in the arrays ``elements`` and ``out``, which it
    shares with its caller.
    """
    if table[0, BATCH] != 0:
        _each(table, BATCH, ints, reals, count, size)
        return
    for i in range(count):
        out[i] = _each(table, GAIN, ints, reals, elements[i], size)


@compiled()
def push(table: Ints, ints: Ints32, reals: Floats, element: int, position: int) -> None:
    """Put an element on a stack that holds ``position`` elements."""
    _each(table, PUSH, ints, reals, element, position)


@compiled()
def pop(table: Ints, ints: Ints32, reals: Floats, element: int, position: int) -> None:
    """Take the top element, which was pushed at ``position``, off a stack."""
    _each(table, POP, ints, reals, element, position)
