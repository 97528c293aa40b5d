"""Two-stage robust capital budgeting: uncertain revenues and costs.

    max_x  min_{xi}  max_y   revenue(xi) (x + k y)
    s.t.   cost(xi) x <= B for all xi,   cost(xi) (x + y) <= B,   x + y <= 1,   binary

With loans, B becomes B + x0 in the first stage and B + x0 + y0 in the second, and
interest (x0 + markup y0) is paid. Costs grow and fall with phi xi / 2, revenues with
psi xi / 2, xi in the box [-1, 1]^q. Results show the profit.

Hanasusanto, Kuhn, Wiesemann (2015), K-adaptability in two-stage robust binary
programming, doi:10.1287/opre.2015.1392.
"""

import itertools
import math
from typing import Any, Self

import numpy as np
from scipy.sparse import csr_array, eye_array, hstack

from boundwise.instances.robust.arrays import Floats
from boundwise.instances.robust.budgeting import BudgetingInstance, Loans
from boundwise.solvers.robust.budgeting.attack import attack
from boundwise.solvers.robust.budgeting.worst_case import (
    RECOURSE_TOL,
    Data,
    costs_at,
    search_worst_case,
)
from boundwise.solvers.robust.clock import Clock
from boundwise.solvers.robust.knapsack.recourse import OUT, solve_recourse
from boundwise.solvers.robust.linear import LinearTwoStage
from boundwise.solvers.robust.problem import Recourse, ScenarioFeatures, WorstCase
from boundwise.solvers.robust.stages import FirstStage, SecondStage
from boundwise.solvers.robust.uncertainty import BoxSet

#: Seed, starts of each kind and trials of the attack before the search over boxes.
_SEED, _STARTS, _TRIALS = 0, 10, 25


class RobustCapitalBudgeting(LinearTwoStage):
    """Two-stage robust capital budgeting; results show the worst-case profit.

    x lists the n projects and, with loans, the first loan; y likewise.

    Parameters
    ----------
    cost, revenue, cost_risk, revenue_risk, budget, late_share, loans
        Data of the n projects, see `BudgetingInstance`.

    Raises
    ------
    InputError
        If a value is not finite or out of range, or shapes differ.

    Examples
    --------
    >>> problem = RobustCapitalBudgeting(
    ...     cost=[2.0, 4.0], revenue=[1.0, 2.0], cost_risk=[[1.0], [1.0]],
    ...     revenue_risk=[[1.0], [1.0]], budget=4.5,
    ... )
    >>> problem.recourse(np.array([1.0, 0.0]), np.array([0.0])).cost
    0.0
    """

    def __init__(
        self,
        *,
        cost: Any,
        revenue: Any,
        cost_risk: Any,
        revenue_risk: Any,
        budget: float,
        late_share: float = 0.8,
        loans: Loans | None = None,
    ) -> None:
        self.instance = BudgetingInstance(
            cost=cost,
            revenue=revenue,
            cost_risk=np.asarray(cost_risk, dtype=np.float64),
            revenue_risk=np.asarray(revenue_risk, dtype=np.float64),
            budget=budget,
            late_share=late_share,
            loans=loans,
        )
        q = self.instance.n_factors
        super().__init__(
            _first_stage(self.instance),
            _second_stage(self.instance),
            BoxSet(-np.ones(q), np.ones(q)),
            sense="maximize",
        )

    @classmethod
    def from_instance(cls, instance: BudgetingInstance) -> Self:
        """Return the problem of an instance that was read or generated."""
        return cls(
            cost=instance.cost,
            revenue=instance.revenue,
            cost_risk=instance.cost_risk,
            revenue_risk=instance.revenue_risk,
            budget=instance.budget,
            late_share=instance.late_share,
            loans=instance.loans,
        )

    def recourse(self, x: Floats, scenario: Floats) -> Recourse:
        """Return the best reaction y and its cost, exactly: a knapsack."""
        data = self.instance
        cost = data.cost * (1.0 + 0.5 * (data.cost_risk @ scenario))
        revenue = data.revenue * (1.0 + 0.5 * (data.revenue_risk @ scenario))
        early = x[: data.n]
        room = data.budget + self._loan(x) - float(cost @ early)
        limit, price = self._second_loan()
        if room + limit < -1e-6 * max(1.0, data.budget):
            return Recourse(math.inf, None)
        # Rounding in a decision that uses the whole budget must not forbid it.
        room = room if limit else max(0.0, room)
        nothing = np.zeros(data.n)
        gain, error, choice = solve_recourse(
            cost,
            nothing,
            data.late_share * revenue,
            nothing,
            1.0 - early,
            room,
            extra=limit,
            price=price,
            tolerance=RECOURSE_TOL,
        )
        late = (choice != OUT).astype(np.float64)
        value = float((data.revenue - revenue) @ early) - gain
        if data.loans is None:
            return Recourse(value, late, error)
        borrowed = min(limit, max(0.0, float(cost @ late) - room))
        return Recourse(value, np.append(late, borrowed), error)

    def recourse_costs(self, x: Floats, scenarios: Floats) -> Floats:
        """Return the recourse cost in many scenarios, shape (count,)."""
        n = self.instance.n
        certain = float(self.instance.revenue @ x[:n])
        return costs_at(self.kernel_data(x), x[:n], scenarios) + certain

    def worst_case(
        self, x: Floats, *, clock: Clock | None = None, cutoff: float = math.inf
    ) -> WorstCase:
        """Return the worst case by an attack, then a search over boxes of scenarios.

        See `TwoStageProblem.worst_case`; the bound is proven, and `is_exact` tells
        whether the search has closed the gap.
        """
        n = self.instance.n
        loan = float(self.first_stage.cost[n:] @ x[n:])
        data, limit = self.kernel_data(x), cutoff - loan
        # The same decision meets the same attack.
        rng = np.random.default_rng(_SEED)
        starts = np.vstack(
            [
                self.uncertainty.nominal,
                self.uncertainty.sample_vertices(rng, _STARTS),
                self.uncertainty.sample(rng, _STARTS),
            ]
        )
        clock = clock or Clock()
        _, scenario = attack(data, x[:n], starts, _TRIALS, limit, rng, clock)
        worst = search_worst_case(data, x[:n], scenario, clock, limit)
        return WorstCase(worst.cost + loan, worst.bound + loan, worst.scenario)

    def sample_decision(self, rng: np.random.Generator) -> Floats:
        """Return a random decision: projects in random order while they fit."""
        data = self.instance
        share = rng.random()
        x = np.zeros(self.first_stage.n)
        if data.loans is not None and rng.random() < 0.5:
            x[-1] = rng.uniform(0.0, data.loans.limit)
        for i in rng.permutation(data.n):
            if rng.random() < share:
                x[i] = 1.0
                if not self.first_stage.accepts(x):
                    x[i] = 0.0
        return x

    def decision_features(self) -> Floats:
        """Return cost and revenue of each variable (zeros for a loan): shape (n, 2)."""
        data = self.instance
        features = np.column_stack([data.cost, data.revenue])
        return features if data.loans is None else np.vstack([features, np.zeros(2)])

    def scenario_features(self) -> ScenarioFeatures:
        """Return the factors on cost and revenue, cost and revenue of each project."""
        data = self.instance
        n, q = data.n, data.n_factors
        constant = np.column_stack([np.ones(n), np.ones(n), data.cost, data.revenue])
        slope = np.zeros((n, 4, q))
        slope[:, 0, :] = 0.5 * data.cost_risk
        slope[:, 1, :] = 0.5 * data.revenue_risk
        return ScenarioFeatures(constant, slope)

    def kernel_data(self, x: Floats) -> Data:
        """Return what the kernels read; the loan of a decision is in the budget."""
        data = self.instance
        limit, price = self._second_loan()
        return Data(
            data.cost,
            data.revenue,
            data.cost_risk,
            data.revenue_risk,
            data.budget + self._loan(x),
            data.late_share,
            limit,
            price,
        )

    def _loan(self, x: Floats) -> float:
        return 0.0 if self.instance.loans is None else float(x[-1])

    def _second_loan(self) -> tuple[float, float]:
        loans = self.instance.loans
        return (
            (0.0, 0.0)
            if loans is None
            else (loans.limit, loans.interest * loans.markup)
        )


