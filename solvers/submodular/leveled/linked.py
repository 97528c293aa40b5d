"""The functions that compiled code calls by address, in the order of their numbers.

What a mode does not use is not compiled for it.
"""

from boundwise.solvers.submodular.leveled.guess import (
    catch_up,
    insert,
    insert_into_single,
    rebuild,
    rebuild_single,
    repair,
)
from boundwise.solvers.submodular.leveled.guesses import (
    count_missing,
    open_guess,
    settle_all,
    settle_pair,
)
from boundwise.solvers.submodular.leveled.state import ALL, ONE_PER_LEVEL
from boundwise.solvers.submodular.leveled.value import value_of
from boundwise.solvers.submodular.objectives.native import Primitive

_LEVELS = Primitive(rebuild), Primitive(insert)
_SINGLE = Primitive(rebuild_single), Primitive(insert_into_single)
_COMMON = tuple(
    Primitive(function) for function in (repair, catch_up, open_guess, value_of)
)
_PAIR = (Primitive(settle_pair),)
_ALL = Primitive(settle_all), Primitive(count_missing)


def addresses(mode: int) -> list[int]:
    """Return the addresses; the functions are compiled when first asked for."""
    linked = (
        *(_SINGLE if mode == ONE_PER_LEVEL else _LEVELS),
        *_COMMON,
        *(_ALL if mode == ALL else _PAIR),
    )
    return [function.address for function in linked]
