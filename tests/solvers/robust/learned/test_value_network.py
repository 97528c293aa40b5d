"""A value network is one function, however it is folded."""

from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from boundwise.core.errors import InputError
from boundwise.solvers.robust.budgeting import RobustCapitalBudgeting
from boundwise.solvers.robust.learned.set_inputs import SetInputs, set_inputs
from boundwise.solvers.robust.learned.value_network import Branch, ValueNetwork


def _by_definition(network: ValueNetwork, inputs: SetInputs, x: Any, xi: Any) -> float:
    """Evaluate the network item by item, as its equation is written."""

    def relu(value: Any) -> Any:
        return np.maximum(value, 0.0)

    def embed(branch: Branch, elements: list[Any]) -> Any:
        total = sum(
            branch.encoder_out @ relu(branch.encoder_in @ element)
            for element in elements
        )
        return branch.pool_out @ relu(branch.pool_in @ total / len(elements))

    decision = inputs.decision / network.decision_scale
    scenario = (inputs.constant + inputs.slope @ xi) / network.scenario_scale
    seen = [np.append(x_i, row) for x_i, row in zip(x, decision, strict=True)]
    met = list(scenario)
    if network.joint:
        met = [np.append(x_i, row) for x_i, row in zip(x, scenario, strict=True)]
    both = np.concatenate([embed(network.decision, seen), embed(network.scenario, met)])
    first, second = network.head.layers
    out = second.weights @ relu(first.weights @ both + first.bias) + second.bias
    scaled = network.label_spread * out.item() + network.label_offset
    return float(scaled * inputs.label_scale)


@pytest.mark.parametrize("joint", [True, False])
def test_all_foldings_equal_the_definition(
    make_knapsack: Any, make_network: Any, joint: bool
) -> None:
    problem = make_knapsack()
    network = make_network(problem, joint=joint)
    inputs = network.inputs(problem)
    rng = np.random.default_rng(1)
    decisions = (rng.random((4, 6)) < 0.5).astype(float)
    scenarios = problem.uncertainty.sample(rng, 3)
    expected = [
        [_by_definition(network, inputs, x, xi) for xi in scenarios] for x in decisions
    ]
    np.testing.assert_allclose(
        network.predict(problem, decisions, scenarios), expected, rtol=1e-10
    )
    for x, values in zip(decisions, expected, strict=True):
        found = network.at_decision(inputs, x).forward(scenarios)[:, 0]
        np.testing.assert_allclose(found, values, rtol=1e-10)


@pytest.mark.parametrize("joint", [True, False])
def test_rows_of_zeros_change_nothing_but_the_mean(
    make_knapsack: Any, make_network: Any, joint: bool
) -> None:
    """Padding relies on encoders without bias: their sums must not change."""
    problem = make_knapsack()
    network = make_network(problem, joint=joint)
    inputs = network.inputs(problem)
    padded = np.vstack([inputs.decision, np.zeros((3, inputs.decision.shape[1]))])
    matrix, constant = network.decision.affine(inputs.decision)
    wide, shifted = network.decision.affine(padded)
    np.testing.assert_allclose(shifted * 9 / 6, constant, atol=1e-12)
    np.testing.assert_allclose(wide[:, :6] * 9 / 6, matrix, atol=1e-12)


def test_gradient_with_respect_to_the_scenario_is_the_slope(
    make_knapsack: Any, make_network: Any
) -> None:
    problem = make_knapsack()
    network = make_network(problem)
    inputs = network.inputs(problem)
    chain = network.at_decision(inputs, np.ones(6))
    point = np.full((1, 6), 0.3)
    step = np.full((1, 6), 1e-6)
    change = chain.forward(point + step) - chain.forward(point - step)
    slope = chain.gradient(point) @ (2 * step.T)
    np.testing.assert_allclose(change, slope, rtol=1e-4, atol=1e-9)


