"""C functions and addresses: how the algorithms reach an objective they do not know.

Every primitive of an objective is a C function

    double primitive(term, ints, reals, element, size)

of five machine words: the address of the term's description, those of a stack's state,
and two numbers. The algorithms call it by its address. So they are compiled once for
all objectives, an objective only when it is used, and a user's Python function is
called in the same way.
"""

from collections.abc import Callable
from functools import cached_property
from typing import Any

import numba
from llvmlite import ir
from numba import types
from numba.extending import intrinsic

from boundwise.heuristics.compiled import REORDER
from boundwise.solvers.submodular.objectives.program import Floats, Ints, Ints32


def _pointer_to(kind: Any) -> Any:
    """Return an intrinsic that takes an address for a pointer, to index like an array.

    A pointer costs the compiler far less than an array: no shape, no owner.
    """

    def typed(_: Any, address: Any) -> Any:
        def generate(_context: Any, builder: Any, signature: Any, args: Any) -> Any:
            wanted = _context.get_value_type(signature.return_type)
            return builder.inttoptr(args[0], wanted)

        return types.CPointer(kind)(types.int64), generate

    return intrinsic(typed)


int32_at: Callable[[int], Ints32] = _pointer_to(types.int32)
int64_at: Callable[[int], Ints] = _pointer_to(types.int64)
float64_at: Callable[[int], Floats] = _pointer_to(types.float64)


@intrinsic  # type: ignore[untyped-decorator]
def call(
    _: Any, function: Any, term: Any, ints: Any, reals: Any, element: Any, size: Any
) -> Any:
    """Return ``function(term, ints, reals, element, size)``, by its address."""

    def generate(_context: Any, builder: Any, _signature: Any, args: Any) -> Any:
        word = ir.IntType(64)
        kind = ir.FunctionType(ir.DoubleType(), [word] * 5)
        return builder.call(builder.inttoptr(args[0], kind.as_pointer()), args[1:])

    return types.float64(*[types.int64] * 6), generate


class Primitive:
    """Compile a function of five words to C when its address is first asked for.

    Parameters
    ----------
    function
        Numeric Python code.
    reorder_sums
        Allow sums to be reordered, as vector instructions need.
    """

    def __init__(
        self, function: Callable[..., float], *, reorder_sums: bool = False
    ) -> None:
        self._function = function
        self._reorder_sums = reorder_sums

    @cached_property
    def address(self) -> int:
        """Address of the machine code; the code lives as long as this object."""
        signature = types.float64(*[types.int64] * 5)
        fastmath = set(REORDER) if self._reorder_sums else False
        try:
            made = numba.cfunc(signature, cache=True, fastmath=fastmath)
            self._code = made(self._function)
        except RuntimeError:
            # No folder can hold the cache (a read-only installation and home).
            self._code = numba.cfunc(signature, fastmath=fastmath)(self._function)
        return int(self._code.address)
