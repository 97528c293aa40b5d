"""The arrays of the update path, and the words that name their rows.

A slot holds one guess of the optimum. Everything that changes lies in these arrays, so
that a maximizer can be saved, restored and rolled back as a whole.
"""

import math
from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np

from boundwise.solvers.submodular.objectives.program import (
    Floats,
    Ints,
    Ints32,
    StateSize,
)

#: Modes of guesses, triggers of rebuilds, rules for buckets.
PAIR, ALL, ONE_PER_LEVEL = range(3)
VALUE_TRIGGER, COUNT_TRIGGER = range(2)
BALANCED, LARGEST, HIGHEST = range(3)

#: Rows of ``rules``: the settings; then sizes: elements, slots for guesses, rows of
#: the snapshots, terms of the objective.
K, MODE, TRIGGER, BUCKET_RULE, STRICT, BUCKETS, OFFSET = range(7)
N_ELEMENTS, SLOTS, SNAPSHOTS, TERMS = range(7, 11)
#: Rows of ``shares``: log(1+eps), eps of deaths, the share of rejections that ends a
#: level, the accepted ratio of a guess that is not full, calls deposited per update.
LOG_BASE, DEATHS, REJECTIONS, ACCEPTED, REFRESH = range(5)
#: Rows of ``element``: place in ALIVE (or -1), the alive elements, and the list of all
#: elements by the time of their last change.
PLACE, ALIVE, OLDER, NEWER = range(4)
#: Rows of ``link``: level of an element in a guess (0 if outside), neighbours in the
#: list of that level.
LEVEL, NEXT, PREVIOUS = range(3)
#: Rows of ``level``: head and length of its list; insertions since the level was
#: built, |R_i| then; deaths in its bucket, the bucket's size; number of picks below.
HEAD, COUNT, INSERTED, BUILT, DELETED, BUCKET_SIZE, START = range(7)
#: Rows of ``pick``: the element, and whether it is dead.
WHO, DEAD = range(2)
#: Rows of ``guess``: exponent, number of levels T, of picks, of dead picks; time of
#: the last synchronisation (-1 if unused); whether LIVE is up to date.
INDEX, TOP, SIZE, N_DEAD, SYNCED, FRESH = range(6)
#: Rows of ``worth``: tau, gamma, f(G), f(G without the dead).
TAU, GAMMA, TOTAL, LIVE = range(4)
#: Rows of ``now``: alive elements, time, newest and oldest of the change list, current
#: guess, bucket of the largest singleton, slot and length of the solution; counters.
(
    N_ALIVE,
    TIME,
    NEWEST,
    CURRENT,
    LARGEST_BUCKET,
    SOLUTION,
    LENGTH,
    UPPER_SLOT,
    CALLS_SINGLETON,
    CALLS_PLACE,
    CALLS_REBUILD,
    CALLS_VALUE,
    CALLS_COMPLETE,
    REBUILDS,
    CHANGES,
    UPDATES,
    FAILED,
) = range(17)

#: No guess, no element is in the list.
NONE = -1
#: No guess was current yet.
UNSET = -(2**62)
#: A guess that is not full is as good as certain once gamma/2 is this share of f(G).
NEGLIGIBLE = 0.05
#: Slots of the pair modes: the guess farthest from the current one makes room.
_PAIR_SLOTS = 8


class State(NamedTuple):
    """Hold everything that an update reads and writes.

    Slot 0 of ``ints`` and ``reals`` is a stack for values of sets; guess s has slot
    s + 1.
    """

    table: Ints
    rules: Ints
    shares: Floats
    element: Ints32
    single: Floats
    changed: Ints
    singles_in: Ints32
    link: Ints32
    level: Ints
    edge: Floats
    pick: Ints
    gain: Floats
    guess: Ints
    worth: Floats
    snapshot: Ints
    ints: Ints32
    reals: Floats
    now: Ints
    random: Ints
    bank: Floats
    solution: Ints32
    mark: Ints32
    candidate: Ints32
    promise: Floats
    pending: Ints32
    arrival: Ints32


#: Order of the arrays in the table that compiled code reads; behind them are the
#: addresses of these functions.
FIELDS = State._fields
(
    DO_REBUILD,
    DO_INSERT,
    DO_REPAIR,
    DO_CATCH_UP,
    DO_OPEN,
    DO_VALUE,
    DO_SETTLE,
    DO_COUNT_MISSING,
) = range(8)


