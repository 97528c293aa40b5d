"""Compile each kernel of this room once, whatever integers its callers pass.

numba compiles a called function anew for every combination of literals and widths of
integers among its arguments. The kernels below pass levels, positions and elements
around, so that some were compiled fifteen times. Here integers are words.
"""

from collections.abc import Callable
from typing import TypeVar

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
    return shared.compiled(
        reorder_sums=reorder_sums, inline=inline, internal=internal, words=True
    )
