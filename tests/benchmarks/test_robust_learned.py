"""What the comparison of the learned part evaluates and prints."""

from dataclasses import replace

import numpy as np
import pytest

from boundwise.benchmarks.robust.instances import make, problem_of
from boundwise.benchmarks.robust.learned import (
    COMPETITORS,
    INSTANCES,
    evaluate,
    table,
)
from boundwise.core.errors import InputError
from boundwise.solvers.robust import solve_robust


@pytest.mark.slow
def test_decisions_are_evaluated_anew_and_nothing_is_worth_nothing():
    problem = problem_of(make("robust_knapsack:n=5"))
    good = solve_robust(problem, method="columns")
    values = evaluate(problem, {"good": good, "same": good})
    assert values["good"] == values["same"] == pytest.approx(good.objective, rel=1e-6)


@pytest.mark.slow
def test_budgeting_meets_the_scenarios_of_all_competitors():
    problem = problem_of(make("robust_budgeting:n=4"))
    result = solve_robust(problem, method="static", time_limit=2.0)
    mean = problem.recourse_costs(result.x, np.zeros((1, 4)))[0]
    nominal = -(problem.first_stage.cost @ result.x + mean)
    alone = replace(result, scenarios=np.zeros((1, 4)))
    corner = replace(result, scenarios=-np.ones((1, 4)))
    values = evaluate(problem, {"alone": alone, "corner": corner})
    # One decision, one pool, one value, however few scenarios each has found.
    assert values["alone"] == values["corner"] <= nominal


def test_errors_are_averaged_by_cell_and_over_all():
    rows = [
        {"cell": "a", "errors": {"auto": 0.0, "static": 1.0}},
        {"cell": "a", "errors": {"auto": 0.5, "static": 3.0}},
        {"cell": "b", "errors": {"auto": 1.0, "static": 5.0}},
    ]
    lines = [line.split() for line in table(rows).splitlines()]
    assert lines[0][-2:] == ["auto", "static"]
    assert lines[1] == ["a", "2", "0.250", "2.000"]
    assert lines[3] == ["all", "3", "0.500", "3.000"]
    with pytest.raises(InputError, match="no finished runs"):
        table([])


def test_every_class_is_among_the_instances_and_every_variant_among_the_competitors():
    families = {name.partition(":")[0] for name in INSTANCES}
    assert families == {"robust_knapsack", "robust_budgeting", "robust_location"}
    assert set(COMPETITORS) == {
        "neur2ro",
        "sampling",
        "ranked",
        "shuffled",
        "static",
        "auto",
    }
