"""A two-stage problem given by its arrays; every answer that SCIP can give."""

import math
from collections.abc import Sequence
from typing import get_args

import numpy as np

from boundwise.core.errors import InputError, SolverError
from boundwise.core.result import Sense
from boundwise.heuristics.scip.transfer import read_values
from boundwise.instances.robust.arrays import Floats
from boundwise.solvers.robust.adversary import worst_case_by_rows
from boundwise.solvers.robust.clock import Clock
from boundwise.solvers.robust.policy_adversary import worst_case_by_policies
from boundwise.solvers.robust.problem import Recourse, ScenarioFeatures, WorstCase
from boundwise.solvers.robust.scip_models import (
    add_first_stage,
    add_scenario,
    new_model,
)
from boundwise.solvers.robust.stages import FirstStage, Policy, SecondStage
from boundwise.solvers.robust.uncertainty import UncertaintySet


class LinearTwoStage:
    """A two-stage robust problem from arrays, see `TwoStageProblem`.

    Override `recourse` or `worst_case` where your problem has something faster.

    Parameters
    ----------
    first_stage, second_stage
        The arrays of the two stages.
    uncertainty
        The scenarios.
    sense
        ``"maximize"`` if results shall show the negative of the costs.
    names
        Names of the first-stage variables.

    Raises
    ------
    InputError
        If the parts do not fit together.
    """

    def __init__(
        self,
        first_stage: FirstStage,
        second_stage: SecondStage,
        uncertainty: UncertaintySet,
        *,
        sense: Sense = "minimize",
        names: Sequence[str] = (),
    ) -> None:
        if sense not in get_args(Sense):
            raise InputError(f"sense must be minimize or maximize, got {sense!r}.")
        n, q = second_stage.x_matrix.shape[1], second_stage.cost_slope.shape[1]
        if (first_stage.n, uncertainty.dimension) != (n, q):
            raise InputError(
                f"second_stage is for {n} decisions and {q} uncertain quantities, the "
                f"others have {first_stage.n} and {uncertainty.dimension}."
            )
        if names and len(names) != n:
            raise InputError(f"names must be {n} names, got {len(names)}.")
        self.first_stage = first_stage
        self.second_stage = second_stage
        self.uncertainty = uncertainty
        self.sense: Sense = sense
        self.names = tuple(names) or tuple(f"x{i}" for i in range(n))

    def recourse(self, x: Floats, scenario: Floats) -> Recourse:
        """Return the best reaction y and its cost Q(x, xi), by SCIP.

        Raises
        ------
        SolverError
            If SCIP ends without an answer.
        """
        model = new_model()
        try:
            y, cost = add_scenario(model, self, x, scenario)
            model.setObjective(cost, "minimize")
            status = Clock().optimize(model)
            if status == "infeasible":
                return Recourse(math.inf, None)
            if status != "optimal":
                raise SolverError(f"the recourse was not solved (SCIP: {status}).")
            values = read_values(model, model.getBestSol(), y)
        finally:
            model.free()
        stage = self.second_stage
        whole = stage.is_integer
        values = np.where(whole, np.rint(values), values)
        values = np.clip(values, stage.lower, stage.upper)
        price = stage.cost_at(scenario) @ values + stage.x_cost_at(scenario) @ x
        return Recourse(float(price), values)

    def recourse_costs(self, x: Floats, scenarios: Floats) -> Floats:
        """Return Q(x, xi) for many scenarios, shape (count,)."""
        return np.array([self.recourse(x, scenario).cost for scenario in scenarios])

    def worst_case(
        self, x: Floats, *, clock: Clock | None = None, cutoff: float = math.inf
    ) -> WorstCase:
        """Return the worst case of a decision, see `TwoStageProblem.worst_case`."""
        if self.second_stage.has_uncertain_rows:
            return worst_case_by_policies(
                lambda scenario: self._react(x, scenario),
                self.uncertainty,
                clock=clock or Clock(),
                cutoff=cutoff,
            )
        return worst_case_by_rows(
            lambda scenario: self._react(x, scenario),
            self.uncertainty,
            clock=clock or Clock(),
            cutoff=cutoff,
        )

    def policy(self, x: Floats, y: Floats) -> Policy:
        """Return cost and uncertain rows of (x, y) as functions of the scenario."""
        first = float(self.first_stage.cost @ x)
        return self.second_stage.policy(first, x, y)

    def sample_decision(self, rng: np.random.Generator) -> Floats:
        """Return the decision that is best for random costs, by SCIP."""
        model = new_model()
        try:
            x = add_first_stage(model, self)
            weights = rng.normal(size=len(x)).tolist()
            model.setObjective(sum(w * v for w, v in zip(weights, x, strict=True)))
            Clock().optimize(model)
            if not model.getNSols():
                raise InputError("the first stage has no feasible decision.")
            values = read_values(model, model.getBestSol(), x)
        finally:
            model.free()
        whole = self.first_stage.is_integer
        return np.where(whole, np.rint(values), values)

    def decision_features(self) -> Floats:
        """Return cost and bounds of each first-stage variable, shape (n, 3)."""
        stage = self.first_stage
        return np.column_stack([stage.cost, stage.lower, stage.upper])

    def scenario_features(self) -> ScenarioFeatures:
        """Return one element for each uncertain quantity, with its value and bounds."""
        q = self.uncertainty.dimension
        constant = np.zeros((q, 3))
        constant[:, 1], constant[:, 2] = self.uncertainty.lower, self.uncertainty.upper
        slope = np.zeros((q, 3, q))
        slope[np.arange(q), 0, np.arange(q)] = 1.0
        return ScenarioFeatures(constant, slope)

    def _react(self, x: Floats, scenario: Floats) -> tuple[float, Policy]:
        answer = self.recourse(x, scenario)
        if answer.y is None:
            zero = np.zeros(self.second_stage.size)
            return math.inf, self.policy(x, zero)
        certain = float(self.first_stage.cost @ x)
        return certain + answer.least, self.policy(x, answer.y)
