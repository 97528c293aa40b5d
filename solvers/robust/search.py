"""Local search over binary first stages, screened by pooled scenarios.

A decision is at least as bad as its recourse in any stored scenario. Changes of one
item and swaps of two are screened by the scenarios, the deadliest first; what survives
is attacked by the problem's own worst case, whose scenario joins the pool. At a local
optimum a few random items are changed. Where worst cases are not exact, the best
decisions are compared once more on all scenarios at the end.
"""

import itertools
import math

import numpy as np

from boundwise.instances.robust.arrays import Floats
from boundwise.solvers.robust.problem import WorstCase
from boundwise.solvers.robust.run import Run

#: Relative improvement that counts.
_STEP = 1e-9
#: Seconds of one attack while the search goes on.
_ATTACK_SECONDS = 0.25
#: Decisions that are compared at the end, where worst cases are not exact.
_ELITE = 8
#: Share of the remaining time kept for the final attacks.
_FINAL_SHARE = 0.2
_FEWEST_CHANGES, _MOST_CHANGES = 2, 5


class Search:
    """Search one problem; the run must have an incumbent.

    Parameters
    ----------
    run
        The run.
    """

    def __init__(self, run: Run) -> None:
        self._run = run
        self._problem = run.problem
        self._items = np.flatnonzero(run.problem.first_stage.is_integer)
        self._pool = [run.problem.uncertainty.nominal, *run.scenarios]
        self._elite: dict[bytes, tuple[float, Floats]] = {}

    def improve(self, rounds: float = math.inf) -> None:
        """Search until the clock ends or so many local optima have been left."""
        run = self._run
        assert run.x is not None
        assert run.worst is not None
        whole = run.clock
        share = 1.0 - _FINAL_SHARE if not run.worst.is_exact else 1.0
        run.clock = whole.slice(share * whole.remaining())
        x, cost = run.x, run.cost
        self._add(run.worst.scenario)
        self._keep(x, cost)
        while True:
            self._descend(x, cost)
            if run.clock.expired() or run.is_closed() or rounds <= 0:
                break
            rounds -= 1
            run.iterations += 1
            x = self._kicked()
            cost = self._attacked(x, math.inf)
        run.clock = whole
        self._compare()

    def _descend(self, x: Floats, cost: float) -> None:
        """Make improving changes until there are none."""
        moved = True
        while moved and not self._run.clock.expired():
            moved = False
            goal = cost - _STEP * max(1.0, abs(cost))
            for neighbour in self._neighbours(x):
                if self._run.clock.expired():
                    return
                worst = self._attacked(neighbour, goal)
                if worst < goal:
                    x, cost, moved = neighbour, worst, True
                    break

    def _neighbours(self, x: Floats) -> list[Floats]:
        """Return all changes of one item and swaps of two, in random order."""
        rng = self._run.rng
        inside = [i for i in self._items if x[i] > 0.5]
        outside = [i for i in self._items if x[i] <= 0.5]
        moves = [[int(i)] for i in self._items]
        moves += [[int(i), int(j)] for i, j in itertools.product(inside, outside)]
        found = []
        for k in rng.permutation(len(moves)):
            neighbour = x.copy()
            neighbour[moves[k]] = 1.0 - neighbour[moves[k]]
            if self._problem.first_stage.accepts(neighbour):
                found.append(neighbour)
        return found

    def _kicked(self) -> Floats:
        """Change a few random items of the best decision."""
        rng, best = self._run.rng, self._run.x
        assert best is not None
        most = min(_MOST_CHANGES, len(self._items))
        for _ in range(100):
            count = int(rng.integers(min(_FEWEST_CHANGES, most), most + 1))
            chosen = rng.choice(self._items, count, replace=False)
            x = best.copy()
            x[chosen] = 1.0 - x[chosen]
            if self._problem.first_stage.accepts(x):
                return x
        return best

    def _attacked(self, x: Floats, goal: float) -> float:
        """Return the cost of a decision in its worst scenario known, or one >= goal."""
        run, problem = self._run, self._problem
        first = float(problem.first_stage.cost @ x)
        worst = -math.inf
        for k, scenario in enumerate(self._pool):
            value = first + float(problem.recourse_costs(x, scenario[None, :])[0])
            if value > worst:
                worst = value
                if value >= goal:
                    # The killer is asked first next time.
                    self._pool.insert(0, self._pool.pop(k))
                    return value
        clock = run.clock.slice(_ATTACK_SECONDS)
        attack = problem.worst_case(x, clock=clock, cutoff=goal)
        self._add(attack.scenario)
        cost = max(worst, attack.cost)
        if attack.is_exact or not run.clock.expired():
            run.note(x, WorstCase(cost, attack.bound, attack.scenario), "search")
            self._keep(x, cost)
        return cost

    def _add(self, scenario: Floats) -> None:
        if self._run.store(scenario):
            self._pool.insert(0, scenario)

    def _keep(self, x: Floats, cost: float) -> None:
        self._elite[x.tobytes()] = (cost, x)
        if len(self._elite) > 4 * _ELITE:
            ranked = sorted(self._elite.items(), key=lambda entry: entry[1][0])
            self._elite = dict(ranked[:_ELITE])

    def _compare(self) -> None:
        """Attack the best decisions in earnest, and keep the one that stands best."""
        run, problem = self._run, self._problem
        assert run.worst is not None
        if run.worst.is_exact:
            return
        scenarios = np.array(self._pool)
        ranked = sorted(self._elite.values(), key=lambda entry: entry[0])[:_ELITE]
        best: tuple[float, Floats, WorstCase] | None = None
        for k, (_, x) in enumerate(ranked):
            first = float(problem.first_stage.cost @ x)
            costs = first + problem.recourse_costs(x, scenarios)
            at = int(np.argmax(costs))
            limit = math.inf if best is None else best[0]
            if costs[at] >= limit:
                continue
            seconds = run.clock.remaining() / (len(ranked) - k)
            attack = problem.worst_case(x, clock=run.clock.slice(seconds), cutoff=limit)
            worse = attack.cost >= costs[at]
            scenario = attack.scenario if worse else scenarios[at]
            cost = max(attack.cost, float(costs[at]))
            if cost < limit:
                best = (cost, x, WorstCase(cost, max(cost, attack.bound), scenario))
        if best is not None:
            run.x, run.worst = best[1], best[2]
