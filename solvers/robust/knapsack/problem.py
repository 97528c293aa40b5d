"""The two-stage robust knapsack: uncertain profits, produce, repair or outsource.

    cost(x) = sum_i (f_i - p_i) x_i
              + max_{xi}  min_{y, r}  sum_i (d_i xi_i - f_i) y_i - d_i xi_i r_i
    s.t. sum_i c_i y_i + t_i r_i <= C,   r_i <= y_i <= x_i,   sum_i xi_i <= Gamma

with profits p, degradations d, outsourcing costs f, weights c and repair weights t.
Results show the profit, -cost.

Arslan, Detienne (2022), Decomposition-based approaches for a class of two-stage robust
binary optimization problems, doi:10.1287/ijoc.2021.1061.
"""

import math
from typing import Any, Self

import numpy as np
from scipy.sparse import csr_array, eye_array, hstack, vstack

from boundwise.instances.robust.arrays import Floats
from boundwise.instances.robust.knapsack import KnapsackInstance
from boundwise.solvers.robust.adversary import worst_case_by_rows
from boundwise.solvers.robust.clock import Clock
from boundwise.solvers.robust.knapsack.recourse import (
    PLAIN,
    REPAIRED,
    solve_recourse,
)
from boundwise.solvers.robust.linear import LinearTwoStage
from boundwise.solvers.robust.problem import Recourse, ScenarioFeatures, WorstCase
from boundwise.solvers.robust.stages import FirstStage, Policy, SecondStage
from boundwise.solvers.robust.uncertainty import BudgetSet


class RobustKnapsack(LinearTwoStage):
    """A two-stage robust knapsack; results show the worst-case profit.

    The recourse y lists first which items are produced, then which are repaired.

    Parameters
    ----------
    profit, degradation, repair, weight, outsource
        Data of the n items, see `boundwise.instances.robust.knapsack`.
    capacity
        Capacity.
    gamma
        Budget of uncertainty.

    Raises
    ------
    InputError
        If a value is not finite, negative where it must not be, or lengths differ.

    Examples
    --------
    >>> problem = RobustKnapsack(
    ...     profit=[5, 4], degradation=[4, 1], repair=[1, 1], weight=[2, 2],
    ...     outsource=[6, 5], capacity=4, gamma=1,
    ... )
    >>> worst = problem.worst_case(np.array([1.0, 1.0]))
    >>> round(-worst.cost, 9), worst.is_exact
    (5.0, True)
    """

    def __init__(
        self,
        *,
        profit: Any,
        degradation: Any,
        repair: Any,
        weight: Any,
        outsource: Any,
        capacity: float,
        gamma: float,
    ) -> None:
        self.instance = KnapsackInstance(
            profit=profit,
            degradation=degradation,
            repair=repair,
            weight=weight,
            outsource=outsource,
            capacity=capacity,
            gamma=gamma,
        )
        super().__init__(
            _first_stage(self.instance),
            _second_stage(self.instance),
            BudgetSet(self.instance.n, self.instance.gamma),
            sense="maximize",
        )

    @classmethod
    def from_instance(cls, instance: KnapsackInstance) -> Self:
        """Return the problem of an instance that was read or generated."""
        return cls(
            profit=instance.profit,
            degradation=instance.degradation,
            repair=instance.repair,
            weight=instance.weight,
            outsource=instance.outsource,
            capacity=instance.capacity,
            gamma=instance.gamma,
        )

    def recourse(self, x: Floats, scenario: Floats) -> Recourse:
        """Return the best reaction y and its cost, exactly."""
        data = self.instance
        gain, error, choice = solve_recourse(
            data.weight,
            data.repair,
            data.outsource,
            data.degradation * scenario,
            x,
            data.capacity,
        )
        y = np.concatenate([choice >= PLAIN, choice == REPAIRED])
        return Recourse(-gain, y.astype(np.float64), error)

    def recourse_costs(self, x: Floats, scenarios: Floats) -> Floats:
        """Return the recourse cost in many scenarios, shape (count,)."""
        return np.array([self.recourse(x, scenario).cost for scenario in scenarios])

    def policy(self, x: Floats, y: Floats) -> Policy:
        """Return the cost of (x, y) as a function of the scenario."""
        data = self.instance
        produced, repaired = y[: data.n], y[data.n :]
        cost = float((data.outsource - data.profit) @ x - data.outsource @ produced)
        nothing = np.zeros(0)
        slope = data.degradation * (produced - repaired)
        return Policy(cost, slope, nothing, np.zeros((0, data.n)))

    def worst_case(
        self, x: Floats, *, clock: Clock | None = None, cutoff: float = math.inf
    ) -> WorstCase:
        """Return the exact worst case, see `TwoStageProblem.worst_case`."""
        return worst_case_by_rows(
            lambda scenario: self._react(x, scenario),
            self.uncertainty,
            clock=clock or Clock(),
            cutoff=cutoff,
        )

    def sample_decision(self, rng: np.random.Generator) -> Floats:
        """Return a random decision: each item with one random probability."""
        share = rng.random()
        return (rng.random(self.instance.n) < share).astype(np.float64)

    def decision_features(self) -> Floats:
        """Return weight, profit, degradation, outsource, repair, C: shape (n, 6)."""
        data = self.instance
        capacity = np.full(data.n, data.capacity)
        return np.column_stack(
            [
                data.weight,
                data.profit,
                data.degradation,
                data.outsource,
                data.repair,
                capacity,
            ]
        )

    def scenario_features(self) -> ScenarioFeatures:
        """Return xi_i and the features of each item, shape (n, 7)."""
        n = self.instance.n
        constant = np.column_stack([np.zeros(n), self.decision_features()])
        slope = np.zeros((n, 7, n))
        slope[np.arange(n), 0, np.arange(n)] = 1.0
        return ScenarioFeatures(constant, slope)


def _first_stage(data: KnapsackInstance) -> FirstStage:
    n = data.n
    return FirstStage(
        cost=data.outsource - data.profit,
        lower=np.zeros(n),
        upper=np.ones(n),
        is_integer=np.ones(n, dtype=bool),
    )


def _second_stage(data: KnapsackInstance) -> SecondStage:
    """Return r <= y, y <= x and the capacity; y lists (y, r)."""
    n = data.n
    one, none = eye_array(n, format="csr"), csr_array((n, n))
    capacity = csr_array(np.concatenate([data.weight, data.repair])[None, :])
    y_matrix = vstack(
        [capacity, hstack([-one, one]), hstack([one, none])], format="csr"
    )
    x_matrix = vstack([csr_array((1, n)), none, -one], format="csr")
    slope = np.vstack([np.diag(data.degradation), -np.diag(data.degradation)])
    return SecondStage(
        cost=np.concatenate([-data.outsource, np.zeros(n)]),
        cost_slope=slope,
        lower=np.zeros(2 * n),
        upper=np.ones(2 * n),
        is_integer=np.ones(2 * n, dtype=bool),
        x_matrix=csr_array(x_matrix),
        y_matrix=csr_array(y_matrix),
        rhs=np.concatenate([[data.capacity], np.zeros(2 * n)]),
    )
