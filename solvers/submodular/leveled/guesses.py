"""Which guesses gamma_j = (1+eps)^j are kept, and what they prove.

Pair: only a guess j that is full and its neighbour j+1 that is not are current,

    f(G_j - dead) >= (1-eps_d) gamma_j / 2,   OPT <= f(G_{j+1}) + gamma_{j+1} / 2,

so the first is at least (1/2 - eps) OPT without knowing OPT. No element may be left
out for a large f(e) then: the last bucket takes it, or "not full" proves nothing.

All: an element goes to every guess with f(e) <= gamma_j <= 2k f(e), as published.
"""

import math

import numpy as np

from boundwise.solvers.submodular.compiled import compiled
from boundwise.solvers.submodular.leveled.fields import (
    bank,
    do,
    elements,
    guess,
    levels,
    links,
    now,
    rules,
    shares,
    singles,
    worth,
)
from boundwise.solvers.submodular.leveled.guess import belongs, live_value, survivors
from boundwise.solvers.submodular.leveled.lists import count_from, put
from boundwise.solvers.submodular.leveled.oracle import clear
from boundwise.solvers.submodular.leveled.state import (
    ACCEPTED,
    ALIVE,
    BUCKETS,
    CALLS_REBUILD,
    COUNT,
    CURRENT,
    DO_CATCH_UP,
    DO_OPEN,
    DO_REBUILD,
    FAILED,
    FRESH,
    GAMMA,
    HEAD,
    INDEX,
    LARGEST_BUCKET,
    LEVEL,
    LOG_BASE,
    N_ALIVE,
    N_DEAD,
    N_ELEMENTS,
    NEGLIGIBLE,
    NONE,
    OFFSET,
    REFRESH,
    SIZE,
    SLOTS,
    SOLUTION,
    START,
    SYNCED,
    TAU,
    TIME,
    TOP,
    TOTAL,
    UNSET,
    UPPER_SLOT,
    K,
)

#: Least tau: numbers below are not exact.
_SMALLEST = float(np.finfo(np.float64).tiny)


@compiled(internal=True)
def find(state: int, j: int) -> int:
    """Return the slot of guess j, or -1."""
    for s in range(rules(state)[SLOTS]):
        if guess(state, s)[SYNCED] != NONE and guess(state, s)[INDEX] == j:
            return s
    return NONE


@compiled(internal=True)
def free_slot(state: int) -> int:
    """Return an unused slot, or -1."""
    for s in range(rules(state)[SLOTS]):
        if guess(state, s)[SYNCED] == NONE:
            return s
    return NONE


@compiled(internal=True)
def _farthest(state: int, j: int) -> int:
    """Return the slot of the guess that is farthest from j."""
    farthest, distance = 0, -1
    for s in range(rules(state)[SLOTS]):
        if abs(guess(state, s)[INDEX] - j) > distance:
            farthest, distance = s, abs(guess(state, s)[INDEX] - j)
    return farthest


def open_guess(state: int, s: int, j: int, _c: int, _d: int) -> float:
    """Build guess j in a slot from the alive elements."""
    clear(state, s + 1)
    gamma = math.exp(j * shares(state)[LOG_BASE])
    worth(state, s)[GAMMA] = gamma
    worth(state, s)[TAU] = max(gamma / (2.0 * rules(state)[K]), _SMALLEST)
    worth(state, s)[TOTAL] = 0.0
    guess(state, s)[INDEX] = j
    guess(state, s)[SYNCED] = now(state)[TIME]
    guess(state, s)[TOP] = guess(state, s)[SIZE] = guess(state, s)[N_DEAD] = guess(
        state, s
    )[FRESH] = 0
    for e in range(rules(state)[N_ELEMENTS]):
        links(state, s, LEVEL)[e] = 0
    for i in range(rules(state)[K] + 3):
        levels(state, s, HEAD)[i] = NONE
        levels(state, s, COUNT)[i] = 0
        levels(state, s, START)[i] = 0
    for a in range(now(state)[N_ALIVE]):
        e = elements(state, ALIVE)[a]
        if belongs(state, s, e):
            put(state, s, e, 1)
    do(state, DO_REBUILD, s, 1)
    return 0.0


@compiled(internal=True)
def visit(state: int, j: int) -> int:
    """Return the slot of guess j, brought up to date."""
    s = find(state, j)
    if s != NONE:
        if guess(state, s)[SYNCED] != now(state)[TIME]:
            do(state, DO_CATCH_UP, s, 0)
        return s
    s = free_slot(state)
    if s == NONE:
        s = _farthest(state, j)
    do(state, DO_OPEN, s, j)
    return s


@compiled(internal=True)
def is_full(state: int, s: int) -> bool:
    """Tell whether guess s has k picks, dead ones included."""
    return bool(guess(state, s)[SIZE] == rules(state)[K])


@compiled(internal=True)
def upper_bound(state: int, s: int) -> float:
    """Return the bound that a guess that is not full proves."""
    return float(worth(state, s)[TOTAL] + worth(state, s)[GAMMA] / 2.0)


