"""Call the user's Python objective from compiled code, through a C function pointer.

The address goes in as an integer, so that the compiled code can be cached.
"""

from typing import Any

from llvmlite import ir
from numba import types
from numba.extending import intrinsic

#: What the callback is asked to do with a stack.
GAIN, BATCH, PUSH, POP, CLEAR = range(5)


@intrinsic  # type: ignore[misc]
def call_back(
    _: Any, address: Any, request: Any, stack: Any, argument: Any, size: Any
) -> Any:
    """Return ``callback(request, stack, argument, size)``."""
    signature = types.float64(*[types.int64] * 5)

    def generate(_context: Any, builder: Any, _signature: Any, args: Any) -> Any:
        word = ir.IntType(64)
        kind = ir.FunctionType(ir.DoubleType(), [word] * 4)
        function = builder.inttoptr(args[0], kind.as_pointer())
        return builder.call(function, args[1:])

    return signature, generate
