"""Local search over the decisions of capital budgeting.

A decision that no pooled scenario rules out is attacked; what the attack finds joins
the pool, and all good decisions are asked again there. So the incumbent is the decision
that stands best in everything that is known, at any time. Before the search, main
problems of a few bad scenarios propose decisions: with many projects one scenario often
decides, and the dual bound of its main problem tells when there is nothing better. At
the end the best decisions are attacked by the search over boxes, which also proves a
guarantee.
"""

import itertools
import math

import numpy as np

from boundwise.instances.robust.arrays import Floats
from boundwise.solvers.robust.budgeting.attack import attack
from boundwise.solvers.robust.budgeting.problem import RobustCapitalBudgeting
from boundwise.solvers.robust.budgeting.screen import BudgetingScreen
from boundwise.solvers.robust.budgeting.worst_case import ask
from boundwise.solvers.robust.problem import WorstCase
from boundwise.solvers.robust.run import Run, is_among
from boundwise.solvers.robust.scenario_model import ScenarioModel
from boundwise.solvers.robust.screen import Rows
from boundwise.solvers.robust.screened import ScreenedSearch

#: Local optima this much worse than the best (relative) are searched from as well:
#: as much as whole projects cost against the relaxation.
_TOLERANCE = 0.005
#: Starts and trials of an attack on what may be the best, and on what is.
_STARTS, _TRIALS = 4, 40
_HARD_STARTS, _HARD_TRIALS = 12, 150
#: Uniform scenarios that a new best decision meets.
_UNIFORM = 500
#: Decisions that are asked again in each new scenario.
_ELITE = 12
#: Share of the time that is kept for the last attacks.
_FINAL_SHARE = 0.15
#: Main problems before the search, the share of the time that all of them take, and
#: their nodes.
_MAINS, _MAIN_SHARE, _MAIN_NODES = 5, 0.15, 10_000
#: Factors up to which all corners of the box are scenarios from the start.
_CORNERS = 6


#: Asks the one scenario that there is.
_ONLY = np.zeros(1, dtype=np.int64)


