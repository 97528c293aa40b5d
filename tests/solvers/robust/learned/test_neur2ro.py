"""Neur2RO returns the best decision it has seen, evaluated exactly."""

import itertools
import time
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from boundwise.core.errors import InputError, NotAvailableError
from boundwise.core.interrupt import Interrupter
from boundwise.core.limits import Deadline
from boundwise.core.trace import Trace
from boundwise.heuristics.networks import Layer, Mlp
from boundwise.solvers.robust.ccg import solve_nominal
from boundwise.solvers.robust.clock import Clock
from boundwise.solvers.robust.learned import neur2ro as module
from boundwise.solvers.robust.learned.neur2ro import (
    Neur2roSettings,
    neur2ro,
    solve_neur2ro,
)
from boundwise.solvers.robust.learned.polish import feasible_neighbours
from boundwise.solvers.robust.learned.storage import save_network
from boundwise.solvers.robust.learned.view import NetworkView
from boundwise.solvers.robust.run import Run
from boundwise.solvers.robust.static_robust import solve_static


def _run(problem: Any) -> Run:
    deadline = Deadline()
    clock = Clock(deadline)
    rng = np.random.default_rng(0)
    return Run(problem=problem, clock=clock, trace=Trace(deadline), rng=rng)


@pytest.mark.parametrize("form", ["argmax", "max"])
@pytest.mark.parametrize("adversary", ["relaxed", "sampling", "exact", "blind"])
def test_the_objective_is_the_exact_worst_case_and_no_worse_than_the_starts(
    make_knapsack: Any, make_network: Any, form: Any, adversary: Any
) -> None:
    problem = make_knapsack(1)
    settings = Neur2roSettings(form=form, adversary=adversary, polish=0)
    result = neur2ro(problem, network=make_network(problem, 1), settings=settings)
    assert result.x is not None
    assert result.is_exact
    assert result.objective == pytest.approx(-problem.worst_case(result.x).cost)
    for solve in (solve_nominal, solve_static):
        run = _run(problem)
        solve(run)
        assert result.objective >= -run.cost - 1e-9
    # The last decision may be far from the best: it is the best that is returned.
    costs = [entry["cost"] for entry in result.stats["rounds"]]
    assert result.objective >= -min(costs) - 1e-9


def test_with_polish_no_neighbour_is_better(
    make_knapsack: Any, make_network: Any
) -> None:
    problem = make_knapsack(2)
    result = neur2ro(problem, network=make_network(problem, 2))
    assert result.x is not None
    rng = np.random.default_rng(0)
    for x in feasible_neighbours(problem.first_stage, result.x, rng):
        assert -problem.worst_case(x).cost <= result.objective + 1e-6


def test_neighbours_are_all_changes_of_one_entry_and_all_swaps(
    make_knapsack: Any,
) -> None:
    x = np.array([1.0, 0.0, 1.0, 0.0, 0.0, 1.0])
    stage = make_knapsack().first_stage
    found = feasible_neighbours(stage, x, np.random.default_rng(0))
    expected = {
        y
        for y in itertools.product([0.0, 1.0], repeat=6)
        if np.abs(np.array(y) - x).sum() == 1
        or (np.abs(np.array(y) - x).sum() == 2 and sum(y) == sum(x))
    }
    assert {tuple(row) for row in found.tolist()} == expected
    assert len(found) == len(expected)


