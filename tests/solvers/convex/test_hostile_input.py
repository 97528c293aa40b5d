"""Wrong, hostile and odd input: each a clear error, or the right answer."""

import itertools
import math

import numpy as np
import pytest
from scipy.optimize import Bounds, LinearConstraint

from boundwise.core.errors import InputError, SolverError
from boundwise.core.status import Status
from boundwise.solvers.convex.minimize import minimize
from boundwise.solvers.convex.objectives import Quadratic

BOX = Bounds(np.zeros(3), np.full(3, 2.0))
ROWS = (LinearConstraint([[1.0, 1.0, 1.2]], 0, 4), BOX)
CENTRE = np.array([0.6, 0.7, 1.4])


class Own:
    """A box with whatever arrays and answers a test wants."""

    def __init__(self, answer=None, lower=(0, 0, 0), upper=(2, 2, 2), integers=(0, 1)):
        self.lower, self.upper = np.array(lower), np.array(upper)
        self.integers = np.array(integers)
        self._answer = answer

    def extreme_point(self, direction, lower, upper):
        if self._answer is not None:
            return self._answer
        return np.where(direction > 0, lower, upper)


def distance(x):
    return float(np.sum((x - CENTRE) ** 2))


def slope(x):
    return 2.0 * (x - CENTRE)


@pytest.mark.parametrize(
    "answer",
    ["abc", np.zeros(3) + 1j, [[1.0], [2.0, 3.0]], np.zeros(2), np.ones(3) * 9],
)
def test_an_oracle_that_answers_nonsense_is_named(answer):
    with pytest.raises(SolverError, match="the oracle must return"):
        minimize(distance, slope, Own(answer))


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"integers": (0, 7)}, "integers"),
        ({"integers": (True, False, True)}, "integers"),
        ({"integers": (0.5, 1.0)}, "integers"),
        ({"upper": (1, 1)}, "one shape"),
        ({"lower": np.zeros((3, 1))}, "must be a vector"),
        ({"lower": (0, math.nan, 0)}, "without nan"),
    ],
)
def test_a_set_whose_arrays_do_not_fit_is_named(change, message):
    with pytest.raises(InputError, match=message):
        minimize(Quadratic(np.eye(3)), None, Own(**change))


def test_an_objective_of_another_size_is_named():
    with pytest.raises(InputError, match="f has 2 variables, the feasible set has 3"):
        minimize(Quadratic(np.eye(2)), None, Own())


@pytest.mark.parametrize("answer", [1j, None, "1", np.zeros(3), np.complex128(1)])
def test_a_function_that_returns_no_number_is_named(answer):
    with pytest.raises(InputError, match="f must return"):
        minimize(lambda x: answer, slope, BOX, integers=range(3))


@pytest.mark.parametrize("answer", [None, np.zeros(3, dtype=complex), "abc"])
def test_a_gradient_of_no_numbers_is_named(answer):
    with pytest.raises(InputError, match="grad must return"):
        minimize(distance, lambda x: answer, BOX, integers=range(3))


@pytest.mark.parametrize("shape", [(), (1,), (1, 1)])
def test_an_array_of_one_number_is_a_number(shape):
    result = minimize(
        lambda x: np.full(shape, distance(x)), slope, BOX, integers=range(3)
    )
    assert result.x.tolist() == [1, 1, 1]


def test_functions_that_change_their_argument_do_no_harm():
    def f(x):
        value = distance(x)
        x[:] = 7.0
        return value

    def grad(x):
        gradient = slope(x)
        x[:] = 7.0
        return gradient

    result = minimize(f, grad, BOX, integers=range(3), gap=0.0)
    assert result.x.tolist() == [1, 1, 1]
    assert result.objective == pytest.approx(distance(np.ones(3)))


@pytest.mark.parametrize("name", ["callback", "domain_oracle"])
def test_what_cannot_be_called_is_named(name):
    with pytest.raises(InputError, match=name):
        minimize(distance, slope, BOX, integers=range(3), **{name: 3})


@pytest.mark.parametrize("choice", [99, None, 0.5])
def test_a_branching_rule_that_names_no_candidate_is_named(choice):
    class Rule:
        def choose(self, context):
            return choice

    with pytest.raises(InputError, match="branching must choose one"):
        minimize(distance, slope, BOX, integers=range(3), branching=Rule(), gap=0.0)


@pytest.mark.parametrize("oracle", ["lp", "mip"])
@pytest.mark.parametrize("scale", [1e-3, 1.0, 1e9, 1e22])
def test_the_unit_of_the_objective_does_not_matter(oracle, scale):
    """SCIP refused 1e22 as infinite."""
    result = minimize(
        lambda x: scale * distance(x),
        lambda x: scale * slope(x),
        ROWS,
        integers=range(3),
        oracle=oracle,
        node_limit=50,
    )
    assert result.x.tolist() == [1, 1, 1]
    best = scale * distance(np.ones(3))
    assert result.bound <= best * (1 + 1e-9)
    # Beyond the absolute gap, nothing but the relative one is left open.
    assert result.bound >= best - max(1e-6, 0.02 * scale)


@pytest.mark.parametrize("oracle", ["lp", "mip"])
def test_variables_of_very_different_units_are_no_contradiction(oracle):
    centre = np.array([123456.7, 0.6, 1.4, 2.2])
    weights = np.array([1e-6, 1.0, 1.0, 1e3])
    rows = (
        LinearConstraint([[1.0, 1e6, 1.0, 1e3]], -np.inf, 2.2e6),
        Bounds([0] * 4, [1e6, 3, 3, 3]),
    )
    result = minimize(
        lambda x: float(weights @ (x - centre) ** 2),
        lambda x: 2 * weights * (x - centre),
        rows,
        integers=range(4),
        gap=1e-6,
        oracle=oracle,
    )
    assert result.status is Status.OPTIMAL
    assert result.x.tolist() == [123457.0, 1.0, 1.0, 2.0]


def test_the_tree_goes_on_where_the_tolerances_of_scip_leave_a_gap():
    rng = np.random.default_rng(31)
    scale = np.array([10.0, 1e-4, 100.0])
    B = rng.normal(size=(3, 3)) / scale
    f = Quadratic(100.0 * B.T @ B, 100.0 * rng.normal(size=3) / scale)
    rows = (LinearConstraint([[2.0, 1.0, -1.0]], -np.inf, 3.0), Bounds([0] * 3, 3))
    best = min(
        f.value(np.array(x, dtype=float))
        for x in itertools.product(range(4), repeat=3)
        if 2 * x[0] + x[1] - x[2] <= 3
    )
    result = minimize(f, None, rows, integers=range(3), gap=1e-4)
    assert result.status is Status.OPTIMAL
    assert "tolerances" in result.stats["reason"]
    assert result.objective == pytest.approx(best)
    assert result.bound <= best + 1e-6 * abs(best)


@pytest.mark.parametrize("side", [0.2, 0.5])
def test_a_box_without_an_integer_is_infeasible_and_so_says_the_bound(side):
    result = minimize(
        distance, slope, Bounds(np.full(3, side), np.full(3, 0.8)), integers=range(3)
    )
    assert result.status is Status.INFEASIBLE
    assert result.bound == math.inf


def test_fractional_bounds_of_integers_are_rounded_inwards():
    result = minimize(
        distance, slope, Bounds(np.full(3, 0.5), np.full(3, 2.5)), integers=range(3)
    )
    assert result.x.tolist() == [1, 1, 1]
