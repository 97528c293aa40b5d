"""The plug-in points of engines: solvers that live in child processes.

An `Engine` opens an `EngineSession` on a problem; the session searches in slices and
keeps its tree or its clauses in between, while its process is suspended. Solutions
found elsewhere are handed in at the beginning of a slice, its own are handed out as
they are found. A session that fails is disabled with a reason; the run goes on.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol, runtime_checkable

from boundwise.core.status import Status
from boundwise.heuristics.protocols import Ending, FloatVector

if TYPE_CHECKING:
    from boundwise.core.interrupt import Interrupter
    from boundwise.heuristics.engines.repair import RepairSession
    from boundwise.heuristics.linear import LinearMip

#: Receives the values of a solution, shape (n,), in the space of the problem.
OnSolution = Callable[[FloatVector], object]
#: Receives a proven lower bound.
OnBound = Callable[[float], object]


@dataclass(frozen=True, slots=True, kw_only=True)
class EngineReport:
    """Report how one slice of an engine went.

    Parameters
    ----------
    ending
        ``EXHAUSTED`` if the engine has nothing left to search, ``LIMIT`` at the end
        of the slice, ``INTERRUPTED`` if the run as a whole had to stop.
    proof
        ``OPTIMAL`` (the best solution handed in or out is optimal), ``INFEASIBLE``,
        ``UNBOUNDED``, or None if nothing is proven.
    bound
        Proven lower bound, or -inf.
    n_solutions
        Number of solutions handed out.
    cpu
        Seconds of CPU that the engine's process has used in this slice.
    failure
        Why the engine is disabled, or None if it is not.
    """

    ending: Ending
    proof: Status | None
    bound: float
    n_solutions: int
    cpu: float
    failure: str | None = None


@runtime_checkable
class EngineSession(Protocol):
    """Search one problem in slices."""

    def run(
        self,
        *,
        seconds: float,
        incumbent: FloatVector | None,
        interrupter: "Interrupter",
        on_solution: OnSolution,
        on_bound: OnBound | None = None,
        until: Callable[[], bool] | None = None,
    ) -> EngineReport:
        """Search on for a slice.

        Parameters
        ----------
        seconds
            Length of the slice on the clock of the run.
        incumbent
            The best solution known, shape (n,), or None.
        interrupter
            Can end the slice.
        on_solution
            Receives the solutions that are better than all known to the engine.
        on_bound
            Receives the proven lower bound as it rises.
        until
            Asked now and then; the slice ends when it returns true.
        """
        ...

    @property
    def failure(self) -> str | None:
        """Why the engine is disabled, or None."""
        ...

    @property
    def is_finished(self) -> bool:
        """Whether another slice would be in vain."""
        ...

    def close(self) -> None:
        """End the engine and free everything; may be called twice."""
        ...


@runtime_checkable
class Engine(Protocol):
    """Open sessions of one solver."""

    @property
    def name(self) -> str:
        """Short name for logs and statistics."""
        ...

    def is_available(self) -> bool:
        """Tell whether the solver is installed, without importing it."""
        ...

    def refuses(self, mip: "LinearMip") -> str | None:
        """Return why the engine is of no use on a problem, or None if it is."""
        ...

    def open(
        self,
        mip: "LinearMip",
        *,
        seed: int,
        memory: float | None = None,
        gap: float = 0.0,
    ) -> EngineSession:
        """Begin a session; its process starts with the first slice.

        Parameters
        ----------
        mip
            The problem.
        seed
            Seed of the solver's random choices.
        memory
            MiB that the solver may use, or None.
        gap
            Relative gap at which a solution counts as optimal.
        """
        ...


@runtime_checkable
class RepairEngine(Protocol):
    """Search neighbourhoods in a child process."""

    def open_repair(
        self, mip: "LinearMip", *, memory: float | None = None
    ) -> "RepairSession":
        """Begin to solve sub-MIPs; the process starts with the first one.

        Parameters
        ----------
        mip
            The whole problem.
        memory
            MiB that the solver may use, or None.
        """
        ...
