"""Compile each kernel of this room once, whatever integers its callers pass.

numba compiles a called function anew for every combination of literals and widths of
integers among its arguments. The kernels below pass levels, positions and elements
around, so that some were compiled fifteen times. Here integers are words.
"""

from collections.abc import Callable
from typing import Any, TypeVar

from numba import types

from boundwise.heuristics import compiled as shared

_Function = TypeVar("_Function", bound=Callable[..., object])


def compiled(
    *, reorder_sums: bool = False, inline: bool = False, internal: bool = False
) -> Callable[[_Function], _Function]:
    """Return a decorator that compiles a function at its first call.

    Parameters
    ----------
    internal
        The function is called from compiled code only.
    reorder_sums, inline
        See `boundwise.heuristics.compiled.compiled`.

    Returns
    -------
    callable
        The decorator.
    """
    plain = shared.compiled(reorder_sums=reorder_sums, inline=inline)

    def decorate(function: _Function) -> _Function:
        dispatcher: Any = plain(function)
        resolve = dispatcher.get_call_template

        def get_call_template(args: Any, kws: Any) -> Any:
            words = {name: _word(kind) for name, kind in kws.items()}
            return resolve(tuple(_word(kind) for kind in args), words)

        if not inline:
            dispatcher.get_call_template = get_call_template
        # Wrappers that nobody calls cost as much as the kernel.
        dispatcher.targetoptions["no_cfunc_wrapper"] = True
        dispatcher.targetoptions["no_cpython_wrapper"] = internal
        made: _Function = dispatcher
        return made

    return decorate


def _word(kind: Any) -> Any:
    """Return the type that stands for the type of an argument."""
    plain = types.unliteral(kind)
    return types.int64 if isinstance(plain, types.Integer) else plain
