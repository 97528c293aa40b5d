"""The main problem of finitely many scenarios, by a copy of the recourse for each.

    min  c x + z   s.t.   z >= cost(x, y_s, xi_s),   y_s in Y(x, xi_s)   for all s

It is a relaxation of the robust problem: its dual bound is one on the robust optimum.
With the nominal scenario alone it is the nominal problem.
"""

from typing import Any

import numpy as np

from boundwise.core.errors import InputError
from boundwise.heuristics.scip.settings import set_seed
from boundwise.heuristics.scip.transfer import make_solution, read_values
from boundwise.instances.robust.arrays import Floats
from boundwise.solvers.robust.clock import Clock
from boundwise.solvers.robust.problem import TwoStageProblem
from boundwise.solvers.robust.scip_models import (
    add_first_stage,
    add_scenario,
    first_cost,
    new_model,
)

#: SCIP's tolerance where rows are uncertain. With 1e-7 some problems of three to eight
#: projects are not closed. (SoPlex then says now and then that it takes 1e-10 for a
#: thousandth of it.)
_FEASIBILITY = 1e-9


class ScenarioModel:
    """A main problem that grows by scenarios.

    Parameters
    ----------
    problem
        The problem.
    seed
        Seed of SCIP's random choices.
    """

    def __init__(self, problem: TwoStageProblem, seed: int = 0) -> None:
        self._problem = problem
        self.model = new_model()
        set_seed(self.model, seed)
        if problem.second_stage.has_uncertain_rows:
            # In a bad scenario a reaction is only just not feasible.
            self.model.setParam("numerics/feastol", _FEASIBILITY)
        self._x = add_first_stage(self.model, problem)
        self._copies: list[tuple[list[Any], Floats]] = []
        self._z: Any = None

    def add(self, scenario: Floats) -> None:
        """Add the copy of a scenario."""
        model = self.model
        model.freeTransform()
        if self._z is None:
            self._z = model.addVar("z", lb=None)
            model.setObjective(first_cost(self._problem, self._x) + self._z)
        y, cost = add_scenario(model, self._problem, self._x, scenario)
        model.addCons(self._z >= cost)
        self._copies.append((y, np.array(scenario)))

    @property
    def scenarios(self) -> list[Floats]:
        """The scenarios that have a copy."""
        return [scenario for _, scenario in self._copies]

    def solve(
        self, clock: Clock, gap: float, start: Floats | None = None
    ) -> tuple[Floats | None, float, bool]:
        """Solve the main problem.

        Parameters
        ----------
        clock
            When to stop.
        gap
            Relative gap at which to stop.
        start
            A decision to start from.

        Returns
        -------
        tuple
            The best decision found (None if none), the dual bound, and whether it
            was solved to the gap.

        Raises
        ------
        InputError
            If there is no decision with a recourse in all scenarios.
        """
        model = self.model
        model.freeTransform()
        model.setParam("limits/gap", gap)
        if start is not None:
            self._offer(start)
        status = clock.optimize(model)
        if status == "infeasible":
            raise InputError(
                "the problem has no first-stage decision with a feasible recourse in "
                "every scenario."
            )
        if status in ("unbounded", "inforunbd"):
            raise InputError("the problem is unbounded.")
        bound = float(model.getDualbound())
        if not model.getNSols():
            return None, bound, False
        x = read_values(model, model.getBestSol(), self._x)
        stage = self._problem.first_stage
        x = np.where(stage.is_integer, np.rint(x), x)
        x = np.clip(x, stage.lower, stage.upper)
        return x, bound, status in ("optimal", "gaplimit")

    def free(self) -> None:
        """Free the model."""
        self.model.free()

    def _offer(self, x: Floats) -> None:
        """Hand a decision with its recourses to SCIP."""
        reactions = [self._problem.recourse(x, xi) for _, xi in self._copies]
        values, variables = [x], list(self._x)
        worst = max((r.cost for r in reactions), default=0.0)
        for (y, _), reaction in zip(self._copies, reactions, strict=True):
            if reaction.y is None:
                return
            values.append(reaction.y)
            variables += y
        if self._z is not None:
            values.append(np.array([worst]))
            variables.append(self._z)
        solution = make_solution(self.model, variables, np.concatenate(values))
        self.model.addSol(solution)
