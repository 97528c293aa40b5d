"""Local search over the decisions of a knapsack, every incumbent evaluated exactly.

Start from the static solutions of all budget prices; a relaxed recourse in the pooled
scenarios screens what is evaluated, see `boundwise.solvers.robust.screened`.
"""

from boundwise.instances.robust.arrays import Floats
from boundwise.solvers.robust.knapsack.evaluate import Evaluator
from boundwise.solvers.robust.knapsack.problem import RobustKnapsack
from boundwise.solvers.robust.knapsack.screen import KnapsackScreen
from boundwise.solvers.robust.knapsack.static import static_decisions
from boundwise.solvers.robust.problem import WorstCase
from boundwise.solvers.robust.run import Run
from boundwise.solvers.robust.screened import ScreenedSearch

#: Static solutions that are evaluated.
_STARTS = 12
#: Local optima this much worse than the best (relative) are searched from as well.
_TOLERANCE = 0.002


class KnapsackSearch(ScreenedSearch):
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
        self._evaluator = Evaluator(problem)
        self._pool = KnapsackScreen(problem.instance)
        self._pool.add(problem.uncertainty.nominal)
        super().__init__(run, self._pool, _TOLERANCE)

    def start(self) -> None:
        """Evaluate the static solutions, so that the best one is among them."""
        _, decisions = static_decisions(self._problem.instance)
        for x in decisions[:_STARTS]:
            if self._run.clock.expired() and self._run.x is not None:
                return
            self.evaluate(x, self._run.cost, "static")

    def evaluate(
        self, x: Floats, cutoff: float, who: str, scenario: int = 0
    ) -> WorstCase:
        """Evaluate a decision exactly, or until it is proven to exceed the cutoff."""
        start = self._pool.scenarios[scenario]
        worst = self._evaluator.worst_case(x, start, self._run.clock, cutoff)
        self._run.note(x, worst, who)
        self._pool.add(worst.scenario)
        return worst
