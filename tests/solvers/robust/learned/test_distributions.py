"""Training data are what they claim: exact labels, scenarios in the set, vertices."""

import numpy as np
import pytest

from boundwise.core.errors import InputError
from boundwise.solvers.robust.learned.distributions import (
    DISTRIBUTIONS,
    VERTEX_SHARE,
    distribution_of,
    label,
)
from boundwise.solvers.robust.learned.set_inputs import set_inputs


@pytest.mark.parametrize("name", sorted(DISTRIBUTIONS))
def test_labels_are_relative_recourse_costs_of_their_pairs(name: str) -> None:
    distribution = distribution_of(name)
    drawn = label(distribution, np.random.default_rng(3), n_decisions=3, n_scenarios=4)
    problem = distribution.problem(np.random.default_rng(3))
    for x, values in zip(drawn.decisions, drawn.labels, strict=True):
        assert problem.first_stage.accepts(x)
        for xi, value in zip(drawn.scenarios, values, strict=True):
            cost = problem.recourse(x, xi).cost / drawn.inputs.label_scale
            assert cost == pytest.approx(value, rel=1e-6, abs=1e-9)


@pytest.mark.parametrize("name", sorted(DISTRIBUTIONS))
def test_scenarios_are_in_the_set_and_half_of_them_are_vertices(name: str) -> None:
    distribution = distribution_of(name)
    for seed in range(5):
        rng = np.random.default_rng(seed)
        problem = distribution.problem(np.random.default_rng(seed))
        drawn = label(distribution, rng, n_decisions=4, n_scenarios=8)
        uncertainty = problem.uncertainty
        assert all(uncertainty.contains(xi) for xi in drawn.scenarios)
        count = sum(_is_vertex(uncertainty, xi) for xi in drawn.scenarios)
        assert count >= VERTEX_SHARE * 8


def _is_vertex(uncertainty: object, xi: np.ndarray) -> bool:
    """Tell whether as many constraints are tight as there are dimensions."""
    tight = (np.abs(xi - uncertainty.lower) < 1e-9) | (  # type: ignore[attr-defined]
        np.abs(xi - uncertainty.upper) < 1e-9  # type: ignore[attr-defined]
    )
    rows = np.abs(
        uncertainty.matrix @ xi - uncertainty.rhs  # type: ignore[attr-defined]
    )
    return int(tight.sum()) + int((rows < 1e-9).sum()) >= len(xi)


def test_knapsacks_have_no_profit_or_repair_below_one() -> None:
    distribution = distribution_of("knapsack")
    for seed in range(40):
        data = distribution.problem(np.random.default_rng(seed)).instance
        assert min(data.profit.min(), data.repair.min(), data.degradation.min()) >= 1.0


@pytest.mark.parametrize("name", sorted(DISTRIBUTIONS))
def test_elements_are_the_features_at_the_scenarios(name: str) -> None:
    distribution = distribution_of(name)
    drawn = label(distribution, np.random.default_rng(1), n_decisions=2, n_scenarios=2)
    inputs = set_inputs(distribution.problem(np.random.default_rng(1)))
    for elements, xi in zip(drawn.elements, drawn.scenarios, strict=True):
        np.testing.assert_allclose(elements, inputs.constant + inputs.slope @ xi)


def test_cost_and_revenue_of_projects_have_their_own_scales() -> None:
    """Scaling the revenues' risk by that of the costs is a known mistake."""
    problem = distribution_of("capital-budgeting").problem(np.random.default_rng(0))
    data, inputs = problem.instance, set_inputs(problem)
    xi = np.array([0.5, -1.0, 0.25, 1.0])
    elements = inputs.scenario_elements(xi)
    cost = data.cost * (1 + data.cost_risk @ xi / 2)
    revenue = data.revenue * (1 + data.revenue_risk @ xi / 2)
    np.testing.assert_allclose(elements[:, 1] * data.budget / data.n, cost)
    np.testing.assert_allclose(elements[:, 2] * data.revenue.mean(), revenue)


def test_unknown_classes_are_refused() -> None:
    with pytest.raises(InputError, match="problem_class must be one of"):
        distribution_of("lot-sizing")
