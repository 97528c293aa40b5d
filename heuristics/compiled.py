"""Compile numeric kernels with numba, with types that a checker understands.

The compiled code is cached beside the source file, or in the user's cache folder if
that cannot be written; where neither can, it is compiled anew in each process. The
kernels release the interpreter lock, so threads run them side by side.
"""

from collections.abc import Callable
from typing import TypeVar, cast

import numba

_Function = TypeVar("_Function", bound=Callable[..., object])

#: Lets sums be reordered and fused (for vector instructions) and nothing else: NaN
#: and infinities keep their meaning.
REORDER = frozenset({"reassoc", "contract", "nsz"})


def compiled(
    *, reorder_sums: bool = False, inline: bool = False
) -> Callable[[_Function], _Function]:
    """Return a decorator that compiles a function at its first call.

    Parameters
    ----------
    reorder_sums
        Allow sums to be reordered and fused, as vector instructions need.
    inline
        Compile into every caller; such a function is not cached by itself.

    Returns
    -------
    callable
        The decorator.
    """
    options = {
        "nogil": True,
        "fastmath": set(REORDER) if reorder_sums else False,
        "inline": "always" if inline else "never",
    }

    def decorate(function: _Function) -> _Function:
        try:
            return cast("_Function", numba.njit(cache=True, **options)(function))
        except RuntimeError:
            # No folder can hold the cache (a read-only installation and home).
            return cast("_Function", numba.njit(**options)(function))

    return decorate
