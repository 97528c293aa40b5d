"""Compile numeric kernels with numba, with types that a checker understands.

The compiled code is cached beside the source file, or in the user's cache folder if
that cannot be written; where neither can, it is compiled anew in each process. A change
in any file of a kernel's room voids its cached code (see
`boundwise.heuristics.cache_stamp`). The kernels release the interpreter lock, so
threads run them side by side.
"""

from collections.abc import Callable
from typing import Any, TypeVar, cast

import numba
from numba import types

from boundwise.heuristics.cache_stamp import mark_fresh_by_room

_Function = TypeVar("_Function", bound=Callable[..., object])

#: Lets sums be reordered and fused (for vector instructions) and nothing else: NaN
#: and infinities keep their meaning.
REORDER = frozenset({"reassoc", "contract", "nsz"})


def compiled(
    *,
    reorder_sums: bool = False,
    inline: bool = False,
    internal: bool = False,
    words: bool = False,
) -> Callable[[_Function], _Function]:
    """Return a decorator that compiles a function at its first call.

    Parameters
    ----------
    reorder_sums
        Allow sums to be reordered and fused, as vector instructions need.
    inline
        Compile into every caller; such a function is not cached by itself.
    internal
        The function is called from compiled code only: no wrappers for calls from
        Python are made, which for many array arguments cost more than the kernel.
    words
        Integers among the arguments are words (64 bits) in calls from compiled code.
        numba otherwise compiles anew for every combination of literals and widths.

    Returns
    -------
    callable
        The decorator.
    """
    options = {
        "nogil": True,
        "fastmath": set(REORDER) if reorder_sums else False,
        "inline": "always" if inline else "never",
        "no_cfunc_wrapper": True,
        "no_cpython_wrapper": internal,
    }

    def decorate(function: _Function) -> _Function:
        try:
            dispatcher = numba.njit(cache=True, **options)(function)
        except RuntimeError:
            # No folder can hold the cache (a read-only installation and home).
            return cast("_Function", numba.njit(**options)(function))
        mark_fresh_by_room(dispatcher, function)
        if words and not inline:
            _take_words(dispatcher)
        return cast("_Function", dispatcher)

    return decorate


def _take_words(dispatcher: Any) -> None:
    """Let calls from compiled code find one signature for integers of all widths."""
    resolve = dispatcher.get_call_template

    def get_call_template(args: Any, kws: Any) -> Any:
        named = {name: _word(kind) for name, kind in kws.items()}
        return resolve(tuple(_word(kind) for kind in args), named)

    dispatcher.get_call_template = get_call_template


def _word(kind: Any) -> Any:
    """Return the type that stands for the type of an argument."""
    plain = types.unliteral(kind)
    return types.int64 if isinstance(plain, types.Integer) else plain
