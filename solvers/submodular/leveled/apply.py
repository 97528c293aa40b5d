"""One compiled call for a batch of updates."""

from boundwise.solvers.submodular.compiled import compiled
from boundwise.solvers.submodular.leveled.fields import (
    candidates,
    do,
    elements,
    guess,
    marks,
    now,
    picks,
    rules,
    singles,
    solution,
)
from boundwise.solvers.submodular.leveled.ground import add, compute_single, remove
from boundwise.solvers.submodular.leveled.state import (
    ALIVE,
    ALL,
    CALLS_SINGLETON,
    CHANGES,
    DEAD,
    DO_COUNT_MISSING,
    DO_SETTLE,
    FAILED,
    LENGTH,
    MODE,
    N_ALIVE,
    NONE,
    SIZE,
    SOLUTION,
    UPDATES,
    WHO,
    K,
)
from boundwise.solvers.submodular.objectives.program import Ints, Ints32


@compiled(internal=True)
def _publish(state: int) -> None:
    """Write down the maintained solution and count how many elements changed."""
    s, count = now(state)[SOLUTION], 0
    if now(state)[N_ALIVE] <= rules(state)[K]:
        for a in range(now(state)[N_ALIVE]):
            candidates(state)[count] = elements(state, ALIVE)[a]
            count += 1
    elif s != NONE:
        for p in range(guess(state, s)[SIZE]):
            if not picks(state, s, DEAD)[p]:
                candidates(state)[count] = picks(state, s, WHO)[p]
                count += 1
    same = 0
    for c in range(now(state)[LENGTH]):
        marks(state)[solution(state)[c]] = 1
    for c in range(count):
        same += marks(state)[candidates(state)[c]]
    for c in range(now(state)[LENGTH]):
        marks(state)[solution(state)[c]] = 0
    now(state)[CHANGES] += now(state)[LENGTH] + count - 2 * same
    for c in range(count):
        solution(state)[c] = candidates(state)[c]
    now(state)[LENGTH] = count


@compiled()
def apply(state: int, inserts: Ints, who: Ints32, begin: int, subset: Ints) -> int:
    """Carry out updates from ``begin`` on; return how many are done.

    Fewer than all are done if slots for guesses run out, or if a Python objective has
    failed. ``subset`` says which elements take part (all of them, if it is empty).
    """
    every = rules(state)[MODE] == ALL
    for u in range(begin, len(who)):
        e, inserted = who[u], NONE
        if inserts[u] != 0:
            compute_single(state, e)
            if len(subset) > 0 and subset[e] == 0:
                singles(state)[e] = 0.0
            if every and do(state, DO_COUNT_MISSING, e, 0) > 0.0:
                now(state)[CALLS_SINGLETON] -= 1  # asked for again after growing
                return u
            add(state, e)
            inserted = e
        else:
            remove(state, e)
        now(state)[UPDATES] += 1
        do(state, DO_SETTLE, inserted, 0)
        _publish(state)
        if now(state)[FAILED] != 0:
            return u
    return len(who)
