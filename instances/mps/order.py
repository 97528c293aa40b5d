"""Follow the order in which SCIP keeps the variables of a problem.

SCIP holds binary, integer and continuous variables in three consecutive groups. A
variable that enters a group pushes the first one of each later group to that group's
end; one that leaves is replaced by the last of its group, and so on. Following both
steps gives the order of ``getVars()`` without asking SCIP.
"""

from collections.abc import Sequence
from typing import Final

import numpy as np
from numpy.typing import NDArray

BINARY: Final = 0
INTEGER: Final = 1
CONTINUOUS: Final = 2


def scip_types(
    is_integer: NDArray[np.bool_], is_binary: NDArray[np.bool_]
) -> NDArray[np.int64]:
    """Return the types that SCIP's groups give variables standing in its order.

    Integer variables with bounds 0 and 1 that stand behind another integer variable
    are in the group of integers.
    """
    general = np.flatnonzero(is_integer & ~is_binary)
    types = np.where(is_integer, BINARY, CONTINUOUS)
    if len(general):
        types[general[0] :][is_integer[general[0] :]] = INTEGER
    return types


class VariableOrder:
    """Variables in the order of SCIP, as they are added and change their types.

    Parameters
    ----------
    types
        Types of the variables in the order in which they are added.

    Examples
    --------
    >>> VariableOrder([CONTINUOUS, CONTINUOUS, BINARY]).variables
    [2, 1, 0]
    """

    def __init__(self, types: Sequence[int]) -> None:
        n = len(types)
        self._ends = [0, 0, 0]
        uniform = n and min(types) == max(types)
        self.variables = list(range(n)) if uniform else [-1] * n
        self._place = list(self.variables)
        if uniform:
            self._ends = [n if g >= types[0] else 0 for g in range(3)]
            return
        for variable, type_ in enumerate(types):
            self._insert(variable, type_)

    def change(self, variable: int, type_: int) -> None:
        """Give a variable another type."""
        self._remove(variable)
        self._insert(variable, type_)

    def touch(self, variable: int, type_: int) -> None:
        """Make a variable of type ``type_`` continuous and change it back.

        The net effect is that it trades places with the last of its group.
        """
        last = self._ends[type_] - 1
        other = self.variables[last]
        here = self._place[variable]
        self.variables[here] = other
        self._place[other] = here
        self.variables[last] = variable
        self._place[variable] = last

    def _insert(self, variable: int, type_: int) -> None:
        free = self._ends[2]
        for group in (CONTINUOUS, INTEGER):
            if group == type_:
                break
            begin = self._ends[group - 1]
            if free > begin:
                self._move(begin, free)
                free = begin
        self.variables[free] = variable
        self._place[variable] = free
        for group in range(type_, 3):
            self._ends[group] += 1

    def _remove(self, variable: int) -> None:
        free = self._place[variable]
        type_ = next(g for g in range(3) if free < self._ends[g])
        for group in range(type_, 3):
            last = self._ends[group] - 1
            if free < last:
                self._move(last, free)
                free = last
        for group in range(type_, 3):
            self._ends[group] -= 1

    def _move(self, source: int, target: int) -> None:
        variable = self.variables[source]
        self.variables[target] = variable
        self._place[variable] = target
