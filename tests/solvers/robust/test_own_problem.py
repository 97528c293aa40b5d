"""A problem of the user's own: arrays, and a recourse that is known."""

import numpy as np
import pytest
from scipy.sparse import csr_array

from boundwise.core.errors import InputError
from boundwise.solvers.robust import (
    BoxSet,
    FirstStage,
    LinearTwoStage,
    Recourse,
    SecondStage,
    solve_robust,
)


class Newsvendor(LinearTwoStage):
    """Order at 3 a unit; demand is in [2, 8]; what is missing costs 7 a unit."""

    def __init__(self, most_missing=10.0):
        super().__init__(
            FirstStage(
                cost=np.array([3.0]),
                lower=np.zeros(1),
                upper=np.array([10.0]),
                is_integer=np.array([True]),
            ),
            SecondStage(
                cost=np.array([7.0]),
                cost_slope=np.zeros((1, 1)),
                lower=np.zeros(1),
                upper=np.array([most_missing]),
                is_integer=np.array([False]),
                x_matrix=csr_array((0, 1)),
                y_matrix=csr_array((0, 1)),
                rhs=np.zeros(0),
                uncertain_x=-np.ones((1, 1)),
                uncertain_y=-np.ones((1, 1)),
                uncertain_rhs=np.zeros(1),
                uncertain_rhs_slope=-np.ones((1, 1)),
            ),
            BoxSet([2.0], [8.0]),
        )


class FastNewsvendor(Newsvendor):
    def recourse(self, x, scenario):
        missing = max(0.0, scenario[0] - x[0])
        return Recourse(7.0 * missing, np.array([missing]))


@pytest.mark.parametrize("cls", [Newsvendor, FastNewsvendor])
def test_a_newsvendor_orders_for_the_largest_demand(cls):
    result = solve_robust(cls(), method="ccg", time_limit=30.0)
    assert result.x.tolist() == [8.0]
    assert result.objective == pytest.approx(24.0, rel=1e-5)
    assert result.is_exact


def test_a_decision_made_for_the_nominal_demand_costs_what_is_missing():
    worst = FastNewsvendor().worst_case(np.array([5.0]))
    assert worst.cost == pytest.approx(15.0 + 21.0, rel=1e-4)
    assert worst.scenario == pytest.approx([8.0], abs=1e-3)


def test_a_decision_without_recourse_costs_infinity():
    worst = Newsvendor(most_missing=1.0).worst_case(np.array([5.0]))
    assert worst.cost == np.inf


def test_parts_that_do_not_fit_are_refused():
    problem = Newsvendor()
    with pytest.raises(InputError, match="uncertain quantities"):
        LinearTwoStage(
            problem.first_stage, problem.second_stage, BoxSet([0.0] * 2, [1.0] * 2)
        )
    with pytest.raises(InputError, match="sense must be"):
        LinearTwoStage(
            problem.first_stage,
            problem.second_stage,
            problem.uncertainty,
            sense="up",
        )
