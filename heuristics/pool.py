"""A small pool of good solutions, all different in their integer variables."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from boundwise.core.errors import InputError
from boundwise.heuristics.protocols import BoolVector, FloatVector


@dataclass(frozen=True, slots=True)
class PooledSolution:
    """A solution of the pool.

    Parameters
    ----------
    values
        Read-only vector in the presolved space, shape (n,).
    objective
        Its objective, minimised.
    """

    values: FloatVector
    objective: float


class SolutionPool:
    """Keep the best solutions, best first.

    Two solutions whose integer variables agree count as one; the better stays.

    Parameters
    ----------
    is_integer
        Which variables are integer, shape (n,).
    capacity
        Largest number of solutions.
    """

    def __init__(self, is_integer: BoolVector, capacity: int = 10) -> None:
        if capacity < 1:
            raise InputError(f"capacity must be at least 1, got {capacity!r}.")
        self._integers = np.flatnonzero(is_integer)
        self._capacity = capacity
        self._solutions: list[PooledSolution] = []

    def add(self, values: FloatVector, objective: float) -> bool:
        """Add a solution and tell whether the pool took it.

        Raises
        ------
        InputError
            If the objective is nan.
        """
        if np.isnan(objective):
            raise InputError("objective must be a number, got nan.")
        for position, known in enumerate(self._solutions):
            if self._same(known.values, values):
                if objective >= known.objective:
                    return False
                del self._solutions[position]
                break
        if (
            len(self._solutions) == self._capacity
            and objective >= self._solutions[-1].objective
        ):
            return False
        kept = np.array(values, dtype=np.float64)
        kept.setflags(write=False)
        self._solutions.append(PooledSolution(kept, float(objective)))
        self._solutions.sort(key=lambda solution: solution.objective)
        del self._solutions[self._capacity :]
        return True

    @property
    def best(self) -> PooledSolution | None:
        """The incumbent, or None."""
        return self._solutions[0] if self._solutions else None

    def __len__(self) -> int:
        return len(self._solutions)

    def __iter__(self) -> Iterator[PooledSolution]:
        return iter(self._solutions)

    def _same(self, one: FloatVector, other: FloatVector) -> bool:
        if len(self._integers) == 0:
            return bool(np.allclose(one, other, rtol=0.0, atol=1e-9))
        difference = one[self._integers] - other[self._integers]
        return bool(np.abs(difference).max() < 0.5)
