"""The dive itself, the same for every rule: SCIP's probing mode, driven level by level.

Loop: rank the fractional variables of the LP solution once; round the first that
propagation has not settled, in a probing node of its own; propagate; when enough
domains have changed, solve the LP again and rank anew. A dead end takes back the last
decision, once, and decides the other way. When every candidate could be rounded
without breaking a row, the whole LP solution is rounded and tried.

Every solution passes SCIP's own check, so a dive can waste time but not be wrong.
"""

import time
from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

import numpy as np

from boundwise.core.arguments import as_number
from boundwise.heuristics.dives.rule import Candidates, DiveRule
from boundwise.heuristics.dives.view import ScipView

#: Iterations that an LP may always use: one that is cut short was for nothing.
_LEAST_ITERATIONS = 100


class DiveEnding(StrEnum):
    """Why a dive ended."""

    LEAF = "leaf"
    """No candidate was left: the LP solution is integral (and was tried)."""
    DEAD_END = "dead end"
    """Both directions of a decision were cut off."""
    LIMIT = "limit"
    """A limit on levels, iterations or seconds."""
    STOPPED = "stopped"
    """The run as a whole has to stop, or the LP could not be solved."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DiveLimits:
    """State what one dive may use.

    Parameters
    ----------
    levels
        Probing nodes.
    iterations
        Simplex iterations.
    seconds
        CPU seconds of this thread; inf does not look at the clock.
    """

    levels: int = 1000
    iterations: int = 10_000
    seconds: float = np.inf

    def __post_init__(self) -> None:
        """Validate the limits."""
        for name in ("levels", "iterations", "seconds"):
            as_number(name, getattr(self, name), above=0, finite=False)


@dataclass(frozen=True, slots=True)
class DiveReport:
    """Report how a dive went.

    Parameters
    ----------
    ending
        Why it ended.
    levels
        Probing nodes that were made.
    lps, iterations
        LPs solved, and their simplex iterations.
    backtracks
        Decisions that were taken back.
    conflicts
        Nodes that propagation or the LP cut off. SCIP's conflict analysis looks at
        each; how many constraints it makes of them cannot be asked.
    n_solutions
        Solutions that SCIP took.
    """

    ending: DiveEnding
    levels: int
    lps: int
    iterations: int
    backtracks: int
    conflicts: int
    n_solutions: int


@dataclass(frozen=True, slots=True)
class _Decision:
    variable: Any
    value: float
    floor: float
    up: bool

    @property
    def distance(self) -> float:
        """How far the variable is moved from its LP value, negative for down."""
        return self.floor + self.up - self.value

    def opposite(self) -> "_Decision":
        return _Decision(self.variable, self.value, self.floor, not self.up)


class _EndOfDiveError(Exception):
    """Leave the dive from any depth of the code."""

    def __init__(self, ending: DiveEnding) -> None:
        super().__init__(ending)
        self.ending = ending


def dive(
    model: Any,
    view: ScipView,
    rule: DiveRule,
    *,
    rng: np.random.Generator,
    limits: DiveLimits | None = None,
    threshold: float = 0.05,
    heuristic: Any = None,
    should_stop: Callable[[], bool] | None = None,
) -> DiveReport:
    """Dive once from the present node.

    Parameters
    ----------
    model
        A ``pyscipopt.Model`` inside a heuristic callback, its LP solved to optimality.
    view
        View of this model, see `ScipView`.
    rule
        Ranks the candidates.
    rng
        Source of the tie-breaking.
    limits
        What the dive may use.
    threshold
        Share of the integer domains that must have changed before the LP is solved
        again, in [0, 1].
    heuristic
        The ``pyscipopt.Heur`` to which SCIP books the solutions.
    should_stop
        Asked after each LP.

    Returns
    -------
    DiveReport
        How it went. The node is as before, whatever happened.
    """
    threshold = as_number("threshold", threshold, at_least=0, at_most=1)
    run = _Dive(
        model,
        view,
        rule,
        rng,
        limits or DiveLimits(),
        threshold,
        heuristic,
        should_stop,
    )
    model.startProbing()
    try:
        ending = run.descend()
    finally:
        model.endProbing()
    run.update_pseudocosts()
    return run.report(ending)


class _Dive:
    def __init__(
        self,
        model: Any,
        view: ScipView,
        rule: DiveRule,
        rng: np.random.Generator,
        limits: DiveLimits,
        threshold: float,
        heuristic: Any,
        should_stop: Callable[[], bool] | None,
    ) -> None:
        self._model = model
        self._view = view
        self._rule = rule
        self._rng = rng
        self._limits = limits
        self._enough = threshold * max(1, int(view.is_integer.sum()))
        self._heuristic = heuristic
        self._should_stop = should_stop
        self._started = time.thread_time()
        self._first_iteration = model.getNLPIterations()
        self._objective = model.getLPObjVal()
        self._rounded: list[_Decision] = []
        self._losses: list[tuple[_Decision, float, float]] = []
        self._last: _Decision | None = None
        self._changes = 0
        self._levels = self._lps = 0
        self._backtracks = self._conflicts = self._solutions = 0

    def report(self, ending: DiveEnding) -> DiveReport:
        return DiveReport(
            ending,
            self._levels,
            self._lps,
            self._iterations(),
            self._backtracks,
            self._conflicts,
            self._solutions,
        )

    def update_pseudocosts(self) -> None:
        """Tell SCIP what roundings cost, as its own dives do: branching relies on it.

        SCIP learns nothing in probing mode, so this comes after it.
        """
        update = self._model.updateVarPseudocost
        for decision, lost, part in self._losses:
            update(decision.variable, decision.distance, part * lost, part)

    def descend(self) -> DiveEnding:
        try:
            while True:
                variables, candidates = self._view.candidates()
                if len(candidates) == 0:
                    self._try()
                    return DiveEnding.LEAF
                # The LP of the node itself is rounded by SCIP (and is not to be had
                # as a solution in probing mode).
                if self._lps and candidates.roundable.all():
                    self._try_rounded(variables, candidates)
                self._round_some(variables, candidates)
        except _EndOfDiveError as end:
            return end.ending

    def _round_some(self, variables: list[Any], candidates: Candidates) -> None:
        """Round in the order of the ranking until the LP has been solved again."""
        ranking = self._rule.rank(candidates, self._view, self._rng)
        order = np.argsort(-ranking.scores, kind="stable").tolist()
        values = candidates.values.tolist()
        floors = np.floor(candidates.values).tolist()
        self._changes = 0
        self._rounded.clear()
        for k in order:
            variable, floor = variables[k], floors[k]
            # Settled since by propagation: the LP value is cut off on one side.
            middle = floor + 0.5
            if variable.getLbLocal() > middle or variable.getUbLocal() < middle:
                continue
            self._decide(_Decision(variable, values[k], floor, bool(ranking.up[k])))
            if self._changes > self._enough:
                break
        self._solve_lp()

    def _decide(self, decision: _Decision) -> None:
        if self._levels >= self._limits.levels:
            raise _EndOfDiveError(DiveEnding.LIMIT)
        self._last = decision
        if not self._apply(decision):
            self._flip()

    def _flip(self) -> None:
        """Take the last decision back and decide the other way, if not done yet."""
        if self._last is None:
            raise _EndOfDiveError(DiveEnding.DEAD_END)
        wrong, self._last = self._last, None
        if self._rounded and self._rounded[-1] is wrong:
            self._rounded.pop()
        self._model.backtrackProbing(self._model.getProbingDepth() - 1)
        self._backtracks += 1
        if not self._apply(wrong.opposite()):
            raise _EndOfDiveError(DiveEnding.DEAD_END)

    def _apply(self, decision: _Decision) -> bool:
        model = self._model
        model.newProbingNode()
        self._levels += 1
        if decision.up:
            model.chgVarLbProbing(decision.variable, decision.floor + 1.0)
        else:
            model.chgVarUbProbing(decision.variable, decision.floor)
        cutoff, changes = model.propagateProbing(0)
        self._changes += 1 + changes
        self._conflicts += cutoff
        if not cutoff:
            self._rounded.append(decision)
        return not cutoff

    def _solve_lp(self) -> None:
        if not self._lp_is_feasible():
            self._flip()
            if not self._lp_is_feasible():
                raise _EndOfDiveError(DiveEnding.DEAD_END)
        self._book_losses()

    def _book_losses(self) -> None:
        """Share what the objective lost by the roundings since the last LP."""
        before, self._objective = self._objective, self._model.getLPObjVal()
        lost = max(0.0, self._objective - before)
        for decision in self._rounded:
            self._losses.append((decision, lost, 1.0 / len(self._rounded)))

    def _lp_is_feasible(self) -> bool:
        from pyscipopt import SCIP_LPSOLSTAT

        left = self._limits.iterations - self._iterations()
        if left <= 0 or time.thread_time() - self._started > self._limits.seconds:
            raise _EndOfDiveError(DiveEnding.LIMIT)
        if self._should_stop is not None and self._should_stop():
            raise _EndOfDiveError(DiveEnding.STOPPED)
        self._lps += 1
        error, cutoff = self._model.solveProbingLP(max(left, _LEAST_ITERATIONS))
        if error:
            raise _EndOfDiveError(DiveEnding.STOPPED)
        if cutoff:
            self._conflicts += 1
            return False
        status = self._model.getLPSolstat()
        if status == SCIP_LPSOLSTAT.ITERLIMIT:
            raise _EndOfDiveError(DiveEnding.LIMIT)
        if status != SCIP_LPSOLSTAT.OPTIMAL:
            raise _EndOfDiveError(DiveEnding.STOPPED)
        return True

    def _iterations(self) -> int:
        return int(self._model.getNLPIterations() - self._first_iteration)

    def _try(self, rounded: list[tuple[Any, float]] | None = None) -> None:
        model = self._model
        solution = model.createSol(self._heuristic, initlp=True)
        for variable, value in rounded or ():
            model.setSolVal(solution, variable, value)
        if model.trySol(solution, printreason=False):
            self._solutions += 1

    def _try_rounded(self, variables: list[Any], candidates: Candidates) -> None:
        floors = np.floor(candidates.values)
        values = np.where(candidates.locks_down == 0, floors, floors + 1.0)
        self._try(list(zip(variables, values.tolist(), strict=True)))
