"""Gain at a prefix, push, pop: the primitives of any program, compiled once.

A stack's state is one row of integers and one of floats. Its elements are kept by the
caller, who pops them from the top down.
"""

from boundwise.heuristics.compiled import compiled
from boundwise.solvers.submodular.objectives.kernels.callback import (
    BATCH,
    CLEAR,
    GAIN,
    POP,
    PUSH,
    call_back,
)
from boundwise.solvers.submodular.objectives.kernels.chain import (
    chain_clear,
    chain_gain,
    chain_pop,
    chain_push,
)
from boundwise.solvers.submodular.objectives.kernels.cholesky import (
    cholesky_gain,
    cholesky_push,
)
from boundwise.solvers.submodular.objectives.kernels.cover import (
    NOWHERE,
    cover_clear,
    cover_gain,
    cover_pop,
    cover_push,
)
from boundwise.solvers.submodular.objectives.kernels.cut import cut_clear, cut_gain
from boundwise.solvers.submodular.objectives.kernels.dense import (
    dense_clear,
    dense_gain,
    dense_push,
)
from boundwise.solvers.submodular.objectives.program import (
    CALLBACK,
    CHAIN,
    CHOLESKY,
    COVER,
    CUT,
    DENSE,
    KIND,
    STATE_INTS,
    Floats,
    Ints32,
    Program,
)


@compiled()
def clear(program: Program, ints: Ints32, reals: Floats) -> None:
    """Empty a stack, whatever its state was."""
    for t in range(program.table.shape[0]):
        kind = program.table[t, KIND]
        if kind == COVER:
            cover_clear(program, t, ints)
        elif kind == CHAIN:
            chain_clear(program, t, ints)
        elif kind == DENSE:
            dense_clear(program, t, reals)
        elif kind == CUT:
            cut_clear(program, t, ints)
        elif kind == CALLBACK:
            call_back(program.callback, CLEAR, ints[program.table[t, STATE_INTS]], 0, 0)


@compiled()
def gain(
    program: Program, ints: Ints32, reals: Floats, element: int, size: int
) -> float:
    """Return f(element | first ``size`` elements of the stack)."""
    total = 0.0
    for t in range(program.table.shape[0]):
        kind = program.table[t, KIND]
        if kind == COVER:
            part = cover_gain(program, t, ints, element, size)
        elif kind == CHAIN:
            part = chain_gain(program, t, ints, reals, element, size)
        elif kind == DENSE:
            part = dense_gain(program, t, reals, element, size)
        elif kind == CHOLESKY:
            part = cholesky_gain(program, t, ints, reals, element, size)
        elif kind == CUT:
            part = cut_gain(program, t, ints, element, size)
        else:
            stack = ints[program.table[t, STATE_INTS]]
            part = call_back(program.callback, GAIN, stack, element, size)
        total += program.weights[t] * part
    return total


@compiled()
def gains(
    program: Program,
    ints: Ints32,
    reals: Floats,
    elements: Ints32,
    count: int,
    size: int,
    out: Floats,
) -> None:
    """Write f(e | first ``size`` elements) for the first ``count`` of ``elements``.

    A callback finds them in the arrays ``elements`` and ``out`` that it shares.
    """
    if program.table[0, KIND] == CALLBACK:
        stack = ints[program.table[0, STATE_INTS]]
        call_back(program.callback, BATCH, stack, count, size)
        return
    for i in range(count):
        out[i] = gain(program, ints, reals, elements[i], size)


@compiled()
def push(
    program: Program, ints: Ints32, reals: Floats, element: int, position: int
) -> None:
    """Put an element on a stack that holds ``position`` elements."""
    for t in range(program.table.shape[0]):
        kind = program.table[t, KIND]
        if kind == COVER:
            cover_push(program, t, ints, element, position)
        elif kind == CHAIN:
            chain_push(program, t, ints, reals, element, position)
        elif kind == DENSE:
            dense_push(program, t, reals, element, position)
        elif kind == CHOLESKY:
            cholesky_push(program, t, ints, reals, element, position)
        elif kind == CUT:
            ints[program.table[t, STATE_INTS] + element] = position
        else:
            stack = ints[program.table[t, STATE_INTS]]
            call_back(program.callback, PUSH, stack, element, position)


@compiled()
def pop(program: Program, ints: Ints32, element: int, position: int) -> None:
    """Take the top element, which was pushed at ``position``, off a stack."""
    for t in range(program.table.shape[0]):
        kind = program.table[t, KIND]
        if kind == COVER:
            cover_pop(program, t, ints, element, position)
        elif kind == CHAIN:
            chain_pop(program, t, ints, element, position)
        elif kind == CUT:
            ints[program.table[t, STATE_INTS] + element] = NOWHERE
        elif kind == CALLBACK:
            stack = ints[program.table[t, STATE_INTS]]
            call_back(program.callback, POP, stack, element, position)