class BudgetingSearch(ScreenedSearch):
    """Search one problem without loans; the run must have an incumbent.

    Parameters
    ----------
    problem
        The problem.
    run
        Its run.
    """

    def __init__(self, problem: RobustCapitalBudgeting, run: Run) -> None:
        self._problem = problem
        self._data = problem.kernel_data(np.zeros(problem.instance.n))
        matrix = problem.first_stage.matrix
        assert matrix is not None
        rows = Rows(matrix.toarray(), problem.first_stage.row_upper)
        self._pool = BudgetingScreen(self._data, rows)
        q = problem.uncertainty.dimension
        super().__init__(run, self._pool, _TOLERANCE)
        self._elite: dict[bytes, tuple[float, Floats, Floats]] = {}
        self._first: set[bytes] = set()
        self._final = math.inf
        for scenario in run.scenarios:
            self._pool.add(scenario)
        self._add(problem.uncertainty.nominal)
        if q <= _CORNERS:
            for corner in itertools.product((-1.0, 1.0), repeat=q):
                self._add(np.array(corner))

    def improve(self, rounds: float = math.inf) -> None:
        """Search, then attack the best decisions in earnest."""
        run = self._run
        assert run.x is not None
        assert run.worst is not None
        self._final = _FINAL_SHARE * run.clock.remaining()
        for x in run.evaluated[-_ELITE:]:
            # What it begins with stays: a guess that falls may leave it the best.
            cost, at = self._pool.cost(x, math.inf)
            self._keep(x, WorstCase(cost, math.inf, self._pool.scenarios[at].copy()))
        self._first = set(self._elite)
        self._ask_again(run.x)
        if rounds > 0:
            self._propose()
        while True:
            whole = run.clock
            if math.isfinite(self._final):
                run.clock = whole.slice(max(0.0, whole.remaining() - self._final))
            super().improve(rounds)
            run.clock = whole
            known, rounds = run.cost, 0.5 * rounds
            self._compare()
            # What falls in the last attacks leaves something to find.
            if run.cost <= known or rounds < 1 or run.clock.remaining() < self._final:
                return

    def is_done(self) -> bool:
        """Tell whether nothing is better in the scenarios that are known."""
        run = self._run
        return run.cost - run.bound <= run.gap * max(1.0, abs(run.cost))

    def _propose(self) -> None:
        """Evaluate the decisions of main problems, each with one bad scenario more."""
        run = self._run
        assert run.worst is not None
        whole = run.clock
        run.clock = whole.slice(_MAIN_SHARE * whole.remaining())
        main, scenario = ScenarioModel(self._problem), run.worst.scenario
        main.model.setParam("limits/nodes", _MAIN_NODES)
        try:
            for left in range(_MAINS, 0, -1):
                if run.clock.expired() or is_among(main.scenarios, scenario, run.same):
                    return
                main.add(scenario)
                clock = run.clock.slice(run.clock.remaining() / left)
                x, bound, _ = main.solve(clock, run.gap)
                run.raise_bound(bound, "main")
                if x is None or self.is_done():
                    return
                cutoff = run.cost + _TOLERANCE * abs(run.cost)
                scenario = self.evaluate(x, cutoff, "main").scenario
        finally:
            main.free()
            run.clock = whole

    def evaluate(
        self, x: Floats, cutoff: float, who: str, scenario: int = 0
    ) -> WorstCase:
        """Attack a decision that no scenario of the pool rules out."""
        run = self._run
        run.evaluations += 1
        cost, at = self._pool.cost(x, cutoff, scenario)
        worst = self._pool.scenarios[at].copy()
        if cost < cutoff:
            cost, worst = self._attacked(x, cost, worst, cutoff)
        if cost < min(cutoff, run.cost):
            cost, worst = self._attacked(x, cost, worst, run.cost, hard=True)
        found = WorstCase(cost, math.inf, worst)
        if cost < cutoff:
            self._keep(x, found)
            run.note(x, found, who)
        return found

    def _attacked(
        self, x: Floats, cost: float, worst: Floats, cutoff: float, hard: bool = False
    ) -> tuple[float, Floats]:
        """Attack a decision of which something is known; return cost and scenario."""
        starts = self._hard_starts(x) if hard else self._starts(x, _STARTS)[1]
        trials = _HARD_TRIALS if hard else _TRIALS
        rng = self._run.rng
        value, scenario = attack(
            self._data, x, starts, trials, cutoff, rng, self._run.clock
        )
        if value > cost:
            cost, worst = value, scenario
            self._add(scenario)
        return cost, worst

    def _starts(self, x: Floats, count: int) -> tuple[Floats, Floats]:
        """Return costs and scenarios of the worst of the pool."""
        costs, where = self._pool.dearest(x, count)
        return costs, self._pool.scenarios[where]

    def _hard_starts(self, x: Floats) -> Floats:
        """Return the worst scenarios of the pool and of many uniform ones."""
        run = self._run
        costs, pooled = self._starts(x, _HARD_STARTS)
        uniform = run.problem.uncertainty.sample(run.rng, _UNIFORM)
        least = float(costs[-1])
        more, where = ask(
            self._data, x, uniform, np.arange(_UNIFORM), len(costs), known=least
        )
        found = where >= 0
        starts = np.vstack([pooled, uniform[where[found]]])
        order = np.argsort(-np.concatenate([costs, more[found]]), kind="stable")
        return starts[order[: len(costs)]]

    def _keep(self, x: Floats, found: WorstCase) -> None:
        self._elite[x.tobytes()] = (found.cost, x.copy(), found.scenario)
        later = self._elite.keys() - self._first
        if len(later) > _ELITE:
            del self._elite[max(later, key=lambda key: self._elite[key][0])]

    def _add(self, scenario: Floats) -> None:
        """Add a scenario, and ask the best decisions again in it."""
        run = self._run
        if not run.store(scenario):
            return
        self._pool.add(scenario)
        for key, (cost, x, _) in self._elite.items():
            [value], [where] = ask(self._data, x, scenario[None], _ONLY, 1, known=cost)
            if where >= 0:
                self._elite[key] = (float(value), x, scenario)
        self._settle()

    def _settle(self) -> None:
        """Make the decision that stands best in all scenarios the incumbent."""
        run = self._run
        if not self._elite or run.worst is None:
            return
        cost, x, worst = min(self._elite.values(), key=lambda entry: entry[0])
        same = self._is_incumbent(x)
        if cost > run.cost or not same:
            bound = max(cost, run.worst.bound) if same else math.inf
            run.revise(x, WorstCase(cost, bound, worst))

    def _is_incumbent(self, x: Floats) -> bool:
        best = self._run.x
        return best is not None and np.array_equal(x, best)

    def _ask_again(self, x: Floats) -> None:
        """Attack the incumbent hard; another decision may take its place."""
        worst = self._run.worst
        assert worst is not None
        self._keep(x, worst)
        cost, scenario = self._attacked(
            x, worst.cost, worst.scenario, math.inf, hard=True
        )
        self._keep(x, WorstCase(cost, max(cost, worst.bound), scenario))
        self._settle()

    def _compare(self) -> None:
        """Attack the best by boxes too, as long as another becomes the best."""
        run = self._run
        asked: set[bytes] = set()
        while not run.clock.expired():
            x = run.x
            assert x is not None
            assert run.worst is not None
            if x.tobytes() in asked:
                return
            asked.add(x.tobytes())
            self._ask_again(x)
            if not self._is_incumbent(x):
                continue
            whole = run.clock
            run.clock = whole.slice(0.5 * min(self._final, whole.remaining()))
            run.confirm()
            run.clock = whole
            self._keep(x, run.worst)
            self._add(run.worst.scenario)
            self._settle()