def describe(state: State, functions: Sequence[int]) -> Ints:
    """Return the table: address, bytes between slots and between rows of each array.

    The arrays must be kept as long as it is in use.
    """
    rows = len(FIELDS) + -(-len(functions) // 3)
    words = np.zeros((rows, 3), dtype=np.int64)
    begin = 3 * len(FIELDS)
    words.reshape(-1)[begin : begin + len(functions)] = functions
    array: Any
    for row, array in zip(words[: len(FIELDS)], state, strict=True):
        row[0] = array.ctypes.data
        if array.ndim == 3:
            row[1:] = array.strides[:2]
        elif array.ndim == 2:
            row[1] = row[2] = array.strides[0]
    return words


#: Arrays that describe the problem or hold scratch: not part of what is saved.
FIXED = (
    "table",
    "rules",
    "shares",
    "mark",
    "candidate",
    "promise",
    "pending",
    "arrival",
)
#: Arrays with one row for each guess.
PER_SLOT = ("link", "level", "edge", "pick", "gain", "guess", "worth", "snapshot")


def new_state(
    table: Ints,
    size: StateSize,
    n: int,
    rules: Ints,
    shares: Floats,
    random: int,
) -> State:
    """Allocate the arrays of an empty set.

    Parameters
    ----------
    table, size
        The program and the state of one of its stacks.
    n
        Size of the ground set.
    rules, shares
        Settings; K and OFFSET among them.
    random
        State of the generator.
    """
    k = int(rules[K])
    slots = _PAIR_SLOTS
    now = np.zeros(len(range(FAILED + 1)), dtype=np.int64)
    now[[NEWEST, LARGEST_BUCKET, SOLUTION, UPPER_SLOT]] = NONE
    now[CURRENT] = UNSET
    element = np.full((4, n), NONE, dtype=np.int32)
    guess = np.zeros((slots, 6), dtype=np.int64)
    guess[:, SYNCED] = NONE
    snapshots = k // 32 + 1 if rules[TRIGGER] == COUNT_TRIGGER else 0
    return State(
        table=table,
        rules=np.concatenate([rules, [n, slots, snapshots, len(table)]]),
        shares=shares,
        element=element,
        single=np.zeros(n),
        changed=np.full(n, NONE, dtype=np.int64),
        singles_in=np.zeros(2 * int(rules[OFFSET]) + 1, dtype=np.int32),
        link=np.zeros((slots, 3, n), dtype=np.int32),
        level=np.zeros((slots, 7, k + 3), dtype=np.int64),
        edge=np.zeros((slots, k + 3)),
        pick=np.zeros((slots, 2, k), dtype=np.int64),
        gain=np.zeros((slots, k)),
        guess=guess,
        worth=np.zeros((slots, 4)),
        snapshot=np.zeros((slots, snapshots, n), dtype=np.int64),
        ints=np.zeros((slots + 1, max(1, size.ints)), dtype=np.int32),
        reals=np.zeros((slots + 1, max(1, size.reals))),
        now=now,
        random=np.array([random], dtype=np.int64),
        bank=np.zeros(1),
        solution=np.zeros(k, dtype=np.int32),
        mark=np.zeros(n, dtype=np.int32),
        candidate=np.zeros(n, dtype=np.int32),
        promise=np.zeros(n),
        pending=np.zeros(n, dtype=np.int32),
        arrival=np.zeros(n, dtype=np.int32),
    )


def with_more_slots(state: State) -> State:
    """Return the state with twice as many slots, the new ones unused."""
    rules = state.rules.copy()
    rules[SLOTS] *= 2
    grown: dict[str, Any] = {"rules": rules}
    for name in (*PER_SLOT, "ints", "reals"):
        old = getattr(state, name)
        more = np.zeros((len(state.guess), *old.shape[1:]), dtype=old.dtype)
        if name == "guess":
            more[:, SYNCED] = NONE
        grown[name] = np.concatenate([old, more])
    return state._replace(**grown)


def exponents(eps: float) -> int:
    """Return the largest exponent of 1+eps that a double can hold."""
    return math.ceil(math.log(np.finfo(np.float64).max) / math.log1p(eps)) + 2