def _first_stage(data: BudgetingInstance) -> FirstStage:
    """Return x with its cost within the budget in all corners of the box."""
    loans = data.loans
    risk = 0.5 * data.cost_risk * data.cost[:, None]
    signs = np.array(list(itertools.product([-1.0, 1.0], repeat=data.n_factors)))
    # Risks of one sign have one worst corner.
    if (risk >= 0).all():
        signs = np.ones((1, data.n_factors))
    matrix = data.cost + signs @ risk.T
    if loans is not None:
        matrix = np.hstack([matrix, -np.ones((len(matrix), 1))])
    extra = [] if loans is None else [loans.limit]
    return FirstStage(
        cost=np.concatenate([-data.revenue, [loans.interest] if loans else []]),
        lower=np.zeros(data.n + len(extra)),
        upper=np.concatenate([np.ones(data.n), extra]),
        is_integer=np.arange(data.n + len(extra)) < data.n,
        matrix=csr_array(matrix),
        row_lower=np.full(len(matrix), -np.inf),
        row_upper=np.full(len(matrix), data.budget),
    )


def _second_stage(data: BudgetingInstance) -> SecondStage:
    n, q = data.n, data.n_factors
    loans = data.loans
    extra = 0 if loans is None else 1
    size = n + extra
    cost_slope = 0.5 * data.cost_risk * data.cost[:, None]
    revenue_slope = 0.5 * data.revenue_risk * data.revenue[:, None]
    pad = np.zeros((extra, q))
    once = hstack([eye_array(n), csr_array((n, extra))], format="csr")
    price = [] if loans is None else [loans.interest * loans.markup]
    spent = np.concatenate([data.cost, -np.ones(extra)])[None, :]
    spent_slope = np.vstack([cost_slope, pad])[None, :, :]
    return SecondStage(
        cost=np.concatenate([-data.late_share * data.revenue, price]),
        cost_slope=np.vstack([-data.late_share * revenue_slope, pad]),
        x_slope=np.vstack([-revenue_slope, pad]),
        lower=np.zeros(size),
        upper=np.concatenate([np.ones(n), [] if loans is None else [loans.limit]]),
        is_integer=np.arange(size) < n,
        x_matrix=csr_array(once),
        y_matrix=csr_array(once),
        rhs=np.ones(n),
        uncertain_x=spent,
        uncertain_y=spent,
        uncertain_x_slope=spent_slope,
        uncertain_y_slope=spent_slope,
        uncertain_rhs=np.array([data.budget]),
    )
