"""The functions that compiled code calls by address, in the order of their numbers."""

from boundwise.solvers.submodular.leveled.guess import (
    catch_up,
    insert,
    rebuild,
    repair,
)
from boundwise.solvers.submodular.leveled.guesses import open_guess
from boundwise.solvers.submodular.leveled.value import value_of
from boundwise.solvers.submodular.objectives.native import Primitive

_LINKED = [
    Primitive(function)
    for function in (rebuild, insert, repair, catch_up, open_guess, value_of)
]


def addresses() -> list[int]:
    """Return the addresses; the functions are compiled when first asked for."""
    return [function.address for function in _LINKED]
