"""What networks are trained on: random problems, decisions and scenarios of a class.

A distribution draws a problem; for it, decisions, scenarios (half of them vertices of
the uncertainty set) and the exact second-stage values of all pairs.
"""

from collections.abc import Callable, Mapping
from typing import Any, Final, NamedTuple, Protocol

import numpy as np

from boundwise.core.errors import InputError
from boundwise.heuristics.networks.mlp import Floats
from boundwise.solvers.robust.learned.set_inputs import SetInputs, set_inputs

#: Share of the scenarios that are vertices.
VERTEX_SHARE = 0.5


class Distribution(Protocol):
    """Draw problems of one class."""

    problem_class: str
    joint: bool

    def problem(self, rng: np.random.Generator) -> Any:
        """Return a random problem."""
        ...

    def decision(self, problem: Any, rng: np.random.Generator) -> Floats:
        """Return a random first-stage decision of a problem."""
        ...

    def attack(self, problem: Any, x: Floats, rng: np.random.Generator) -> Floats:
        """Return a direction in which scenarios get worse for a decision."""
        ...


class Labelled(NamedTuple):
    """A problem with the values of pairs of decisions and scenarios.

    Parameters
    ----------
    inputs
        What a network sees of the problem.
    decisions
        Shape (a, n).
    scenarios
        Shape (b, q).
    elements
        Features of the scenario elements, shape (b, m, G).
    labels
        Values relative to the instance, shape (a, b); nan where no reaction is
        feasible.
    """

    inputs: SetInputs
    decisions: Floats
    scenarios: Floats
    elements: Floats
    labels: Floats


def label(
    distribution: Distribution,
    rng: np.random.Generator,
    *,
    n_decisions: int,
    n_scenarios: int,
) -> Labelled:
    """Draw a problem, decisions and scenarios, and value all pairs exactly.

    Parameters
    ----------
    distribution
        What to draw from.
    rng
        Source of randomness.
    n_decisions, n_scenarios
        How many of each.

    Returns
    -------
    Labelled
        The problem with its labels.

    Raises
    ------
    InputError
        If a problem draws a scenario that is outside its uncertainty set.
    """
    problem = distribution.problem(rng)
    inputs = set_inputs(problem)
    decisions = _decisions(distribution, problem, n_decisions, rng)
    scenarios = _scenarios(distribution, problem, decisions, n_scenarios, rng)
    values = np.vstack([problem.recourse_costs(x, scenarios) for x in decisions])
    values = np.where(np.isfinite(values), values / inputs.label_scale, np.nan)
    elements = np.stack([inputs.scenario_elements(point) for point in scenarios])
    return Labelled(inputs, decisions, scenarios, elements, values)


def _decisions(
    distribution: Distribution, problem: Any, count: int, rng: np.random.Generator
) -> Floats:
    """Return decisions: one half independent, the other neighbours of the first.

    Searches compare neighbours, so their differences must be learned.
    """
    first = distribution.decision(problem, rng)
    result = [first]
    while len(result) < count:
        if len(result) % 2:
            x = first.copy()
            for i in rng.choice(len(x), size=min(len(x), int(rng.integers(1, 4)))):
                x[i] = 1.0 - x[i]
            if not problem.first_stage.accepts(x):
                x = distribution.decision(problem, rng)
        else:
            x = distribution.decision(problem, rng)
        result.append(x)
    return np.vstack(result)


