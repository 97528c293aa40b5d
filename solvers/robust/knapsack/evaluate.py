"""Exact worst cases of many similar decisions: reactions of one serve the next."""

import math
from collections import deque

import numpy as np

from boundwise.instances.robust.arrays import Floats
from boundwise.solvers.robust.adversary import worst_case_by_rows
from boundwise.solvers.robust.clock import Clock
from boundwise.solvers.robust.knapsack.problem import RobustKnapsack
from boundwise.solvers.robust.problem import WorstCase
from boundwise.solvers.robust.stages import Policy

#: Reactions that are kept for the decisions to come.
_KEPT = 40


class Evaluator:
    """Evaluate decisions of one knapsack.

    A reaction to one decision, cut down to the items of another, is feasible there.

    Parameters
    ----------
    problem
        The knapsack.
    """

    def __init__(self, problem: RobustKnapsack) -> None:
        self._problem = problem
        self._reactions: deque[Floats] = deque(maxlen=_KEPT)

    def worst_case(
        self, x: Floats, start: Floats, clock: Clock, cutoff: float = math.inf
    ) -> WorstCase:
        """Return the worst case of a decision, see `TwoStageProblem.worst_case`.

        Parameters
        ----------
        x
            The decision.
        start
            A scenario that may be bad for it.
        clock
            When to stop.
        cutoff
            Stop as soon as the cost is proven to exceed this.
        """
        problem = self._problem
        first = float(problem.first_stage.cost @ x)
        accepted = np.concatenate([x, x])

        def react(scenario: Floats) -> tuple[float, Policy]:
            answer = problem.recourse(x, scenario)
            assert answer.y is not None
            self._reactions.append(answer.y)
            return first + answer.least, problem.policy(x, answer.y)

        known = [problem.policy(x, y * accepted) for y in self._reactions]
        return worst_case_by_rows(
            react,
            problem.uncertainty,
            clock=clock,
            cutoff=cutoff,
            policies=known,
            start=start,
        )
