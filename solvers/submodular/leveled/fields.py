"""How compiled code reaches the arrays of a `State`: by the address of its words.

A tuple of arrays would be compiled into every signature, at a hundred times the cost.
Here a state is one number: the address of a table with, for each array, the address of
its first entry and the bytes between two slots and between two rows.
"""

from boundwise.heuristics.compiled import compiled
from boundwise.solvers.submodular.leveled.state import FIELDS
from boundwise.solvers.submodular.objectives.native import (
    call,
    float64_at,
    int32_at,
    int64_at,
)
from boundwise.solvers.submodular.objectives.program import Floats, Ints, Ints32

_FUNCTIONS = 3 * len(FIELDS)
_TABLE, _RULES, _SHARES, _ELEMENT = (
    3 * FIELDS.index(name) for name in ("table", "rules", "shares", "element")
)
_SINGLE, _CHANGED, _SINGLES_IN, _LINK = (
    3 * FIELDS.index(name) for name in ("single", "changed", "singles_in", "link")
)
_LEVEL, _EDGE, _PICK, _GAIN = (
    3 * FIELDS.index(name) for name in ("level", "edge", "pick", "gain")
)
_GUESS, _WORTH, _SNAPSHOT, _INTS = (
    3 * FIELDS.index(name) for name in ("guess", "worth", "snapshot", "ints")
)
_REALS, _NOW, _RANDOM, _BANK = (
    3 * FIELDS.index(name) for name in ("reals", "now", "random", "bank")
)
_SOLUTION, _MARK, _CANDIDATE = (
    3 * FIELDS.index(name) for name in ("solution", "mark", "candidate")
)
_PROMISE, _PENDING, _ARRIVAL = (
    3 * FIELDS.index(name) for name in ("promise", "pending", "arrival")
)


@compiled()
def address_of(state: int, field: int, slot: int, row: int) -> int:
    """Return where a row of an array begins."""
    words = int64_at(state)
    return int(words[field] + slot * words[field + 1] + row * words[field + 2])


@compiled()
def do(state: int, function: int, a: int, b: int) -> float:
    """Call one of the linked functions: ``function(state, a, b)``.

    Calls by address keep the compiler from copying a whole rebuild into every place
    that may ask for one.
    """
    return call(int64_at(state)[_FUNCTIONS + function], state, a, b, 0, 0)


@compiled()
def now(state: int) -> Ints:
    """Return the counters."""
    return int64_at(address_of(state, _NOW, 0, 0))


@compiled()
def rules(state: int) -> Ints:
    """Return the integer settings."""
    return int64_at(address_of(state, _RULES, 0, 0))


@compiled()
def shares(state: int) -> Floats:
    """Return the real settings."""
    return float64_at(address_of(state, _SHARES, 0, 0))


@compiled()
def elements(state: int, row: int) -> Ints32:
    """Return PLACE, ALIVE, OLDER or NEWER of all elements."""
    return int32_at(address_of(state, _ELEMENT, 0, row))


@compiled()
def singles(state: int) -> Floats:
    """Return f(e) of all elements that were inserted once."""
    return float64_at(address_of(state, _SINGLE, 0, 0))


@compiled()
def changed(state: int) -> Ints:
    """Return when each element changed last."""
    return int64_at(address_of(state, _CHANGED, 0, 0))


@compiled()
def singles_in(state: int) -> Ints32:
    """Return how many alive singletons each power of 1+eps has."""
    return int32_at(address_of(state, _SINGLES_IN, 0, 0))


@compiled()
def links(state: int, s: int, row: int) -> Ints32:
    """Return LEVEL, NEXT or PREVIOUS of all elements in guess s."""
    return int32_at(address_of(state, _LINK, s, row))


@compiled()
def levels(state: int, s: int, row: int) -> Ints:
    """Return a row of numbers about the levels of guess s."""
    return int64_at(address_of(state, _LEVEL, s, row))


@compiled()
def edges(state: int, s: int) -> Floats:
    """Return theta of each level of guess s."""
    return float64_at(address_of(state, _EDGE, s, 0))


@compiled()
def picks(state: int, s: int, row: int) -> Ints:
    """Return WHO or DEAD of the picks of guess s."""
    return int64_at(address_of(state, _PICK, s, row))


@compiled()
def recorded(state: int, s: int) -> Floats:
    """Return the gains with which the picks of guess s were accepted."""
    return float64_at(address_of(state, _GAIN, s, 0))


@compiled()
def guess(state: int, s: int) -> Ints:
    """Return the numbers of guess s."""
    return int64_at(address_of(state, _GUESS, s, 0))


@compiled()
def worth(state: int, s: int) -> Floats:
    """Return tau, gamma and the values of guess s."""
    return float64_at(address_of(state, _WORTH, s, 0))


@compiled()
def snapshots(state: int, s: int, row: int) -> Ints:
    """Return 32 levels' bucket membership of all elements in guess s."""
    return int64_at(address_of(state, _SNAPSHOT, s, row))


@compiled()
def stack_ints(state: int, slot: int) -> int:
    """Return where the integers of a stack begin."""
    return address_of(state, _INTS, slot, 0)


@compiled()
def stack_reals(state: int, slot: int) -> int:
    """Return where the floats of a stack begin."""
    return address_of(state, _REALS, slot, 0)


@compiled()
def table(state: int) -> int:
    """Return where the rows of the program begin."""
    return address_of(state, _TABLE, 0, 0)


@compiled()
def bank(state: int) -> Floats:
    """Return the deposit of calls."""
    return float64_at(address_of(state, _BANK, 0, 0))


@compiled()
def random_words(state: int) -> Ints:
    """Return the state of the generator."""
    return int64_at(address_of(state, _RANDOM, 0, 0))


@compiled()
def solution(state: int) -> Ints32:
    """Return the maintained solution."""
    return int32_at(address_of(state, _SOLUTION, 0, 0))


@compiled()
def marks(state: int) -> Ints32:
    """Return scratch, all zero between uses."""
    return int32_at(address_of(state, _MARK, 0, 0))


@compiled()
def candidates(state: int) -> Ints32:
    """Return scratch that a Python objective shares: elements."""
    return int32_at(address_of(state, _CANDIDATE, 0, 0))


@compiled()
def promises(state: int) -> Floats:
    """Return scratch that a Python objective shares: their gains."""
    return float64_at(address_of(state, _PROMISE, 0, 0))


@compiled()
def pending_address(state: int) -> int:
    """Return where the scratch `pendings` begins."""
    return address_of(state, _PENDING, 0, 0)


@compiled()
def pendings(state: int) -> Ints32:
    """Return scratch: elements."""
    return int32_at(address_of(state, _PENDING, 0, 0))


@compiled()
def arrivals(state: int) -> Ints32:
    """Return scratch: elements that a guess still has to insert."""
    return int32_at(address_of(state, _ARRIVAL, 0, 0))
