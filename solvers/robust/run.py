"""What all methods of a robust run share: incumbent, bound, scenarios, clock, trace."""

import math
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from boundwise.core.trace import Trace
from boundwise.instances.robust.arrays import Floats
from boundwise.solvers.robust.clock import Clock
from boundwise.solvers.robust.problem import EXACT_TOL, TwoStageProblem, WorstCase

#: Two scenarios this close (sum of absolute differences) are the same.
SAME_SCENARIO = 1e-3
#: The same where rows are uncertain: a reaction may cease to be feasible in between.
_SAME_WITH_ROWS = 1e-7
#: Share of the time that one evaluation may take while others are to come.
PATIENCE_SHARE = 0.02


def is_among(
    stored: Sequence[Floats], scenario: Floats, tolerance: float = SAME_SCENARIO
) -> bool:
    """Tell whether a scenario is stored, up to a sum of absolute differences."""
    if not len(stored):
        return False
    return bool(np.abs(np.array(stored) - scenario).sum(axis=1).min() < tolerance)


@dataclass(slots=True, kw_only=True)
class Run:
    """Hold one run on one problem; costs are minimised throughout.

    Parameters
    ----------
    problem, clock, trace, rng
        What is solved, until when, where it is recorded, and its random numbers.
    gap
        Relative gap at which the incumbent counts as optimal.
    patience
        Most seconds of one evaluation; those that are not exact may take all there is.
    """

    problem: TwoStageProblem
    clock: Clock
    trace: Trace
    rng: np.random.Generator
    gap: float = 1e-6
    patience: float = math.inf
    x: Floats | None = None
    worst: WorstCase | None = None
    bound: float = -math.inf
    iterations: int = 0
    evaluations: int = 0
    scenarios: list[Floats] = field(default_factory=list)
    evaluated: list[Floats] = field(default_factory=list)
    stats: dict[str, Any] = field(default_factory=dict)
    notes: dict[str, float] = field(default_factory=dict)

    @property
    def same(self) -> float:
        """Distance below which two scenarios are the same."""
        rows = self.problem.second_stage.has_uncertain_rows
        return _SAME_WITH_ROWS if rows else SAME_SCENARIO

    @property
    def cost(self) -> float:
        """Worst-case cost of the incumbent: proven if it can be, else the worst found.

        Infinite without an incumbent.
        """
        return math.inf if self.worst is None else self.worst.cost

    def evaluate(self, x: Floats, who: str) -> WorstCase:
        """Evaluate a decision, keep it if it is the best, and return its worst case.

        The evaluation stops as soon as the decision is proven worse than the best.
        """
        worst = self.attack(x, self.cost)
        self.evaluated.append(np.array(x))
        self.note(x, worst, who)
        return worst

    def attack(self, x: Floats, cutoff: float = math.inf) -> WorstCase:
        """Return the worst case of a decision, as far as patience goes."""
        clock = self.clock.slice(self.patience)
        return self.problem.worst_case(x, clock=clock, cutoff=cutoff)

    def confirm(self) -> None:
        """Evaluate the incumbent in all the time that is left, unless it is proven."""
        if self.x is None or self.worst is None or self.worst.is_exact:
            return
        found = self.problem.worst_case(self.x, clock=self.clock)
        worse = max((found, self.worst), key=lambda worst: worst.cost)
        bound = max(worse.cost, min(found.bound, self.worst.bound))
        self.revise(self.x, WorstCase(worse.cost, bound, worse.scenario))

    def note(self, x: Floats, worst: WorstCase, who: str) -> bool:
        """Take an evaluated decision; return whether it is the best so far."""
        self.evaluations += 1
        worst = self._raised(worst)
        # What an evaluation knows when the time is over is too optimistic.
        doubtful = not worst.is_exact and self.worst is not None
        better = worst.cost < self.cost or self._is_surer(worst)
        if better and doubtful and self.clock.expired():
            return False
        # Whoever proposes a decision is told what it was worth.
        self.notes[who] = min(self.notes.get(who, math.inf), worst.cost)
        if not better:
            return False
        self.x, self.worst = np.array(x), worst
        self._record(who)
        return True

    def revise(self, x: Floats, worst: WorstCase) -> None:
        """Replace the incumbent, whose worst case is not what it was thought to be."""
        self.x, self.worst = np.array(x), self._raised(worst)

    def raise_bound(self, bound: float, who: str) -> None:
        """Take a proven lower bound on the optimal cost.

        It is one for every decision: an incumbent whose evaluation was too kind, since
        it was not exact, is not thought to be better any more.
        """
        if bound > self.bound:
            self.bound = bound
            if self.worst is not None:
                self.worst = self._raised(self.worst)
            self._record(who)

    def is_closed(self) -> bool:
        """Tell whether incumbent and bound have met."""
        if self.worst is None or not math.isfinite(self.bound):
            return False
        return self.worst.bound - self.bound <= self.gap * max(1.0, abs(self.cost))

    def is_known(self, scenario: Floats) -> bool:
        """Tell whether a scenario is stored."""
        return is_among(self.scenarios, scenario, self.same)

    def store(self, scenario: Floats) -> bool:
        """Store a scenario; return False if it is stored already."""
        if self.is_known(scenario):
            return False
        self.scenarios.append(np.array(scenario))
        return True

    def _raised(self, worst: WorstCase) -> WorstCase:
        """Return an evaluation with what every decision costs at least."""
        if worst.cost >= self.bound:
            return worst
        return WorstCase(self.bound, max(self.bound, worst.bound), worst.scenario)

    def _is_surer(self, worst: WorstCase) -> bool:
        """Tell whether a cost is as good as the incumbent's, and better proven."""
        if self.worst is None:
            return False
        return worst.cost <= self.cost + EXACT_TOL * max(1.0, abs(self.cost)) and (
            worst.bound < self.worst.bound and worst.is_exact
        )

    def _record(self, who: str) -> None:
        sign = -1.0 if self.problem.sense == "maximize" else 1.0
        self.trace.record(sign * self.cost, sign * self.bound, who)
