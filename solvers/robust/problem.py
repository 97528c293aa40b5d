"""Two-stage robust problems: decide x, the adversary picks xi, then decide y.

    min_{x in X}  max_{xi in Xi}  c x + Q(x, xi)
    Q(x, xi) = min_{y in Y(x, xi)}  d(xi) y

All methods of a problem speak of costs, which are minimised. A problem of profits has
``sense = "maximize"``: results then show the negative of the costs.
"""

import math
from dataclasses import dataclass
from typing import Protocol

import numpy as np

from boundwise.core.errors import InputError
from boundwise.core.result import Result, Sense
from boundwise.core.tolerances import FEAS_TOL
from boundwise.instances.robust.arrays import Floats, vector
from boundwise.solvers.robust.clock import Clock
from boundwise.solvers.robust.stages import FirstStage, Policy, SecondStage
from boundwise.solvers.robust.uncertainty import UncertaintySet

#: Relative difference at which a worst case counts as closed.
EXACT_TOL = 1e-6


@dataclass(frozen=True, slots=True, eq=False)
class Recourse:
    """The best reaction to a scenario.

    Parameters
    ----------
    cost
        Q(x, xi), without the certain cost c x; ``inf`` if no reaction is feasible.
    y
        The reaction, shape (p,); None if there is none.
    error
        By how much the best reaction may cost less than this one.
    """

    cost: float
    y: Floats | None
    error: float = 0.0

    @property
    def least(self) -> float:
        """What the best reaction costs at least."""
        return self.cost - self.error


@dataclass(frozen=True, slots=True, eq=False)
class WorstCase:
    """What is known of the worst case of a decision.

    Parameters
    ----------
    cost
        Total cost c x + Q(x, xi) in the worst scenario found; where the recourse has
        an error, what it costs at least.
    bound
        Proven upper bound on the total cost over all scenarios; ``inf`` if unknown.
    scenario
        The worst scenario found.
    """

    cost: float
    bound: float
    scenario: Floats

    @property
    def is_exact(self) -> bool:
        """Whether no scenario is worse by more than 1e-6 (relative)."""
        if not math.isfinite(self.cost):
            return self.cost > 0
        return self.bound - self.cost <= EXACT_TOL * max(1.0, abs(self.cost))


@dataclass(frozen=True, slots=True, eq=False)
class ScenarioFeatures:
    """Features of m set elements that are affine in the scenario.

    Element i has the features ``constant[i] + slope[i] @ xi``.

    Parameters
    ----------
    constant
        Shape (m, F).
    slope
        Shape (m, F, q).
    """

    constant: Floats
    slope: Floats

    def at(self, scenario: Floats) -> Floats:
        """Return the features in a scenario, shape (m, F)."""
        return np.asarray(self.constant + self.slope @ scenario)


class TwoStageProblem(Protocol):
    """What the methods of this room ask of a problem.

    `boundwise.solvers.robust.linear.LinearTwoStage` answers all of it from arrays; a
    class of your own needs to override only what it can do faster.
    """

    sense: Sense
    names: tuple[str, ...]
    first_stage: FirstStage
    second_stage: SecondStage
    uncertainty: UncertaintySet

    def recourse(self, x: Floats, scenario: Floats) -> Recourse:
        """Return the best reaction y and its cost Q(x, xi)."""
        ...

    def recourse_costs(self, x: Floats, scenarios: Floats) -> Floats:
        """Return Q(x, xi) for many scenarios, shape (count,)."""
        ...

    def worst_case(
        self, x: Floats, *, clock: Clock | None = None, cutoff: float = math.inf
    ) -> WorstCase:
        """Return the worst case of a decision, exactly where there is a way.

        Parameters
        ----------
        x
            A first-stage decision.
        clock
            When to stop with what is known.
        cutoff
            Stop as soon as the cost is proven to exceed this.
        """
        ...

    def policy(self, x: Floats, y: Floats) -> Policy:
        """Return cost and uncertain rows of (x, y) as functions of the scenario."""
        ...

    def sample_decision(self, rng: np.random.Generator) -> Floats:
        """Return a random first-stage decision."""
        ...

    def decision_features(self) -> Floats:
        """Return what is known of each first-stage variable, shape (n, F)."""
        ...

    def scenario_features(self) -> ScenarioFeatures:
        """Return set elements whose features are affine in the scenario."""
        ...


@dataclass(frozen=True, kw_only=True, eq=False)
class RobustResult(Result):
    """Hold what a method found; see `Result` for the fields.

    Parameters
    ----------
    scenarios
        The scenarios that the method collected, shape (count, q).
    worst_scenario
        The worst scenario known for ``x``.
    is_exact
        Whether ``objective`` is the worst case of ``x``, proven to 1e-6. If not, it
        is the value in the worst scenario found, and ``guarantee`` is what is proven.
    guarantee
        Proven worst-case objective of ``x``, in the user's sense.
    """

    scenarios: Floats | None = None
    worst_scenario: Floats | None = None
    is_exact: bool = False
    guarantee: float = math.nan

    @property
    def iterations(self) -> int:
        """Number of iterations of the method's loop."""
        return int(self.stats.get("iterations", 0))


def check_decision(problem: TwoStageProblem, x: Floats) -> Floats:
    """Return ``x`` with its integers rounded.

    Raises
    ------
    InputError
        If it is not a first-stage decision of the problem.
    """
    stage = problem.first_stage
    point = np.array(vector("x", x, stage.n))
    if not stage.accepts(point, FEAS_TOL):
        raise InputError(
            "x must satisfy the rows, bounds and types of the first stage."
        )
    point[stage.is_integer] = np.rint(point[stage.is_integer])
    return point
