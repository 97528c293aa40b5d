"""The value of a set, on the stack that slot 0 keeps for it."""

from boundwise.solvers.submodular.leveled.fields import table
from boundwise.solvers.submodular.leveled.oracle import marginal, pop, push
from boundwise.solvers.submodular.objectives.native import call, int32_at, int64_at
from boundwise.solvers.submodular.objectives.program import VALUE


def value_of(state: int, first: int, count: int, _c: int, _d: int) -> float:
    """Return f of ``count`` elements, which begin at an address."""
    if int64_at(table(state))[VALUE] != 0:
        answer: float = call(int64_at(table(state))[VALUE], 0, first, 0, count, 0)
        return answer
    elements = int32_at(first)
    total = 0.0
    for p in range(count):
        total += marginal(state, 0, elements[p], p)
        push(state, 0, elements[p], p)
    for p in range(count - 1, -1, -1):
        pop(state, 0, elements[p], p)
    return total
