"""One element for each level: S_i = {e_i}, e_i uniform in R_i.

CONSTRUCT(i) walks a random permutation of R_i. Binary search finds the last level
that an element reaches; one that reaches the end becomes the next e_i. An insertion
into R_i takes the place of e_i with probability 1/|R_i|, so e_i stays uniform. There
are no dead picks: a deletion of e_i rebuilds from level i.

Banihashem, Biabani, Goudarzi, Hajiaghayi, Jabbarzade, Monemizadeh (2024), "Dynamic
Algorithms for Matroid Submodular Maximization", SODA 2024, arXiv:2306.00959.
"""

from boundwise.solvers.submodular.compiled import compiled
from boundwise.solvers.submodular.leveled.construct import accept, undo
from boundwise.solvers.submodular.leveled.fields import (
    candidates,
    guess,
    levels,
    now,
    rules,
    singles,
    worth,
)
from boundwise.solvers.submodular.leveled.lists import count_from, gather, put
from boundwise.solvers.submodular.leveled.oracle import marginal
from boundwise.solvers.submodular.leveled.random import below, uniform
from boundwise.solvers.submodular.leveled.state import (
    CALLS_PLACE,
    CALLS_REBUILD,
    REBUILDS,
    SIZE,
    START,
    TAU,
    TOP,
    K,
)


@compiled(internal=True)
def reach(state: int, s: int, e: int, counter: int) -> int:
    """Return the last level l <= T+1 with f(e | G_{l-1}) >= tau; it is in R_1."""
    low, high = 1, guess(state, s)[TOP] + 1
    while low < high:
        middle = (low + high + 1) // 2
        value = marginal(state, s + 1, e, levels(state, s, START)[middle])
        now(state)[counter] += 1
        if value >= worth(state, s)[TAU]:
            low = middle
        else:
            high = middle - 1
    return low


@compiled(internal=True)
def _append(state: int, s: int, e: int, counter: int) -> None:
    """Make an element the pick of a new level."""
    size = guess(state, s)[SIZE]
    value = singles(state)[e]
    if size > 0:
        value = marginal(state, s + 1, e, size)
        now(state)[counter] += 1
    guess(state, s)[TOP] += 1
    accept(state, s, guess(state, s)[TOP], e, value)
    levels(state, s, START)[guess(state, s)[TOP] + 1] = guess(state, s)[SIZE]


@compiled(internal=True)
def _settle(state: int, s: int, e: int, counter: int) -> None:
    """Put an element of R_1 where it belongs, at the end of the levels perhaps."""
    i = reach(state, s, e, counter)
    if i > guess(state, s)[TOP] and guess(state, s)[SIZE] < rules(state)[K]:
        _append(state, s, e, counter)
    else:
        put(state, s, e, i)


@compiled(internal=True)
def construct_single(state: int, s: int, i: int, leader: int) -> None:
    """Rebuild guess s from level i on; ``leader`` (if any) becomes e_i."""
    undo(state, s, i)
    count = gather(state, s, i, guess(state, s)[TOP] + 1)
    guess(state, s)[TOP] = i - 1
    now(state)[REBUILDS] += 1
    if leader >= 0:
        _append(state, s, leader, CALLS_REBUILD)
    for c in range(count):
        r = c + below(state, count - c)
        e = candidates(state)[r]
        candidates(state)[r] = candidates(state)[c]
        if e != leader:
            _settle(state, s, e, CALLS_REBUILD)


@compiled(internal=True)
def insert_single(state: int, s: int, e: int) -> None:
    """Insert an element of R_1 into guess s."""
    i = reach(state, s, e, CALLS_PLACE)
    for j in range(1, min(i, guess(state, s)[TOP]) + 1):
        size = count_from(state, s, j, guess(state, s)[TOP] + 1) + 1
        if uniform(state) * size < 1.0:
            construct_single(state, s, j, e)
            return
    if i > guess(state, s)[TOP] and guess(state, s)[SIZE] < rules(state)[K]:
        _append(state, s, e, CALLS_PLACE)
    else:
        put(state, s, e, i)
