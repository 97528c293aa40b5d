"""Local search over binary first stages, screened by bounds in pooled scenarios.

    descend: a screen bounds all changes of one or two items from below; those that may
             be better are evaluated, the most promising first; the first better one is
             taken
    kick:    change a few random items of the best, descend the screen's bound, evaluate

Whatever fails leaves its worst scenario in the screen, so that the screen learns.
"""

import math
from abc import ABC, abstractmethod

import numpy as np
from numpy.typing import NDArray

from boundwise.instances.robust.arrays import Floats
from boundwise.solvers.robust.problem import WorstCase
from boundwise.solvers.robust.run import Run
from boundwise.solvers.robust.screen import ScenarioScreen

#: Relative improvement that counts.
STEP = 1e-9
#: Numbers of random changes at a local optimum.
_FEWEST_CHANGES, _MOST_CHANGES = 2, 7


class ScreenedSearch(ABC):
    """Search one problem whose first stage is binary.

    Parameters
    ----------
    run
        Its run.
    screen
        Bounds on the costs of decisions, from scenarios that are known.
    tolerance
        Local optima this much worse than the best (relative) are searched from too.
    """

    def __init__(self, run: Run, screen: ScenarioScreen, tolerance: float) -> None:
        self._run = run
        self._screen = screen
        self._tolerance = tolerance

    @abstractmethod
    def evaluate(
        self, x: Floats, cutoff: float, who: str, scenario: int = 0
    ) -> WorstCase:
        """Evaluate a decision for the run; its worst scenario joins the screen.

        Parameters
        ----------
        x
            The decision.
        cutoff
            Stop as soon as the cost is proven to exceed this.
        who
            Who proposes it.
        scenario
            Number of the scenario of the screen to look at first.
        """

    def improve(self, rounds: float = math.inf) -> None:
        """Search until the clock ends or so many local optima have been left.

        Parameters
        ----------
        rounds
            Number of kicks; the run must have an incumbent.
        """
        run = self._run
        assert run.x is not None
        self._descend(run.x.copy(), run.cost)
        while rounds > 0 and not run.clock.expired() and not self.is_done():
            rounds -= 1
            run.iterations += 1
            x = self._kicked(run.x)
            cutoff = run.cost + self._tolerance * abs(run.cost)
            bound, scenario = self._screen.bound(x)
            if bound >= cutoff:
                continue
            cost = self.evaluate(x, cutoff, "search", scenario).cost
            if cost <= cutoff:
                self._descend(x, cost)

    def is_done(self) -> bool:
        """Tell whether there is nothing better to find."""
        return self._run.is_closed()

    def _descend(self, x: Floats, cost: float) -> None:
        """Make improving changes of one or two items until there are none."""
        moved = True
        while moved and not self._run.clock.expired():
            moved = False
            goal = cost - STEP * max(1.0, abs(cost))
            _, pairs = self._screen.neighbours(x, goal)
            for pair in pairs:
                neighbour = changed(x, pair)
                bound, scenario = self._screen.bound(neighbour)
                if bound >= goal:
                    continue
                worst = self.evaluate(neighbour, goal, "search", scenario)
                if worst.cost < goal:
                    x, cost, moved = neighbour, worst.cost, True
                    break
                if self._run.clock.expired():
                    break

    def _kicked(self, x: Floats) -> Floats:
        """Change a few random items, then descend the screen's bound."""
        rng = self._run.rng
        n = len(x)
        count = min(n, int(rng.integers(_FEWEST_CHANGES, _MOST_CHANGES + 1)))
        x = self._allowed(changed(x, rng.choice(n, count, replace=False)))
        while True:
            bound, _ = self._screen.bound(x)
            goal = bound - STEP * max(1.0, abs(bound))
            bounds, pairs = self._screen.neighbours(x, goal)
            if not len(bounds) or self._run.clock.expired():
                return x
            x = changed(x, pairs[0])

    def _allowed(self, x: Floats) -> Floats:
        """Take random items out until x is a first-stage decision."""
        stage, rng = self._run.problem.first_stage, self._run.rng
        while not stage.accepts(x) and (x > 0.5).any():
            x[rng.choice(np.flatnonzero(x > 0.5))] = 0.0
        return x


def changed(x: Floats, items: NDArray[np.int64]) -> Floats:
    """Return x with some items changed; the same one twice is changed once."""
    other = x.copy()
    chosen = np.unique(items)
    other[chosen] = 1.0 - other[chosen]
    return other
