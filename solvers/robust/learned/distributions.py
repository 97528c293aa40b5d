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
        If the distribution draws a scenario or a decision that is none.
    """
    problem = distribution.problem(rng)
    inputs = set_inputs(problem)
    uncertainty = problem.uncertainty
    n_vertices = int(np.ceil(VERTEX_SHARE * n_scenarios))
    scenarios = np.vstack(
        [
            uncertainty.sample_vertices(rng, n_vertices),
            uncertainty.sample(rng, n_scenarios - n_vertices),
        ]
    )
    for scenario in scenarios:
        if not uncertainty.contains(scenario):
            raise InputError(f"scenario {scenario} is not in the uncertainty set.")
    decisions = np.vstack(
        [distribution.decision(problem, rng) for _ in range(n_decisions)]
    )
    values = np.vstack([problem.recourse_costs(x, scenarios) for x in decisions])
    values = np.where(np.isfinite(values), values / inputs.label_scale, np.nan)
    elements = np.stack([inputs.scenario_elements(point) for point in scenarios])
    return Labelled(inputs, decisions, scenarios, elements, values)


class KnapsackDistribution:
    """Random knapsack problems of 20 to 80 items, of all four kinds of correlation.

    Weights are drawn up to 100 instead of 1000: features are relative, and recourse
    takes a tenth of the time.
    """

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


#: Distributions of the shipped classes, by the word of the command line.
DISTRIBUTIONS: Final[Mapping[str, Callable[[], Distribution]]] = {
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
