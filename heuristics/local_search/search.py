"""Local search in slices: the compiled loop, completed by an LP, under limits.

The compiled loop runs in chunks of effort; between two chunks limits are looked at,
solutions are completed (integers fixed, LP for the rest), checked and handed over.
State is kept from one slice to the next.
"""

import math
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from boundwise.core.arguments import as_count, as_number
from boundwise.core.clock import now
from boundwise.core.errors import InputError
from boundwise.core.interrupt import Interrupter
from boundwise.heuristics.continuous_part import ContinuousPart
from boundwise.heuristics.linear import LinearMip
from boundwise.heuristics.local_search.arrays import make_search
from boundwise.heuristics.protocols import FloatVector

#: Effort of one chunk: some hundredths of a second.
_CHUNK = 400_000
#: Nonzeros that cost as much as one work unit, a thousand simplex iterations.
_NONZEROS_PER_WORK = 1e7
#: Chunks without a better solution before the search goes back to the best one, times
#: the next number of Luby's sequence: no length of a run suits all problems.
_PATIENCE = 8
#: Share of the effort that may go into completing points that are no solutions.
_HOPES = 0.25
#: Relative gain of the objective that is asked for.
_GAIN = 1e-4
#: Share of the variables that get new values where there is no solution to go back to,
#: and the range of those that have no bounds.
_SHAKEN, _WIDE = 0.1, 100.0


def luby(k: int) -> int:
    """Return the k-th number of Luby's sequence 1, 1, 2, 1, 1, 2, 4, 1, ...

    Luby, Sinclair, Zuckerman (1993), doi:10.1016/0020-0190(93)90029-9.

    Examples
    --------
    >>> [luby(k) for k in range(1, 16)]
    [1, 1, 2, 1, 1, 2, 4, 1, 1, 2, 1, 1, 2, 4, 8]
    """
    while k & (k + 1):
        k -= (1 << (k.bit_length() - 1)) - 1
    return (k + 1) // 2


@dataclass(frozen=True, slots=True)
class LocalSearchReport:
    """Report how a slice of local search went.

    Parameters
    ----------
    n_solutions
        Number of solutions handed over, each better than the one before.
    objective
        Objective of the best solution of all slices; ``inf`` if none.
    effort
        Nonzeros looked at.
    steps
        Moves tried.
    """

    n_solutions: int
    objective: float
    effort: int
    steps: int

    @property
    def work(self) -> float:
        """Effort in the work units by which runs are limited."""
        return work_of_nonzeros(self.effort)


def work_of_nonzeros(effort: float) -> float:
    """Return the work units that so much effort costs."""
    return effort / _NONZEROS_PER_WORK


def nonzeros_of(work: float) -> float:
    """Return the effort that so many work units allow."""
    return work * _NONZEROS_PER_WORK


