"""Who searches a neighbourhood: SCIP, or an engine that suits it better.

Which solver is good at the sub-MIPs of a problem is learned like which neighbourhood
is: discounted Thompson sampling over the solvers, with the reward of the pull.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np

from boundwise.core.interrupt import Interrupter
from boundwise.heuristics.bandits.thompson import Thompson
from boundwise.heuristics.engines.repair import RepairSession
from boundwise.heuristics.linear import LinearMip
from boundwise.heuristics.protocols import FloatVector, Subproblem
from boundwise.heuristics.scip.effort import WorkMeter
from boundwise.heuristics.scip.submip import SubMipLimits, SubMipReport, solve_submip


@dataclass(frozen=True, slots=True, kw_only=True)
class RepairTask:
    """State what to search, and how far; see `solve_submip`.

    Parameters
    ----------
    subproblem, cutoff, limits, seed, on_solution
        As there.
    start
        The solution around which the neighbourhood lies.
    """

    subproblem: Subproblem
    cutoff: float
    limits: SubMipLimits
    start: FloatVector
    seed: int
    on_solution: Callable[[FloatVector], object]


@dataclass(frozen=True, slots=True)
class Repair:
    """What came of a search.

    Parameters
    ----------
    report
        How it went.
    cpu
        Seconds of CPU that another process has used.
    """

    report: SubMipReport
    cpu: float = 0.0


class Repairer(Protocol):
    """Search a neighbourhood for better solutions."""

    @property
    def name(self) -> str:
        """Short name for logs and statistics."""
        ...

    @property
    def concurrency(self) -> float:
        """How many neighbourhoods it can search at the same time."""
        ...

    def is_able(self) -> bool:
        """Tell whether it still works."""
        ...

    def search(self, task: RepairTask) -> Repair:
        """Search a neighbourhood."""
        ...

    def free(self) -> None:
        """Release what it holds."""
        ...


class ScipRepairer:
    """Search with SCIP, on copies or on what is left of the rows.

    Parameters
    ----------
    source
        Presolved ``pyscipopt.Model``.
    mip
        Its rows, or None if it has other constraints.
    interrupter, meter
        What stops a search, and what it is charged to.
    """

    name = "scip"
    concurrency = np.inf

    def __init__(
        self,
        source: Any,
        mip: LinearMip | None,
        interrupter: Interrupter,
        meter: WorkMeter,
    ) -> None:
        self._source = source
        self._mip = mip
        self._interrupter = interrupter
        self._meter = meter

    def is_able(self) -> bool:
        """Tell that it always works."""
        return True

    def search(self, task: RepairTask) -> Repair:
        """Search a neighbourhood."""
        report = solve_submip(
            self._source,
            task.subproblem,
            cutoff=task.cutoff,
            limits=task.limits,
            seed=task.seed,
            interrupter=self._interrupter,
            meter=self._meter,
            on_solution=task.on_solution,
            linear=self._mip,
        )
        return Repair(report)

    def free(self) -> None:
        """Hold nothing that needs releasing."""


class EngineRepairer:
    """Search with an engine, in a child process.

    Parameters
    ----------
    name
        Of the engine.
    session
        The child.
    interrupter
        What stops a search.
    """

    concurrency = 1.0

    def __init__(
        self, name: str, session: RepairSession, interrupter: Interrupter
    ) -> None:
        self.name = name
        self._session = session
        self._interrupter = interrupter

    def is_able(self) -> bool:
        """Tell whether the child has not failed for good."""
        return self._session.failure is None

    def search(self, task: RepairTask) -> Repair:
        """Search a neighbourhood."""
        report = self._session.solve_sub(
            task.subproblem,
            cutoff=task.cutoff,
            seconds=task.limits.seconds,
            interrupter=self._interrupter,
            on_solution=task.on_solution,
            nodes=task.limits.nodes,
            stall_nodes=task.limits.stall_nodes,
            start=task.start,
            seed=task.seed,
        )
        ended = SubMipReport(report.ending, report.n_solutions, self.name, report.nodes)
        return Repair(ended, report.cpu)

    def free(self) -> None:
        """End the child."""
        self._session.close()


class Repairers:
    """Choose who searches the next neighbourhood, and learn from what it brought.

    Parameters
    ----------
    repairers
        At least one.
    """

    def __init__(self, repairers: Sequence[Repairer]) -> None:
        self._repairers = tuple(repairers)
        self._policy = Thompson(len(self._repairers))
        self._busy = [0] * len(self._repairers)
        self.pulls = [0] * len(self._repairers)

    def take(self, rng: np.random.Generator) -> int:
        """Return the index of one that is idle, and book it."""
        if len(self._repairers) == 1:
            index = 0
        else:
            idle = [
                i
                for i, repairer in enumerate(self._repairers)
                if repairer.is_able() and self._busy[i] < repairer.concurrency
            ]
            index = self._policy.choose(rng, idle)
        self._busy[index] += 1
        self.pulls[index] += 1
        return index

    def give_back(self, index: int, reward: float | None) -> None:
        """Learn from a search that has ended; None if it says nothing."""
        self._busy[index] -= 1
        if reward is not None:
            self._policy.update(index, reward)

    def __getitem__(self, index: int) -> Repairer:
        return self._repairers[index]

    def to_dict(self) -> dict[str, int]:
        """Return how many neighbourhoods each has searched."""
        names = [repairer.name for repairer in self._repairers]
        return dict(zip(names, self.pulls, strict=True))

    def free(self) -> None:
        """Release what all of them hold."""
        for repairer in self._repairers:
            repairer.free()
