"""Adversaries return scenarios of the set, the better ones worse scenarios."""

import itertools
from typing import Any, get_args

import numpy as np
import pytest

from boundwise.core.errors import InputError
from boundwise.solvers.robust.clock import Clock
from boundwise.solvers.robust.learned.adversaries import (
    AdversaryName,
    AdversarySettings,
    Question,
    find_scenario,
)
from boundwise.solvers.robust.learned.view import NetworkView


def _question(
    make_knapsack: Any, make_network: Any, seed: int = 0, **settings: Any
) -> Question:
    problem = make_knapsack(seed)
    return Question(
        NetworkView.of(problem, make_network(problem, seed)),
        np.ones(6),
        np.random.default_rng(seed),
        Clock(),
        AdversarySettings(samples=500, **settings),
    )


def _prediction(question: Question, scenario: Any) -> float:
    return float(question.view.at_decision(question.x).forward([scenario]).item())


@pytest.mark.parametrize("name", get_args(AdversaryName))
def test_scenarios_are_in_the_set(
    make_knapsack: Any, make_network: Any, name: Any
) -> None:
    question = _question(make_knapsack, make_network)
    scenario = find_scenario(name, question)
    assert scenario is not None
    assert question.view.problem.uncertainty.contains(scenario)


@pytest.mark.parametrize("formulation", ["sos1", "big-m"])
@pytest.mark.parametrize("seed", [0, 1])
def test_the_network_as_a_mip_is_beaten_by_no_vertex_and_no_other_adversary(
    make_knapsack: Any, make_network: Any, formulation: Any, seed: int
) -> None:
    question = _question(make_knapsack, make_network, seed, formulation=formulation)
    scenario = find_scenario("network", question)
    assert scenario is not None
    best = _prediction(question, scenario)
    others = [find_scenario(name, question) for name in ("relaxed", "sampling")]
    others += [find_scenario("gradient", question)]
    others += [
        np.array(corner)
        for corner in itertools.product([0.0, 1.0], repeat=6)
        if sum(corner) <= 2
    ]
    worst_rival = max(_prediction(question, other) for other in others)
    assert best >= worst_rival - 1e-4 * abs(worst_rival)


def test_gradient_ascent_ends_no_lower_than_it_starts(
    make_knapsack: Any, make_network: Any
) -> None:
    lazy = _question(make_knapsack, make_network, 2, starts=4, steps=1, step_size=1e-12)
    keen = _question(make_knapsack, make_network, 2, starts=4, steps=60)
    start, end = find_scenario("gradient", lazy), find_scenario("gradient", keen)
    assert _prediction(keen, end) >= _prediction(lazy, start)


def test_the_exact_adversary_is_the_problems_worst_case(
    make_knapsack: Any, make_network: Any
) -> None:
    question = _question(make_knapsack, make_network)
    problem = question.view.problem
    scenario = find_scenario("exact", question)
    assert scenario is not None
    cost = problem.recourse(question.x, scenario).cost
    worst = problem.worst_case(question.x).cost
    assert cost + float(problem.first_stage.cost @ question.x) == pytest.approx(worst)


def test_the_blind_adversary_asks_no_network(
    make_knapsack: Any, make_network: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    question = _question(make_knapsack, make_network)
    monkeypatch.setattr(NetworkView, "at_decision", None)
    monkeypatch.setattr(NetworkView, "predict", None)
    assert find_scenario("blind", question) is not None


def test_unknown_adversaries_and_settings_are_refused(
    make_knapsack: Any, make_network: Any
) -> None:
    question = _question(make_knapsack, make_network)
    with pytest.raises(InputError, match="adversary must be one of"):
        find_scenario("devil", question)  # type: ignore[arg-type]
    with pytest.raises(InputError, match="samples must be a positive integer"):
        AdversarySettings(samples=0)
    with pytest.raises(InputError, match="step_size must be a positive number"):
        AdversarySettings(step_size=float("nan"))