class LocalSearch:
    """Search a problem by moving one variable at a time.

    Violated rows are repaired by moves chosen by weighted scores; once there is a
    solution, the objective is one more row to be repaired. Good on problems that are
    mostly integer, with many solutions near each other; of little use where the
    continuous variables carry the structure (flows, lot sizes), and no proof of
    anything.

    Parameters
    ----------
    mip
        The problem.
    seed
        Seed of all random choices.
    by_amounts
        Whether moves are jumps, scored by weighted amounts of violation (Luteberget
        and Sartor 2023), instead of tight moves, scored by levels (Lin, Cai, Zou, Lin
        2023): the former are made for finding a first solution.

    Raises
    ------
    InputError
        If the seed is negative.
    """

    def __init__(
        self, mip: LinearMip, *, seed: int = 0, by_amounts: bool = False
    ) -> None:
        seed = as_count("seed", seed, least=0)
        self._mip = mip
        self._by_amounts = by_amounts
        self._completion = ContinuousPart(mip)
        self._search = make_search(mip, seed)
        col = self._search.col
        # Crossed bounds: an integer variable has no value at all.
        self._is_hopeless = bool((col["lower"] > col["upper"]).any())
        col["x"] = np.clip(0.0, col["lower"], col["upper"])
        self._last_start: FloatVector | None = None
        self._best: FloatVector | None = None
        self._objective = math.inf
        self._limit = math.inf
        self._stalled = self._n_restarts = self._spent = self._n_seen = 0
        self._rng = np.random.default_rng(seed)

    @property
    def best(self) -> FloatVector | None:
        """The best solution found or given, or None."""
        return self._best

    def run(
        self,
        *,
        seconds: float = math.inf,
        effort: float = math.inf,
        on_solution: Callable[[FloatVector], object],
        start: FloatVector | None = None,
        cutoff: float = math.inf,
        interrupter: Interrupter | None = None,
        until: Callable[[], bool] | None = None,
    ) -> LocalSearchReport:
        """Search for a slice of time or effort.

        Parameters
        ----------
        seconds
            Wall-clock seconds.
        effort
            Nonzeros to look at. With ``seconds=inf`` the run is reproducible.
        on_solution
            Receives each solution, which is better than all before.
        start
            Point to go to first, shape (n,), feasible or not; the same point given
            again is not gone back to, so that the search goes on where it was.
        cutoff
            Only solutions of objective below this are looked for.
        interrupter
            Can stop the search between two chunks.
        until
            Asked between two chunks; the slice ends when it returns true.

        Returns
        -------
        LocalSearchReport
            How the slice went.

        Raises
        ------
        InputError
            If a limit is negative, the start has the wrong shape or is not finite, or
            all limits are infinite and nothing else can stop the search.
        """
        self._check_limits(seconds, effort, cutoff, interrupter, until)
        if start is not None:
            self._go_to(np.asarray(start, dtype=np.float64))
        deadline = now() + seconds
        own = self._search.own[0]
        used, n_solutions, first_step = 0, 0, int(own["step"])
        self._aim_below(min(cutoff, self._objective))
        if self._best is not None and not self._mip.objective.any():
            return LocalSearchReport(0, self._objective, 0, 0)
        while used < effort and not self._is_hopeless:
            if interrupter is not None and interrupter.requested:
                break
            if now() >= deadline or (until is not None and until()):
                break
            used += self._chunk(effort - used)
            before = self._completion.effort
            solution = self._harvest(deadline - now())
            used += self._completion.effort - before
            if solution is not None:
                n_solutions += 1
                on_solution(solution)
                if not self._mip.objective.any():
                    break
        return LocalSearchReport(
            n_solutions, self._objective, used, int(own["step"]) - first_step
        )

    def _check_limits(
        self,
        seconds: float,
        effort: float,
        cutoff: float,
        interrupter: Interrupter | None,
        until: Callable[[], bool] | None,
    ) -> None:
        for name, value in (("seconds", seconds), ("effort", effort)):
            as_number(name, value, at_least=0, finite=False)
        as_number("cutoff", cutoff, finite=False)
        if math.isinf(min(seconds, effort)) and interrupter is None and until is None:
            raise InputError("seconds, effort, interrupter or until must end the run.")

    def _chunk(self, left: float) -> int:
        """Run the compiled loop once; return what it cost."""
        from boundwise.heuristics.local_search.kernel import run

        size = len(self._search.row_entry) + len(self._search.row)
        budget = max(_CHUNK, 4 * size)
        cost = run(self._search, int(min(budget, left)), self._by_amounts)
        self._spent += int(cost)
        return int(cost)

    def _harvest(self, seconds: float) -> FloatVector | None:
        """Return what the last chunk has found, completed and checked, or None."""
        own = self._search.own[0]
        found = own["n_found"] > self._n_seen
        self._n_seen = int(own["n_found"])
        point = np.array(self._search.col["best" if found else "x"])
        share = 1.0 if found else _HOPES
        # Without a solution, an LP may see one that moves of one variable do not.
        wanted = found or (self._best is None and len(self._mip.continuous) > 0)
        completed = None
        if wanted and self._completion.effort <= share * self._spent:
            completed = self._completion.complete(point, seconds)
        if completed is not None:
            point = completed
        elif not found:
            self._note_stall()
            return None
        self._stalled = self._n_restarts = 0
        value = self._mip.value(point)
        is_solution = value < self._limit and self._mip.is_feasible(point)
        if is_solution:
            self._best, self._objective, self._limit = point, value, value
            self._search.col["x"] = point
        self._aim_below(self._limit)
        return point.copy() if is_solution else None

    def _aim_below(self, limit: float) -> None:
        """Ask the compiled loop for solutions of objective below a limit."""
        self._limit = limit
        self._search.own["best"] = limit
        if math.isfinite(limit) and self._mip.objective.any():
            gain = max(float(self._search.own["grid"][0]), _GAIN * max(1.0, abs(limit)))
            self._search.row["upper"][-1] = limit - gain

    def _go_to(self, start: FloatVector) -> None:
        if start.shape != self._mip.lower.shape or not np.isfinite(start).all():
            raise InputError(
                f"start must hold {self._mip.n_variables} finite numbers, got shape "
                f"{start.shape}."
            )
        if self._last_start is not None and np.array_equal(start, self._last_start):
            return
        self._last_start = start.copy()
        col = self._search.col
        point = np.where(self._mip.is_integer, np.round(start), start)
        point = np.clip(point, col["lower"], col["upper"])
        value = self._mip.value(point)
        if value < self._objective and self._mip.is_feasible(point):
            self._best, self._objective = point, value
        col["x"] = point

    def _note_stall(self) -> None:
        """After long without news, go back to the best solution with new weights."""
        self._stalled += 1
        if self._stalled < _PATIENCE * luby(self._n_restarts + 1):
            return
        self._stalled = 0
        self._n_restarts += 1
        col = self._search.col
        self._search.row["weight"] = 1.0
        if self._best is not None:
            col["x"] = self._best
            return
        chosen = self._rng.random(len(col)) < _SHAKEN
        low = np.maximum(col["lower"], -_WIDE)
        high = np.minimum(col["upper"], _WIDE)
        drawn = low + self._rng.random(len(col)) * np.maximum(high - low, 0.0)
        drawn = np.where(self._mip.is_integer, np.round(drawn), drawn)
        col["x"] = np.where(
            chosen, np.clip(drawn, col["lower"], col["upper"]), col["x"]
        )