@compiled(internal=True)
def _certain(state: int, s: int) -> bool:
    """Tell whether a guess that is not full comes close enough to its bound."""
    if worth(state, s)[GAMMA] <= 2.0 * NEGLIGIBLE * worth(state, s)[TOTAL]:
        return True
    target = shares(state)[ACCEPTED] * upper_bound(state, s)
    if worth(state, s)[TOTAL] < target:
        return False
    return bool(survivors(state, s) >= target or live_value(state, s) >= target)


@compiled(internal=True)
def _better(state: int, a: int, b: int) -> int:
    """Return which of two slots has more alive value for certain; -1 is none."""
    if a == NONE or b == NONE:
        return max(a, b)
    return b if survivors(state, b) > survivors(state, a) else a


def settle_pair(state: int, _a: int, _b: int, _c: int, _d: int) -> float:
    """Move to a full guess with a neighbour that is not, or to a certain one."""
    now(state)[SOLUTION] = now(state)[UPPER_SLOT] = NONE
    if now(state)[N_ALIVE] <= rules(state)[K] or now(state)[LARGEST_BUCKET] == NONE:
        return 0.0
    # Beyond this guess no element has a gain of tau.
    largest = now(state)[LARGEST_BUCKET] - rules(state)[OFFSET]
    if now(state)[CURRENT] == UNSET:
        now(state)[CURRENT] = largest
    j = min(now(state)[CURRENT], largest + rules(state)[BUCKETS])
    s = visit(state, j)
    if is_full(state, s):
        above = visit(state, j + 1)
        while is_full(state, above):
            j, s = j + 1, above
            above = visit(state, j + 1)
    else:
        above = s
        lowest = -rules(state)[OFFSET]
        while not (
            is_full(state, s) or _certain(state, s) or j <= lowest or now(state)[FAILED]
        ):
            above = s
            j -= 1
            s = visit(state, j)
        if not is_full(state, s):
            above = s
    now(state)[CURRENT] = j
    now(state)[UPPER_SLOT] = above
    now(state)[SOLUTION] = _better(state, s, above)
    _refresh(state, s)
    return 0.0


@compiled(internal=True)
def _refresh(state: int, s: int) -> None:
    """Rebuild the current guess when the deposited calls pay for it."""
    if shares(state)[REFRESH] <= 0.0:
        return
    bank(state)[0] += shares(state)[REFRESH]
    size = count_from(state, s, 1, guess(state, s)[TOP] + 1)
    if bank(state)[0] >= 2 * size:
        before = now(state)[CALLS_REBUILD]
        do(state, DO_REBUILD, s, 1)
        bank(state)[0] -= max(1, now(state)[CALLS_REBUILD] - before)


@compiled(internal=True)
def range_of(state: int, value: float) -> tuple[int, int]:
    """Return the first and last exponent j with f(e) <= gamma_j <= 2k f(e)."""
    base = shares(state)[LOG_BASE]
    first = math.ceil(math.log(value) / base)
    last = math.floor(math.log(2.0 * rules(state)[K] * value) / base)
    return first, last


def count_missing(state: int, e: int, _b: int, _c: int, _d: int) -> float:
    """Return how many guesses an element needs that no free slot can take."""
    value = singles(state)[e]
    if value <= 0.0:
        return 0.0
    first, last = range_of(state, value)
    missing = 0
    for j in range(first, last + 1):
        missing += find(state, j) == NONE
    for s in range(rules(state)[SLOTS]):
        missing -= guess(state, s)[SYNCED] == NONE
    return float(missing)


def settle_all(state: int, inserted: int, _b: int, _c: int, _d: int) -> float:
    """Bring every guess up to date; open those that an insertion needs."""
    for s in range(rules(state)[SLOTS]):
        if guess(state, s)[SYNCED] != NONE:
            do(state, DO_CATCH_UP, s, 0)
    if inserted != NONE and singles(state)[inserted] > 0.0:
        first, last = range_of(state, singles(state)[inserted])
        for j in range(first, last + 1):
            if find(state, j) == NONE:
                do(state, DO_OPEN, free_slot(state), j)
    now(state)[SOLUTION] = now(state)[UPPER_SLOT] = NONE
    if now(state)[N_ALIVE] <= rules(state)[K] or now(state)[LARGEST_BUCKET] == NONE:
        return 0.0
    largest = now(state)[LARGEST_BUCKET] - rules(state)[OFFSET]
    for s in range(rules(state)[SLOTS]):
        if guess(state, s)[SYNCED] == NONE:
            continue
        now(state)[SOLUTION] = _better(state, now(state)[SOLUTION], s)
        # Only a guess from which no element was left out proves a bound.
        if guess(state, s)[INDEX] > largest and not is_full(state, s):
            u = now(state)[UPPER_SLOT]
            if u == NONE or upper_bound(state, s) < upper_bound(state, u):
                now(state)[UPPER_SLOT] = s
    return 0.0
