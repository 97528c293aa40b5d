"""Local search over the decisions of a knapsack, every incumbent evaluated exactly.

Start from the static solutions of all budget prices. A relaxed recourse in the pooled
scenarios screens all changes of one or two items; the most promising are evaluated
exactly, and a change that improves is made. Whatever fails leaves its worst scenario
in the pool, so that the screen learns. At a local optimum a few random items are
changed, the relaxed cost is descended, and the search goes on from there.
"""

import math

import numpy as np
from numpy.typing import NDArray

from boundwise.instances.robust.arrays import Floats
from boundwise.solvers.robust.knapsack.evaluate import Evaluator
from boundwise.solvers.robust.knapsack.problem import RobustKnapsack
from boundwise.solvers.robust.knapsack.screen import Screen
from boundwise.solvers.robust.knapsack.static import static_decisions
from boundwise.solvers.robust.problem import WorstCase
from boundwise.solvers.robust.run import Run

#: Relative improvement that counts.
_STEP = 1e-9
#: Static solutions that are evaluated.
_STARTS = 12
#: Numbers of random changes at a local optimum.
_FEWEST_CHANGES, _MOST_CHANGES = 2, 7
#: Local optima this much worse than the best (relative) are searched from as well.
_TOLERANCE = 0.002


class KnapsackSearch:
    """Search one knapsack.

    Parameters
    ----------
    problem
        The knapsack.
    run
        Its run.
    """

    def __init__(self, problem: RobustKnapsack, run: Run) -> None:
        self._problem = problem
        self._run = run
        self._evaluator = Evaluator(problem)
        self._screen = Screen(problem.instance)
        self._screen.add(problem.uncertainty.nominal)

    def start(self) -> None:
        """Evaluate the static solutions, so that the best one is among them."""
        _, decisions = static_decisions(self._problem.instance)
        for x in decisions[:_STARTS]:
            if self._run.clock.expired() and self._run.x is not None:
                return
            self._evaluate(x, self._run.cost, "static")

    def improve(self, rounds: float = math.inf) -> None:
        """Search until the clock ends or so many local optima have been left."""
        run = self._run
        if run.x is None:
            self.start()
        assert run.x is not None
        x, cost = self._descend(run.x.copy(), run.cost)
        while rounds > 0 and not run.clock.expired() and not run.is_closed():
            rounds -= 1
            run.iterations += 1
            x = self._kicked(run.x)
            bound, scenario = self._screen.bound(x)
            if bound >= run.cost * (1.0 - math.copysign(_TOLERANCE, -run.cost)):
                continue
            cutoff = run.cost + _TOLERANCE * abs(run.cost)
            cost = self._evaluate(x, cutoff, "search", scenario).cost
            if cost <= cutoff:
                self._descend(x, cost)

    def _descend(self, x: Floats, cost: float) -> tuple[Floats, float]:
        """Make improving changes of one or two items until there are none."""
        moved = True
        while moved and not self._run.clock.expired():
            moved = False
            goal = cost - _STEP * max(1.0, abs(cost))
            _, pairs = self._screen.neighbours(x, goal)
            for pair in pairs:
                neighbour = _changed(x, pair)
                bound, scenario = self._screen.bound(neighbour)
                if bound >= goal:
                    continue
                worst = self._evaluate(neighbour, goal, "search", scenario)
                if worst.cost < goal:
                    x, cost, moved = neighbour, worst.cost, True
                    break
                if self._run.clock.expired():
                    break
        return x, cost

    def _kicked(self, x: Floats) -> Floats:
        """Change a few random items, then descend the relaxed cost."""
        rng = self._run.rng
        n = len(x)
        count = min(n, int(rng.integers(_FEWEST_CHANGES, _MOST_CHANGES + 1)))
        x = _changed(x, rng.choice(n, count, replace=False))
        while True:
            bound, _ = self._screen.bound(x)
            goal = bound - _STEP * max(1.0, abs(bound))
            bounds, pairs = self._screen.neighbours(x, goal)
            if not len(bounds):
                return x
            x = _changed(x, pairs[0])

    def _evaluate(
        self, x: Floats, cutoff: float, who: str, scenario: int = 0
    ) -> WorstCase:
        start = self._screen.scenarios[scenario]
        worst = self._evaluator.worst_case(x, start, self._run.clock, cutoff)
        self._run.note(x, worst, who)
        self._screen.add(worst.scenario)
        return worst


def _changed(x: Floats, items: NDArray[np.int64]) -> Floats:
    """Return x with some items changed; the same one twice is changed once."""
    other = x.copy()
    chosen = np.unique(items)
    other[chosen] = 1.0 - other[chosen]
    return other
