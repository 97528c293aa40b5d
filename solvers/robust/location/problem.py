"""Two-stage robust facility location: uncertain demands.

    min_x  opening x + max_{xi}  min_{f, u}  transport f + penalty u
    s.t.   sum_i f_ij + u_j >= d_j + e_j xi_j,   sum_j f_ij <= capacity_i x_i

over binary x and f, u >= 0, with xi in [0, 1]^m and sum xi <= Gamma. The recourse is a
linear program and convex in xi; its dual gives the worst case (see `worst_case`).
"""

import math
from typing import Any, Self

import numpy as np
from scipy.sparse import csr_array, eye_array, hstack, kron, vstack

from boundwise.instances.robust.arrays import Floats
from boundwise.instances.robust.location import LocationInstance
from boundwise.solvers.robust.clock import Clock
from boundwise.solvers.robust.linear import LinearTwoStage
from boundwise.solvers.robust.location.transport import Transport
from boundwise.solvers.robust.location.worst_case import solve_worst_case
from boundwise.solvers.robust.problem import Recourse, ScenarioFeatures, WorstCase
from boundwise.solvers.robust.stages import FirstStage, SecondStage
from boundwise.solvers.robust.uncertainty import BudgetSet


class RobustFacilityLocation(LinearTwoStage):
    """Two-stage robust facility location; results show the worst-case cost.

    The recourse y lists the flows, facility by facility, then what is not served.

    Parameters
    ----------
    opening, capacity, demand, surge, transport, penalty, gamma
        Data of n facilities and m customers, see `LocationInstance`.

    Raises
    ------
    InputError
        If a value is not finite or negative where it must not be, or shapes differ.

    Examples
    --------
    >>> problem = RobustFacilityLocation(
    ...     opening=[5.0, 5.0], capacity=[8.0, 8.0], demand=[3.0, 3.0],
    ...     surge=[2.0, 1.0], transport=[[1.0, 2.0], [2.0, 1.0]],
    ...     penalty=[9.0, 9.0], gamma=1.0,
    ... )
    >>> worst = problem.worst_case(np.array([1.0, 1.0]))
    >>> worst.cost, worst.is_exact
    (18.0, True)
    """

    def __init__(
        self,
        *,
        opening: Any,
        capacity: Any,
        demand: Any,
        surge: Any,
        transport: Any,
        penalty: Any,
        gamma: float,
    ) -> None:
        self.instance = LocationInstance(
            opening=opening,
            capacity=capacity,
            demand=demand,
            surge=surge,
            transport=np.asarray(transport, dtype=np.float64),
            penalty=penalty,
            gamma=gamma,
        )
        data = self.instance
        super().__init__(
            FirstStage(
                cost=data.opening,
                lower=np.zeros(data.n),
                upper=np.ones(data.n),
                is_integer=np.ones(data.n, dtype=bool),
            ),
            _second_stage(data),
            BudgetSet(data.m, data.gamma),
        )
        self._transport: Transport | None = None

    @classmethod
    def from_instance(cls, instance: LocationInstance) -> Self:
        """Return the problem of an instance that was generated."""
        return cls(
            opening=instance.opening,
            capacity=instance.capacity,
            demand=instance.demand,
            surge=instance.surge,
            transport=instance.transport,
            penalty=instance.penalty,
            gamma=instance.gamma,
        )

    def recourse(self, x: Floats, scenario: Floats) -> Recourse:
        """Return the cheapest flows and their cost, by a linear program."""
        if self._transport is None:
            self._transport = Transport(self.instance)
        data = self.instance
        demand = data.demand + data.surge * scenario
        cost, y = self._transport.solve(data.capacity * x, demand)
        return Recourse(cost, y)

    def worst_case(
        self, x: Floats, *, clock: Clock | None = None, cutoff: float = math.inf
    ) -> WorstCase:
        """Return the worst case by the dual, exact unless the clock stops it."""
        first = float(self.first_stage.cost @ x)
        scenario, bound = solve_worst_case(self.instance, x, clock or Clock())
        cost = first + self.recourse(x, scenario).cost
        return WorstCase(cost, max(cost, first + bound), scenario)

    def sample_decision(self, rng: np.random.Generator) -> Floats:
        """Return a random decision: each facility with one random probability."""
        share = rng.random()
        return (rng.random(self.instance.n) < share).astype(np.float64)

    def decision_features(self) -> Floats:
        """Return opening, capacity, mean and least transport cost: shape (n, 4)."""
        data = self.instance
        return np.column_stack(
            [
                data.opening,
                data.capacity,
                data.transport.mean(axis=1),
                data.transport.min(axis=1),
            ]
        )

    def scenario_features(self) -> ScenarioFeatures:
        """Return demand, penalty, mean and least transport cost of each customer."""
        data = self.instance
        m = data.m
        constant = np.column_stack(
            [
                data.demand,
                data.penalty,
                data.transport.mean(axis=0),
                data.transport.min(axis=0),
            ]
        )
        slope = np.zeros((m, 4, m))
        slope[np.arange(m), 0, np.arange(m)] = data.surge
        return ScenarioFeatures(constant, slope)


def _second_stage(data: LocationInstance) -> SecondStage:
    n, m = data.n, data.m
    size = n * m + m
    most = data.demand + data.surge
    supply = hstack([kron(eye_array(n), np.ones((1, m))), csr_array((n, m))])
    served = np.hstack([np.tile(-np.eye(m), n), -np.eye(m)])
    # No flow through a closed facility: implied, but it tightens relaxations.
    linked = hstack([eye_array(n * m), csr_array((n * m, m))])
    reach = np.minimum(most[None, :], data.capacity[:, None]).ravel()
    opened = np.repeat(np.eye(n), m, axis=0)
    return SecondStage(
        cost=np.concatenate([data.transport.ravel(), data.penalty]),
        cost_slope=np.zeros((size, m)),
        lower=np.zeros(size),
        upper=np.concatenate([reach, most]),
        is_integer=np.zeros(size, dtype=bool),
        x_matrix=csr_array(
            np.vstack([-np.diag(data.capacity), -reach[:, None] * opened])
        ),
        y_matrix=csr_array(vstack([supply, linked])),
        rhs=np.zeros(n + n * m),
        uncertain_y=served,
        uncertain_rhs=-data.demand,
        uncertain_rhs_slope=-np.diag(data.surge),
    )