def _scenarios(
    distribution: Distribution,
    problem: Any,
    decisions: Floats,
    count: int,
    rng: np.random.Generator,
) -> Floats:
    """Return scenarios: half of them vertices, most of these bad for a decision."""
    uncertainty = problem.uncertainty
    n_vertices = int(np.ceil(VERTEX_SHARE * count))
    bad = [
        uncertainty.maximize(distribution.attack(problem, x, rng))
        for x in decisions[: (3 * n_vertices) // 4]
    ]
    corners = uncertainty.sample_vertices(rng, n_vertices - len(bad))
    inside = uncertainty.sample(rng, count - n_vertices)
    scenarios = np.vstack([*bad, corners, inside])
    for scenario in scenarios:
        if not uncertainty.contains(scenario):
            raise InputError(f"scenario {scenario} is not in the uncertainty set.")
    return scenarios


def attack_on_policy(problem: Any, x: Floats, rng: np.random.Generator) -> Floats:
    """Return what a reaction to a random scenario loses along each uncertainty."""
    scenario = rng.random() * problem.uncertainty.sample(rng, 1)[0]
    return loss_of_reaction(problem, x, scenario, rng)


def loss_of_reaction(
    problem: Any, x: Floats, scenario: Floats, rng: np.random.Generator
) -> Floats:
    """Return what the reaction to a scenario loses; random where there is none."""
    reaction = problem.recourse(x, scenario).y
    if reaction is None:
        return np.asarray(rng.normal(size=problem.uncertainty.dimension))
    return np.asarray(problem.policy(x, reaction).slope)


class KnapsackDistribution:
    """Random knapsack problems of 20 to 80 items, of all four kinds of correlation."""

    problem_class = "RobustKnapsack"
    joint = True

    def problem(self, rng: np.random.Generator) -> Any:
        """Return a random problem."""
        from boundwise.instances.generators.robust_knapsack import robust_knapsack
        from boundwise.solvers.robust.knapsack import RobustKnapsack

        return RobustKnapsack.from_instance(
            robust_knapsack(
                n=int(rng.integers(20, 81)),
                correlation=str(rng.choice(["UN", "WC", "ASC", "SC"])),
                h=int(rng.choice([40, 80])),
                deviation=float(rng.choice([0.1, 0.15, 0.2])),
                delta=float(rng.choice([0.1, 0.5, 1.0])),
                seed=int(rng.integers(2**31)),
            )
        )

    def decision(self, problem: Any, rng: np.random.Generator) -> Floats:
        """Return random items, or the best by a noisy ratio, as searches visit them."""
        if rng.random() < 0.3:
            return np.asarray(problem.sample_decision(rng))
        data = problem.instance
        worth = data.profit - rng.uniform(0.0, 1.0) * data.degradation
        noise = np.exp(rng.uniform(0.0, 0.6) * rng.normal(size=data.n))
        ratio = worth * noise / np.maximum(data.weight, 1e-9)
        filled = np.cumsum(data.weight[np.argsort(-ratio)])
        taken = filled <= rng.uniform(0.7, 1.5) * data.capacity
        x = np.zeros(data.n)
        x[np.argsort(-ratio)] = taken
        return x

    def attack(self, problem: Any, x: Floats, rng: np.random.Generator) -> Floats:
        """Return what a reaction loses."""
        return attack_on_policy(problem, x, rng)


class BudgetingDistribution:
    """Random capital budgeting problems of 10 to 50 projects, without loans."""

    problem_class = "RobustCapitalBudgeting"
    joint = True

    def problem(self, rng: np.random.Generator) -> Any:
        """Return a random problem."""
        from boundwise.instances.generators.robust_budgeting import robust_budgeting
        from boundwise.solvers.robust.budgeting import RobustCapitalBudgeting

        n, seed = int(rng.integers(10, 51)), int(rng.integers(2**31))
        return RobustCapitalBudgeting.from_instance(robust_budgeting(n=n, seed=seed))

    def decision(self, problem: Any, rng: np.random.Generator) -> Floats:
        """Return random projects that fit."""
        return np.asarray(problem.sample_decision(rng))

    def attack(self, problem: Any, x: Floats, rng: np.random.Generator) -> Floats:
        """Return what a reaction loses.

        The reaction is to a vertex: close to the nominal scenario, where all projects
        earn the same for their cost, the recourse is a subset sum of real numbers,
        whose dynamic program may keep more states than there is memory for.
        """
        scenario = problem.uncertainty.sample_vertices(rng, 1)[0]
        return loss_of_reaction(problem, x, scenario, rng)


class LocationDistribution:
    """Random facility location problems, 5 to 15 facilities, 10 to 30 customers."""

    problem_class = "RobustFacilityLocation"
    joint = False

    def problem(self, rng: np.random.Generator) -> Any:
        """Return a random problem."""
        from boundwise.instances.generators.robust_location import robust_location
        from boundwise.solvers.robust.location import RobustFacilityLocation

        facilities, customers = int(rng.integers(5, 16)), int(rng.integers(10, 31))
        return RobustFacilityLocation.from_instance(
            robust_location(
                facilities=facilities,
                customers=customers,
                ratio=float(rng.uniform(2.0, 5.0)),
                surge=float(rng.uniform(0.2, 1.0)),
                deviation=float(rng.uniform(0.1, 0.3)),
                seed=int(rng.integers(2**31)),
            )
        )

    def decision(self, problem: Any, rng: np.random.Generator) -> Floats:
        """Return random facilities with enough capacity most of the time."""
        data = problem.instance
        wanted = data.demand.sum() * rng.uniform(0.8, 2.0)
        order = rng.permutation(data.n)
        before = np.cumsum(data.capacity[order]) - data.capacity[order]
        x = np.zeros(data.n)
        x[order] = before < wanted
        return x

    def attack(self, problem: Any, x: Floats, rng: np.random.Generator) -> Floats:
        """Return what more demand costs at the nearest open facility."""
        data = problem.instance
        is_open = x > 0.5
        cost = data.penalty
        if is_open.any():
            cost = np.minimum(cost, data.transport[is_open].min(axis=0))
        return np.asarray(data.surge * cost * rng.uniform(0.7, 1.3, data.m))


#: Distributions of the shipped classes, by the word of the command line.
DISTRIBUTIONS: Final[Mapping[str, Callable[[], Distribution]]] = {
    "capital-budgeting": BudgetingDistribution,
    "facility-location": LocationDistribution,
    "knapsack": KnapsackDistribution,
}


def distribution_of(name: str) -> Distribution:
    """Return the distribution of a shipped class.

    Raises
    ------
    InputError
        If there is none of this name.
    """
    if name not in DISTRIBUTIONS:
        raise InputError(
            f"problem_class must be one of {', '.join(DISTRIBUTIONS)}, got {name!r}."
        )
    return DISTRIBUTIONS[name]()
