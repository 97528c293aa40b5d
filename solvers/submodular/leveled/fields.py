"""How compiled code reaches the arrays of a `State`: by the address of its words.

A tuple of arrays would be compiled into every signature, at a hundred times the cost.
Here a state is one number: the address of a table with, for each array, the address of
its first entry and the bytes between two slots and between two rows. Each function
below returns a pointer to a row, to index like an array.
"""

from collections.abc import Callable
from typing import Any

from llvmlite import ir
from numba import types
from numba.extending import intrinsic

from boundwise.solvers.submodular.compiled import compiled
from boundwise.solvers.submodular.leveled.state import FIELDS
from boundwise.solvers.submodular.objectives.native import call, int64_at
from boundwise.solvers.submodular.objectives.program import Floats, Ints, Ints32

_FUNCTIONS = 3 * len(FIELDS)
_INT32, _INT64 = types.CPointer(types.int32), types.CPointer(types.int64)
_FLOAT64 = types.CPointer(types.float64)


def _locate(name: str, kind: Any) -> Callable[..., Any]:
    """Return what generates the code: base + slot * stride + row * stride."""
    first = 3 * FIELDS.index(name)

    def generate(context: Any, builder: Any, state: Any, slot: Any, row: Any) -> Any:
        word = ir.IntType(64)
        words = builder.inttoptr(state, word.as_pointer())
        address = None
        for number, factor in enumerate((None, slot, row)):
            if number and factor is None:
                continue
            at = builder.gep(words, [ir.Constant(word, first + number)])
            part = builder.load(at)
            if factor is not None:
                part = builder.mul(part, factor)
            address = part if address is None else builder.add(address, part)
        if kind is types.int64:
            return address
        return builder.inttoptr(address, context.get_value_type(kind))

    return generate


def _whole(name: str, kind: Any) -> Any:
    """Return the function (state) that finds an array."""
    locate = _locate(name, kind)

    def typed(_: Any, state: Any) -> Any:
        def generate(context: Any, builder: Any, _signature: Any, args: Any) -> Any:
            return locate(context, builder, args[0], None, None)

        return kind(types.int64), generate

    return intrinsic(typed)


def _slot(name: str, kind: Any) -> Any:
    """Return the function (state, slot) that finds a slot of an array."""
    locate = _locate(name, kind)

    def typed(_: Any, state: Any, slot: Any) -> Any:
        def generate(context: Any, builder: Any, _signature: Any, args: Any) -> Any:
            return locate(context, builder, args[0], args[1], None)

        return kind(types.int64, types.int64), generate

    return intrinsic(typed)


def _row(name: str, kind: Any) -> Any:
    """Return the function (state, slot, row) that finds a row of a slot."""
    locate = _locate(name, kind)

    def typed(_: Any, state: Any, slot: Any, row: Any) -> Any:
        def generate(context: Any, builder: Any, _signature: Any, args: Any) -> Any:
            return locate(context, builder, *args)

        return kind(types.int64, types.int64, types.int64), generate

    return intrinsic(typed)


#: Counters; settings; the deposit of calls; the generator's state.
now: Callable[[int], Ints] = _whole("now", _INT64)
rules: Callable[[int], Ints] = _whole("rules", _INT64)
shares: Callable[[int], Floats] = _whole("shares", _FLOAT64)
bank: Callable[[int], Floats] = _whole("bank", _FLOAT64)
random_words: Callable[[int], Ints] = _whole("random", _INT64)
#: f(e) of elements that were inserted once, when each changed last, and how many alive
#: singletons each power of 1+eps has; a row of PLACE, ALIVE, OLDER or NEWER.
singles: Callable[[int], Floats] = _whole("single", _FLOAT64)
changed: Callable[[int], Ints] = _whole("changed", _INT64)
singles_in: Callable[[int], Ints32] = _whole("singles_in", _INT32)
elements: Callable[[int, int], Ints32] = _slot("element", _INT32)
#: The maintained solution, and scratch: zeros between uses; elements and their gains,
#: which a Python objective shares; elements; elements still to be inserted.
solution: Callable[[int], Ints32] = _whole("solution", _INT32)
marks: Callable[[int], Ints32] = _whole("mark", _INT32)
candidates: Callable[[int], Ints32] = _whole("candidate", _INT32)
promises: Callable[[int], Floats] = _whole("promise", _FLOAT64)
pendings: Callable[[int], Ints32] = _whole("pending", _INT32)
arrivals: Callable[[int], Ints32] = _whole("arrival", _INT32)
#: Of a guess: rows of links, levels, picks and 32 levels' bucket membership; theta of
#: each level; the gains with which the picks were accepted; its numbers and values.
links: Callable[[int, int, int], Ints32] = _row("link", _INT32)
levels: Callable[[int, int, int], Ints] = _row("level", _INT64)
picks: Callable[[int, int, int], Ints] = _row("pick", _INT64)
snapshots: Callable[[int, int, int], Ints] = _row("snapshot", _INT64)
edges: Callable[[int, int], Floats] = _slot("edge", _FLOAT64)
recorded: Callable[[int, int], Floats] = _slot("gain", _FLOAT64)
guess: Callable[[int, int], Ints] = _slot("guess", _INT64)
worth: Callable[[int, int], Floats] = _slot("worth", _FLOAT64)
#: Addresses: of the program, of the scratch `pendings`, of the state of a stack.
table: Callable[[int], int] = _whole("table", types.int64)
pending_address: Callable[[int], int] = _whole("pending", types.int64)
stack_ints: Callable[[int, int], int] = _slot("ints", types.int64)
stack_reals: Callable[[int, int], int] = _slot("reals", types.int64)


@compiled(internal=True)
def do(state: int, function: int, a: int, b: int) -> float:
    """Call one of the linked functions: ``function(state, a, b)``.

    Calls by address keep the compiler from copying a whole rebuild into every place
    that may ask for one.
    """
    value: float = call(int64_at(state)[_FUNCTIONS + function], state, a, b, 0, 0)
    return value
