"""A small pool of good and different solutions.

When it is full, one goes: not the best, but of the others the one of the largest

    (objective - best) / (worst - best)  -  diversity * distance / (largest distance),

the distance of a solution being that to the nearest one that is better.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from boundwise.core.arguments import as_count, as_number
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
    """Keep good solutions that differ, best first.

    Two solutions whose integer variables agree count as one; the better stays.

    Parameters
    ----------
    is_integer
        Which variables are integer, shape (n,).
    capacity
        Largest number of solutions.
    diversity
        How much distance counts against quality; 0 keeps the best.
    """

    def __init__(
        self, is_integer: BoolVector, capacity: int = 10, *, diversity: float = 0.3
    ) -> None:
        capacity = as_count("capacity", capacity)
        self._diversity = as_number("diversity", diversity, at_least=0)
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
        kept = np.array(values, dtype=np.float64)
        kept.setflags(write=False)
        new = PooledSolution(kept, float(objective))
        self._solutions.append(new)
        self._solutions.sort(key=lambda solution: solution.objective)
        if len(self._solutions) <= self._capacity:
            return True
        return self._solutions.pop(self._weakest()) is not new

    @property
    def best(self) -> PooledSolution | None:
        """The incumbent, or None."""
        return self._solutions[0] if self._solutions else None

    def __len__(self) -> int:
        return len(self._solutions)

    def __iter__(self) -> Iterator[PooledSolution]:
        return iter(self._solutions)

    def _weakest(self) -> int:
        """Return the position of the solution that is missed least."""
        last = len(self._solutions) - 1
        if self._diversity == 0.0 or last == 1:
            return last
        objectives = np.array([solution.objective for solution in self._solutions])
        if not np.isfinite(objectives).all():
            return last
        distances = np.array(
            [0.0] + [self._distance_to_better(k) for k in range(1, last + 1)]
        )
        badness = objectives - objectives[0]
        badness /= max(badness[-1], np.finfo(np.float64).tiny)
        merit = distances / max(distances.max(), np.finfo(np.float64).tiny)
        # The best stays; of equals, the worse goes.
        loss = (badness - self._diversity * merit)[1:]
        return last - int(np.argmax(loss[::-1]))

    def _distance_to_better(self, position: int) -> float:
        own = self._solutions[position].values[self._integers]
        return float(
            min(
                np.mean(np.abs(other.values[self._integers] - own) > 0.5)
                for other in self._solutions[:position]
            )
            if len(self._integers)
            else 0.0
        )

    def _same(self, one: FloatVector, other: FloatVector) -> bool:
        if len(self._integers) == 0:
            return bool(np.allclose(one, other, rtol=0.0, atol=1e-9))
        difference = one[self._integers] - other[self._integers]
        return bool(np.abs(difference).max() < 0.5)
