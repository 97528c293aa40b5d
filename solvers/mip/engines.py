"""Another solver as a partner: it gets slices, and the pool between them.

The engine lives in a process of its own, which is suspended between turns and keeps
its tree. It sees the presolved problem; each turn begins with the incumbent of the
run, and its solutions and bounds count like everybody's: the solutions after the exact
check, the bounds as far as the engine proves them.
"""

from boundwise.core.status import Status
from boundwise.heuristics.engines.protocols import Engine, EngineReport, EngineSession
from boundwise.heuristics.linear import LinearMip
from boundwise.solvers.mip.parameters import LnsParameters
from boundwise.solvers.mip.presolved import PresolvedProblem
from boundwise.solvers.mip.search import Search

#: Share of the memory that is left which one engine may use.
_MEMORY = 0.3


class EnginePartner:
    """Let an engine search in turns.

    Parameters
    ----------
    engine
        The solver.
    mip
        The presolved problem as rows.
    search
        State shared by all parts of the run.
    problem
        The presolved problem.
    parameters
        How long the turns are.
    seed
        Seed of the engine.
    """

    concurrency = 1

    def __init__(
        self,
        engine: Engine,
        mip: LinearMip,
        search: Search,
        problem: PresolvedProblem,
        parameters: LnsParameters,
        seed: int,
    ) -> None:
        self.name = engine.name
        self._engine = engine
        self._mip = mip
        self._search = search
        self._problem = problem
        self._parameters = parameters
        self._seed = seed
        self._session: EngineSession | None = None

    @property
    def turn_length(self) -> float:
        """Length of a turn; longer while there is no solution to fall back on."""
        search = self._search
        length = search.budget.portion(self._parameters.engine_slice, 1.0, 30.0)
        return length if search.x is not None else 3.0 * length

    @property
    def failure(self) -> str | None:
        """Why the engine takes no turns any more, or None."""
        return self._session.failure if self._session is not None else None

    def is_ready(self) -> bool:
        """Tell whether the engine has something left to search."""
        session = self._session
        return session is None or not (session.is_finished or session.failure)

    def take_turn(self) -> None:
        """Search on."""
        search = self._search
        if self._session is None:
            memory = search.memory_left()
            self._session = self._engine.open(
                self._mip,
                seed=self._seed,
                memory=None if memory is None else _MEMORY * memory,
                gap=search.limits.gap,
            )
        best = search.pool.best if search.pool else None
        with search.budget.slice(self.turn_length) as (seconds, _):
            report = self._session.run(
                seconds=seconds,
                incumbent=best.values if best else None,
                interrupter=search.interrupter,
                on_solution=lambda values: search.offer(values, self.name),
                on_bound=lambda bound: search.raise_bound(bound, self.name),
                until=lambda: search.is_converged or search.proof is not None,
            )
        self._learn_from(report)

    def free(self) -> None:
        """End the engine's process."""
        if self._session is not None:
            self._session.close()

    def _learn_from(self, report: EngineReport) -> None:
        search = self._search
        with search.lock:
            search.raise_bound(report.bound, self.name)
            if report.proof is Status.OPTIMAL:
                search.close_gap_at(self._problem.to_user(report.bound), self.name)
            if report.proof is Status.INFEASIBLE and search.x is None:
                search.proof = Status.INFEASIBLE
