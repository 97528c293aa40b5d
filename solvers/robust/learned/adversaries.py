"""Ways to find a bad scenario for a decision.

relaxed    max of the network's linear relaxation; its xi is kept
network    max of the network, as a mixed-integer program
sampling   best prediction over random scenarios and vertices
gradient   projected gradient ascent on the prediction
exact      the problem's own worst case
blind      best exact value over a few random scenarios and vertices: no network
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final, Literal, get_args

import numpy as np

from boundwise.core.arguments import as_count, as_number
from boundwise.core.errors import InputError
from boundwise.heuristics.networks import (
    TriangleRelaxation,
    embed_network,
    switch_separation_off,
)
from boundwise.heuristics.networks.bounds import interval_bounds
from boundwise.heuristics.networks.embedding import Formulation
from boundwise.heuristics.networks.relaxation import InputRows
from boundwise.heuristics.scip.transfer import read_values
from boundwise.instances.robust.arrays import Floats
from boundwise.solvers.robust.clock import Clock
from boundwise.solvers.robust.learned.view import NetworkView
from boundwise.solvers.robust.scip_models import new_model

AdversaryName = Literal["relaxed", "network", "sampling", "gradient", "exact", "blind"]


@dataclass(frozen=True, slots=True, kw_only=True)
class AdversarySettings:
    """State how hard adversaries try.

    Parameters
    ----------
    samples
        Scenarios that "sampling" predicts, half of them vertices.
    blind_samples
        Scenarios that "blind" evaluates exactly, half of them vertices.
    starts, steps, step_size
        Of "gradient"; a step is this share of the set's width.
    formulation
        ReLUs of "network"; with ``"big-m"``, separation is off.
    seconds
        Most time of one "network".

    Raises
    ------
    InputError
        If a value is not positive.
    """

    samples: int = 10_000
    blind_samples: int = 100
    starts: int = 5
    steps: int = 100
    step_size: float = 0.05
    formulation: Formulation = "big-m"
    seconds: float = 10.0

    def __post_init__(self) -> None:
        """Validate every number."""
        for name in ("samples", "blind_samples", "starts", "steps"):
            as_count(name, getattr(self, name))
        for name in ("step_size", "seconds"):
            as_number(name, getattr(self, name), above=0)


@dataclass(frozen=True, slots=True, eq=False)
class Question:
    """What an adversary is asked.

    Parameters
    ----------
    view
        Problem and network.
    x
        The decision to attack.
    rng
        Source of randomness.
    clock
        When to stop.
    settings
        How hard to try.
    """

    view: NetworkView
    x: Floats
    rng: np.random.Generator
    clock: Clock
    settings: AdversarySettings


def find_scenario(name: AdversaryName, question: Question) -> Floats | None:
    """Return a scenario of the uncertainty set that is bad for a decision.

    Parameters
    ----------
    name
        Which adversary.
    question
        What to attack, and how.

    Returns
    -------
    ndarray or None
        None if none was found in time.

    Raises
    ------
    InputError
        If there is no such adversary.
    """
    if name not in get_args(AdversaryName):
        raise InputError(
            f"adversary must be one of {', '.join(get_args(AdversaryName))}, "
            f"got {name!r}."
        )
    return _ADVERSARIES[name](question)


def _relaxed(question: Question) -> Floats | None:
    uncertainty = question.view.problem.uncertainty
    network = question.view.at_decision(question.x)
    relaxation = TriangleRelaxation(
        network,
        uncertainty.lower,
        uncertainty.upper,
        rows=InputRows(uncertainty.matrix, uncertainty.rhs),
        bounds=interval_bounds(network, uncertainty.lower, uncertainty.upper),
    )
    inputs = relaxation.maximize().inputs
    return np.clip(inputs, uncertainty.lower, uncertainty.upper)


def _network(question: Question) -> Floats | None:
    settings = question.settings
    uncertainty = question.view.problem.uncertainty
    network = question.view.at_decision(question.x)
    model = new_model()
    try:
        xi = [
            model.addVar(f"xi_{i}", lb=float(low), ub=float(high))
            for i, (low, high) in enumerate(
                zip(uncertainty.lower, uncertainty.upper, strict=True)
            )
        ]
        for row, side in zip(uncertainty.matrix, uncertainty.rhs, strict=True):
            activity = sum(float(a) * v for a, v in zip(row, xi, strict=True) if a)
            model.addCons(activity <= float(side))
        embedding = embed_network(model, network, xi, formulation=settings.formulation)
        model.setObjective(embedding.outputs[0], "maximize")
        if settings.formulation == "big-m":
            switch_separation_off(model)
        question.clock.slice(settings.seconds).optimize(model)
        if not model.getNSols():
            return None
        found: Floats = read_values(model, model.getBestSol(), xi)
    finally:
        model.free()
    return np.clip(found, uncertainty.lower, uncertainty.upper)


def _sampling(question: Question) -> Floats | None:
    scenarios = _draw(question, question.settings.samples)
    values = question.view.at_decision(question.x).forward(scenarios)[:, 0]
    return np.asarray(scenarios[int(np.argmax(values))])


def _gradient(question: Question) -> Floats | None:
    uncertainty = question.view.problem.uncertainty
    network = question.view.at_decision(question.x)
    width = float(np.linalg.norm(uncertainty.upper - uncertainty.lower))
    points = _draw(question, question.settings.starts)
    best: Floats = points[0]
    best_value = -np.inf
    for step in range(question.settings.steps + 1):
        values = network.forward(points)[:, 0]
        if values.max() > best_value:
            best, best_value = points[int(np.argmax(values))].copy(), values.max()
        if step == question.settings.steps or question.clock.expired():
            break
        slope = network.gradient(points)
        norms = np.maximum(np.linalg.norm(slope, axis=1, keepdims=True), 1e-12)
        length = question.settings.step_size * width / np.sqrt(1.0 + step)
        moved = points + length * slope / norms
        points = np.vstack([uncertainty.project(point) for point in moved])
    return best


def _exact(question: Question) -> Floats | None:
    worst = question.view.problem.worst_case(question.x, clock=question.clock)
    return worst.scenario


def _blind(question: Question) -> Floats | None:
    scenarios = _draw(question, question.settings.blind_samples)
    costs = question.view.problem.recourse_costs(question.x, scenarios)
    return np.asarray(scenarios[int(np.argmax(costs))])


def _draw(question: Question, count: int) -> Floats:
    """Return random scenarios, half of them vertices (rounded up)."""
    uncertainty = question.view.problem.uncertainty
    inside = count // 2
    return np.vstack(
        [
            uncertainty.sample_vertices(question.rng, count - inside),
            uncertainty.sample(question.rng, inside),
        ]
    )


_ADVERSARIES: Final[Mapping[str, Callable[[Question], Floats | None]]] = {
    "relaxed": _relaxed,
    "network": _network,
    "sampling": _sampling,
    "gradient": _gradient,
    "exact": _exact,
    "blind": _blind,
}