def test_one_network_serves_all_sizes(make_knapsack: Any, make_network: Any) -> None:
    network = make_network(make_knapsack())
    larger = make_knapsack(n=11)
    assert network.predict(larger, np.ones((2, 11)), np.zeros((5, 11))).shape == (2, 5)


def test_units_of_money_and_weight_do_not_matter(
    make_knapsack: Any, make_network: Any
) -> None:
    problem = make_knapsack()
    data = problem.instance
    other = type(problem)(
        profit=1e4 * data.profit,
        degradation=1e4 * data.degradation,
        repair=data.repair / 7,
        weight=data.weight / 7,
        outsource=1e4 * data.outsource,
        capacity=data.capacity / 7,
        gamma=data.gamma,
    )
    network = make_network(problem)
    args = np.ones((1, 6)), np.full((1, 6), 0.2)
    np.testing.assert_allclose(
        network.predict(other, *args), 1e4 * network.predict(problem, *args)
    )


def test_networks_of_another_class_or_feature_count_are_refused(
    make_knapsack: Any, make_network: Any
) -> None:
    problem = make_knapsack()
    network = make_network(problem)
    budgeting = RobustCapitalBudgeting(
        cost=[1.0, 2.0],
        revenue=[1.0, 2.0],
        cost_risk=[[1.0], [0.0]],
        revenue_risk=[[1.0], [0.0]],
        budget=2.0,
    )
    with pytest.raises(InputError, match="trained for RobustKnapsack"):
        network.inputs(budgeting)
    inputs = set_inputs(problem)
    with pytest.raises(InputError, match="6 decision features, got 5"):
        network.check(replace(inputs, decision=inputs.decision[:, 1:]))
    with pytest.raises(InputError, match="one scenario element for each"):
        network.check(
            replace(inputs, constant=inputs.constant[1:], slope=inputs.slope[1:])
        )


def test_weights_that_are_nan_are_refused(
    make_knapsack: Any, make_network: Any
) -> None:
    network = make_network(make_knapsack())
    broken = np.array(network.decision.pool_in)
    broken[0, 0] = np.nan
    with pytest.raises(InputError, match="pool_in must be finite"):
        replace(network.decision, pool_in=broken)
    with pytest.raises(InputError, match="label_offset"):
        replace(network, label_offset=float("nan"))
    with pytest.raises(InputError, match="decision_scale must be"):
        replace(network, decision_scale=np.zeros(6))


def test_parts_that_do_not_fit_are_refused(
    make_knapsack: Any, make_network: Any
) -> None:
    network = make_network(make_knapsack())
    with pytest.raises(InputError, match="pool_in must take 4 inputs"):
        replace(network.decision, pool_in=np.ones((6, 5)))
    with pytest.raises(InputError, match="head must map 6 numbers"):
        replace(network, head=type(network.head)(network.head.layers[1:]))


def test_decisions_and_scenarios_of_other_lengths_are_refused(
    make_knapsack: Any, make_network: Any
) -> None:
    problem = make_knapsack()
    network = make_network(problem)
    with pytest.raises(InputError, match="scenarios must be rows of 6"):
        network.predict(problem, np.ones((1, 6)), np.ones((1, 5)))
    with pytest.raises(InputError, match="points must have 6 columns"):
        network.predict(problem, np.ones((1, 5)), np.ones((1, 6)))
    with pytest.raises(InputError, match="x must have 6 entries"):
        network.at_decision(network.inputs(problem), np.ones(5))


def test_loans_are_refused_because_they_are_not_binary() -> None:
    from boundwise.instances.robust.budgeting import Loans

    problem = RobustCapitalBudgeting(
        cost=[1.0, 2.0],
        revenue=[1.0, 2.0],
        cost_risk=[[1.0], [0.0]],
        revenue_risk=[[1.0], [0.0]],
        budget=2.0,
        loans=Loans(limit=1.0),
    )
    with pytest.raises(InputError, match="binary first-stage variables"):
        set_inputs(problem)
