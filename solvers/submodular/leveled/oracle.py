"""The objective on the stacks of a state: stack 0 for values, s + 1 for guess s."""

from boundwise.solvers.submodular.compiled import compiled
from boundwise.solvers.submodular.leveled.fields import (
    candidates,
    promises,
    rules,
    stack_ints,
    stack_reals,
    table,
)
from boundwise.solvers.submodular.leveled.state import TERMS
from boundwise.solvers.submodular.objectives.native import int64_at
from boundwise.solvers.submodular.objectives.primitives import each_term
from boundwise.solvers.submodular.objectives.program import (
    BATCH,
    CLEAR,
    GAIN,
    POP,
    PUSH,
)


@compiled(internal=True)
def ask(state: int, function: int, stack: int, element: int, size: int) -> float:
    """Call one function of every term; return the weighted sum."""
    return each_term(
        table(state),
        rules(state)[TERMS],
        function,
        stack_ints(state, stack),
        stack_reals(state, stack),
        element,
        size,
    )


@compiled(internal=True)
def clear(state: int, stack: int) -> None:
    """Empty a stack."""
    ask(state, CLEAR, stack, 0, 0)


@compiled(internal=True)
def marginal(state: int, stack: int, element: int, size: int) -> float:
    """Return f(element | first ``size`` elements of a stack)."""
    return ask(state, GAIN, stack, element, size)


@compiled(internal=True)
def marginals(state: int, stack: int, count: int, size: int) -> None:
    """Write the gains of the first ``count`` candidates to ``promise``."""
    if int64_at(table(state))[BATCH] != 0:
        ask(state, BATCH, stack, count, size)
        return
    for c in range(count):
        promises(state)[c] = ask(state, GAIN, stack, candidates(state)[c], size)


@compiled(internal=True)
def push(state: int, stack: int, element: int, position: int) -> None:
    """Put an element on a stack that holds ``position`` elements."""
    ask(state, PUSH, stack, element, position)


@compiled(internal=True)
def pop(state: int, stack: int, element: int, position: int) -> None:
    """Take the top element, which was pushed at ``position``, off a stack."""
    ask(state, POP, stack, element, position)
