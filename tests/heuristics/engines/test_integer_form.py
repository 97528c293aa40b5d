import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.sparse import csr_array

from boundwise.heuristics.engines.integer_form import integer_form
from boundwise.heuristics.engines.problem import ProblemArrays
from boundwise.heuristics.linear import LinearMip


def form_of(mip, **options):
    return integer_form(ProblemArrays.of(mip), **options)


def one_row(coefficients, low, high, *, integer=True, upper=9.0, objective=None):
    n = len(coefficients)
    return LinearMip(
        lower=np.zeros(n),
        upper=np.full(n, upper),
        objective=np.ones(n) if objective is None else np.array(objective),
        is_integer=np.full(n, integer),
        matrix=csr_array([coefficients]),
        row_lower=np.array([low]),
        row_upper=np.array([high]),
    )


@pytest.mark.parametrize(
    ("coefficients", "sides", "expected", "expected_sides"),
    [
        ([2.0, 4.0], (2.0, 6.0), [1, 2], (1, 3)),
        ([2.0, 4.0], (1.0, 7.0), [1, 2], (1, 3)),
        ([0.1, 0.25], (0.3, 1.0), [2, 5], (6, 20)),
        ([1 / 3, -0.5], (-1.0, 1.0), [2, -3], (-6, 6)),
        ([0.001, 12.0], (0.0, 0.5), [1, 12000], (0, 500)),
    ],
)
def test_rows_become_the_smallest_integers(
    coefficients, sides, expected, expected_sides
):
    form = form_of(one_row(coefficients, *sides))
    assert form.coefficients.tolist() == expected
    assert (form.row_lower[0], form.row_upper[0]) == expected_sides
    assert form.is_exact


def test_the_objective_is_scaled_and_its_scale_is_kept():
    form = form_of(one_row([1.0, 1.0], 0.0, 3.0, objective=[0.75, 1.5]))
    assert form.objective.tolist() == [1.0, 2.0]
    assert form.objective_scale == pytest.approx(4 / 3)


def test_a_row_that_cannot_be_scaled_gives_way_and_is_not_exact():
    form = form_of(one_row([np.pi, np.e], 1.0, 8.0))
    assert not form.is_exact
    # pi * 1 + e * 1 = 5.86 is inside, 2 pi + e = 9.0 is not.
    assert form.row_lower[0] <= form.coefficients.sum() <= form.row_upper[0]
    assert form.coefficients @ [2, 1] > form.row_upper[0]


def test_equations_of_continuous_variables_can_hold_on_the_grid():
    mip = one_row([1.0, 1.0], 1 / 3, 1 / 3, integer=False, upper=1.0)
    form = form_of(mip)
    y = form.to_integers(np.array([1 / 3, 0.0]))
    activity = form.coefficients @ y
    assert form.row_lower[0] <= activity <= form.row_upper[0]
    assert not form.is_exact
    assert form.to_values(y) == pytest.approx([1 / 3, 0.0], abs=form.steps[0])


def test_bounds_that_are_cut_off_end_exactness():
    assert not form_of(one_row([1.0], 0.0, 3.0, upper=np.inf)).is_exact
    assert form_of(one_row([1.0], 0.0, 3.0, upper=9.0)).is_exact


@settings(deadline=None, max_examples=60)
@given(data=st.data())
def test_both_forms_have_the_same_integer_points(data):
    n = data.draw(st.integers(1, 4))
    tenths = st.integers(-40, 40)
    denominator = data.draw(st.sampled_from([1, 2, 3, 7, 10, 1000]))
    coefficients = [data.draw(tenths) / denominator for _ in range(n)]
    low, high = sorted(data.draw(tenths) / denominator for _ in range(2))
    mip = one_row(coefficients, low, high, upper=3.0)
    form = form_of(mip)
    assert form.is_exact
    points = np.stack(np.meshgrid(*[np.arange(4.0)] * n), axis=-1).reshape(-1, n)
    coefficients = np.zeros(n)
    coefficients[mip.matrix.indices] = form.coefficients
    for point in points:
        inside = form.row_lower[0] <= coefficients @ point <= form.row_upper[0]
        assert inside == mip.is_feasible(point)
