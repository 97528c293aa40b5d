"""Networks survive a file, and files that hold none are refused."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from boundwise.core.errors import InputError, NotAvailableError
from boundwise.solvers.robust.learned.storage import (
    load_network,
    save_network,
    shipped_network,
)


def test_a_stored_network_predicts_the_same_bits(
    make_knapsack: Any, make_network: Any, tmp_path: Path
) -> None:
    problem = make_knapsack()
    network = make_network(problem)
    save_network(network, tmp_path / "net.npz")
    again = load_network(tmp_path / "net.npz")
    args = np.eye(6), np.full((2, 6), 0.1)
    np.testing.assert_array_equal(
        again.predict(problem, *args), network.predict(problem, *args)
    )
    assert again.problem_class == "RobustKnapsack"
    assert again.facts == network.facts


def test_a_truncated_file_is_refused(
    make_knapsack: Any, make_network: Any, tmp_path: Path
) -> None:
    path = tmp_path / "net.npz"
    save_network(make_network(make_knapsack()), path)
    path.write_bytes(path.read_bytes()[:-200])
    with pytest.raises(InputError, match="is no value network"):
        load_network(path)


def test_missing_files_text_and_pickles_are_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="is no value network"):
        load_network(tmp_path / "none.npz")
    (tmp_path / "text.npz").write_text("weights")
    with pytest.raises(InputError, match="is no value network"):
        load_network(tmp_path / "text.npz")
    np.savez(tmp_path / "pickle.npz", json=np.array([{"a": 1}], dtype=object))
    with pytest.raises(InputError, match="is no value network"):
        load_network(tmp_path / "pickle.npz")


def test_a_file_with_a_nan_weight_is_refused(
    make_knapsack: Any, make_network: Any, tmp_path: Path
) -> None:
    path = tmp_path / "net.npz"
    save_network(make_network(make_knapsack()), path)
    with np.load(path) as archive:
        arrays = dict(archive)
    arrays["scenario_pool_out"][0, 0] = np.nan
    np.savez(path, **arrays)
    with pytest.raises(InputError, match="pool_out must be finite"):
        load_network(path)


def test_a_class_without_a_shipped_network_says_how_to_train_one() -> None:
    with pytest.raises(NotAvailableError, match=r"learned\.train"):
        shipped_network("NoSuchProblem")


def test_the_shipped_network_predicts_knapsacks_it_has_not_seen() -> None:
    from boundwise.instances.generators.robust_knapsack import robust_knapsack
    from boundwise.solvers.robust.knapsack import RobustKnapsack

    network = shipped_network("RobustKnapsack")
    rng = np.random.default_rng(7)
    for correlation in ("UN", "SC"):
        problem = RobustKnapsack.from_instance(
            robust_knapsack(n=20, correlation=correlation, seed=123)
        )
        decisions = np.vstack([problem.sample_decision(rng) for _ in range(4)])
        scenarios = problem.uncertainty.sample_vertices(rng, 3)
        costs = [problem.recourse_costs(x, scenarios) for x in decisions]
        error = np.abs(network.predict(problem, decisions, scenarios) - costs)
        assert error.mean() < 0.03 * network.inputs(problem).label_scale


def test_the_shipped_network_solves_a_facility_location_problem() -> None:
    from boundwise.instances.generators.robust_location import robust_location
    from boundwise.solvers.robust import solve_robust
    from boundwise.solvers.robust.location import RobustFacilityLocation

    network = shipped_network("RobustFacilityLocation")
    assert network.problem_class == "RobustFacilityLocation"
    problem = RobustFacilityLocation.from_instance(
        robust_location(facilities=4, customers=5, seed=3)
    )
    learned = solve_robust(problem, method="neur2ro", time_limit=20.0)
    static = solve_robust(problem, method="static")
    assert learned.x is not None
    assert learned.objective <= static.objective + 1e-6
    assert learned.objective == pytest.approx(problem.worst_case(learned.x).cost)


def test_the_shipped_network_predicts_capital_budgeting() -> None:
    from boundwise.instances.generators.robust_budgeting import robust_budgeting
    from boundwise.solvers.robust.budgeting import RobustCapitalBudgeting

    network = shipped_network("RobustCapitalBudgeting")
    problem = RobustCapitalBudgeting.from_instance(robust_budgeting(n=4, seed=3))
    values = network.predict(problem, np.eye(4), np.eye(4))
    assert values.shape == (4, 4)
    assert np.isfinite(values).all()