def test_a_scenario_that_comes_again_ends_the_loop(
    make_knapsack: Any, make_network: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    problem = make_knapsack()
    same = problem.uncertainty.sample_vertices(np.random.default_rng(0), 1)[0]
    monkeypatch.setattr(module, "find_scenario", lambda name, question: same + 1e-5)
    monkeypatch.setattr(module._Loop, "_gains", lambda *_: True)
    settings = Neur2roSettings(adversary="sampling", polish=0)
    result = neur2ro(problem, network=make_network(problem), settings=settings)
    assert result.iterations == 2
    assert result.termination.value == "converged"


def test_scenarios_are_limited(
    make_knapsack: Any, make_network: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    problem = make_knapsack()
    fresh = iter(problem.uncertainty.sample(np.random.default_rng(0), 50))
    monkeypatch.setattr(module, "find_scenario", lambda name, question: next(fresh))
    monkeypatch.setattr(module._Loop, "_gains", lambda *_: True)
    settings = Neur2roSettings(adversary="sampling", max_scenarios=3, polish=0)
    result = neur2ro(problem, network=make_network(problem), settings=settings)
    assert result.iterations == 4
    assert len(result.scenarios) == 3


def test_a_network_that_predicts_zero_divides_by_nothing(
    make_knapsack: Any, make_network: Any
) -> None:
    problem = make_knapsack()
    network = make_network(problem)
    first, last = network.head.layers
    silent = Layer(np.zeros_like(last.weights), np.zeros(1), relu=False)
    network = replace(network, head=Mlp((first, silent)), label_offset=0.0)
    assert network.predict(problem, np.ones((1, 6)), np.zeros((1, 6))).item() == 0.0
    settings = Neur2roSettings(adversary="sampling", polish=0)
    result = neur2ro(problem, network=network, settings=settings)
    assert result.status.has_solution


def test_a_decision_without_reaction_makes_the_main_problem_serve_its_scenario(
    make_knapsack: Any, make_network: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    from boundwise.solvers.robust.problem import WorstCase

    problem = make_knapsack()
    honest = type(problem).worst_case
    refused: list[bytes] = []
    scenario = problem.uncertainty.sample_vertices(np.random.default_rng(1), 1)[0]

    def worst_case(self: Any, x: Any, **options: Any) -> WorstCase:
        if not refused:
            refused.append(x.tobytes())
        if x.tobytes() == refused[0]:
            return WorstCase(np.inf, np.inf, scenario)
        return honest(self, x, **options)

    monkeypatch.setattr(type(problem), "worst_case", worst_case)
    served: list[int] = []
    honest_main = module.solve_main

    def main(view: Any, stored: Any, must_serve: Any, **options: Any) -> Any:
        served.append(len(must_serve))
        return honest_main(view, stored, must_serve, **options)

    monkeypatch.setattr(module, "solve_main", main)
    run = _run(problem)
    view = NetworkView.of(problem, make_network(problem))
    solve_neur2ro(run, view, Neur2roSettings(polish=0))
    # The recourse of a knapsack is complete: serving it changes nothing, and the
    # scenario that comes again ends the loop.
    assert served == [0, 1]
    assert run.x is None


def test_a_file_serves_as_network_and_a_wrong_one_is_refused(
    make_knapsack: Any, make_network: Any, tmp_path: Path
) -> None:
    problem = make_knapsack()
    network = make_network(problem)
    save_network(network, tmp_path / "net.npz")
    settings = Neur2roSettings(polish=0)
    by_file = neur2ro(problem, network=tmp_path / "net.npz", settings=settings)
    by_object = neur2ro(problem, network=network, settings=settings)
    assert by_file.objective == by_object.objective
    with pytest.raises(InputError, match="network must be a ValueNetwork"):
        neur2ro(problem, network=3)  # type: ignore[arg-type]
    other = replace(network, problem_class="Other")
    with pytest.raises(InputError, match="trained for Other"):
        neur2ro(problem, network=other)


def test_a_class_of_ones_own_needs_a_network(make_knapsack: Any) -> None:
    problem = make_knapsack()
    own = type("MyProblem", (), {})()
    own.__dict__.update(problem.__dict__)
    with pytest.raises(NotAvailableError, match="MyProblem"):
        neur2ro(own)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"form": "min"}, "form must be one of"),
        ({"adversary": "none"}, "adversary must be one of"),
        ({"max_scenarios": 0}, "max_scenarios must be a positive integer"),
        ({"tolerance": 0.0}, "tolerance must be a positive number"),
        ({"polish": -1}, "polish must be a non-negative integer"),
    ],
)
def test_settings_out_of_range_are_refused(
    options: dict[str, Any], message: str
) -> None:
    with pytest.raises(InputError, match=message):
        Neur2roSettings(**options)


def test_the_time_limit_ends_main_problems_and_loop(
    make_knapsack: Any, make_network: Any
) -> None:
    problem = make_knapsack(n=40)
    settings = Neur2roSettings(main_gap=1e-9)
    started = time.monotonic()
    result = neur2ro(
        problem, network=make_network(problem), settings=settings, time_limit=0.3
    )
    assert time.monotonic() - started < 30.0  # generous: the machine may be busy
    assert result.termination.value in ("time_limit", "converged")


def test_an_interrupted_run_starts_nothing(
    make_knapsack: Any, make_network: Any
) -> None:
    problem = make_knapsack()
    deadline = Deadline()
    with Interrupter(deadline) as interrupter:
        interrupter.request()
        run = _run(problem)
        run.clock = Clock(deadline, interrupter)
        solve_neur2ro(run, NetworkView.of(problem, make_network(problem)))
    assert run.iterations == 0
    assert run.x is None


def test_a_loop_that_takes_long_leaves_time_to_improve_its_best(
    make_knapsack: Any, make_network: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    problem = make_knapsack()
    given: list[float] = []
    honest = module.solve_main

    def main(*args: Any, clock: Clock, **options: Any) -> Any:
        given.append(clock.remaining())
        return honest(*args, clock=clock, **options)

    monkeypatch.setattr(module, "solve_main", main)
    settings = Neur2roSettings(main_seconds=1e6)
    network = make_network(problem)
    neur2ro(problem, network=network, settings=settings, time_limit=1000.0)
    assert max(given) <= 500.0
    given.clear()
    unpolished = replace(settings, polish=0)
    neur2ro(problem, network=network, settings=unpolished, time_limit=1000.0)
    assert max(given) > 500.0
