"""What a tree search of SCIP answers, wherever it runs."""

from collections.abc import Callable
from typing import Protocol

from boundwise.heuristics.protocols import FloatVector, Relaxation


class Tree(Protocol):
    """Search a whole problem, a slice at a time; a slice goes on where the last ended.

    Bounds and objectives are those of the problem that is searched.
    """

    @property
    def status(self) -> str:
        """SCIP's status after the last slice."""
        ...

    @property
    def bound(self) -> float:
        """Proven lower bound, -inf if there is none."""
        ...

    @property
    def relaxation(self) -> Relaxation | None:
        """The latest LP relaxation of the root."""
        ...

    @property
    def is_sound(self) -> bool:
        """Whether a bound or an optimum of this tree may be believed."""
        ...

    @property
    def is_finished(self) -> bool:
        """Whether another slice would be in vain."""
        ...

    @property
    def objective(self) -> float:
        """Objective of the optimum once it is proven, inf if there is no solution."""
        ...

    def run(
        self,
        seconds: float,
        work: float,
        *,
        memory: float | None = None,
        incumbent: FloatVector | None = None,
        until: Callable[[], bool] | None = None,
    ) -> None:
        """Search on.

        Parameters
        ----------
        seconds
            Wall-clock seconds of the slice.
        work
            Work units of the slice, ``inf`` for no limit.
        memory
            MiB that the tree may add to what it holds, or None.
        incumbent
            Values of a solution to hand in first.
        until
            Asked now and then, unless the run is limited by work; the slice ends
            when it returns true.
        """
        ...

    def free(self) -> None:
        """Release the memory of the tree."""
        ...
