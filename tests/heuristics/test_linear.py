"""The rows of a problem, its checks and its refusals."""

import math

import numpy as np
import pytest
from scipy.sparse import csr_array

from boundwise.core.errors import InputError
from boundwise.heuristics.linear import LinearMip
from boundwise.instances.instance import Indicator, Instance

INF = math.inf


def fields(**changes):
    """Return the arguments of a problem with two variables and two rows."""
    given = {
        "lower": np.array([0.0, -1.0]),
        "upper": np.array([4.0, INF]),
        "objective": np.array([1.0, -2.0]),
        "is_integer": np.array([True, False]),
        "matrix": csr_array(np.array([[1.0, 2.0], [0.0, -3.0]])),
        "row_lower": np.array([-INF, -6.0]),
        "row_upper": np.array([5.0, -6.0]),
    }
    return given | changes


def test_activities_values_and_violations_by_hand():
    mip = LinearMip(**fields())
    x = np.array([2.0, 2.0])
    assert mip.activity(x).tolist() == [6.0, -6.0]
    assert mip.value(x) == -2.0
    # The first row is 1 above a side of 5: a fifth of that side.
    assert mip.violations(x).tolist() == [0.2, 0.0]
    assert not mip.is_feasible(x)
    assert mip.is_feasible(np.array([1.0, 2.0]))


def test_columns_are_the_transposed_rows():
    mip = LinearMip(**fields())
    assert mip.columns.toarray().tolist() == mip.matrix.toarray().tolist()
    assert mip.columns.has_sorted_indices
    assert (mip.integers.tolist(), mip.continuous.tolist()) == ([0], [1])
    assert (mip.n_variables, mip.n_rows, mip.n_nonzeros) == (2, 2, 3)


def test_duplicates_are_summed_and_zeros_dropped():
    matrix = csr_array(
        ([1.0, 2.0, -3.0, 4.0, -4.0], [1, 1, 1, 0, 0], [0, 2, 5]), shape=(2, 2)
    )
    mip = LinearMip(**fields(matrix=matrix))
    assert mip.n_nonzeros == 2
    assert mip.matrix.toarray().tolist() == [[0.0, 3.0], [0.0, -3.0]]
    assert matrix.nnz == 5


@pytest.mark.parametrize(
    "point",
    [
        [0.5, 2.0],
        [-1.0, 2.0],
        [5.0, 2.0],
        [1.0, 2.001],
        [math.nan, 2.0],
        [1.0, INF],
        [1.0],
    ],
)
def test_a_point_outside_is_not_feasible(point):
    assert not LinearMip(**fields()).is_feasible(np.array(point))


def test_bounds_of_integers_are_rounded_inwards():
    mip = LinearMip(
        **fields(lower=np.array([0.5, 0.5]), upper=np.array([3.9999999, 3.9]))
    )
    lower, upper = mip.integral_bounds
    assert lower.tolist() == [1.0, 0.5]
    assert upper.tolist() == [4.0, 3.9]


def test_huge_bounds_are_infinite():
    mip = LinearMip(
        **fields(upper=np.array([1e20, 5e25]), row_upper=np.array([1e30, -6.0]))
    )
    assert mip.upper.tolist() == [INF, INF]
    assert mip.row_upper.tolist() == [INF, -6.0]


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"lower": np.zeros(3)}, r"lower must have shape \(2,\), got \(3,\)"),
        ({"upper": np.array([1.0, math.nan])}, "upper must not contain nan"),
        ({"upper": "many"}, "upper must hold numbers, got 'many'"),
        ({"objective": np.array([1.0, INF])}, "objective must be finite"),
        ({"is_integer": np.array([1.0, 0.0])}, "is_integer must hold 2 booleans"),
        ({"matrix": csr_array(np.array([[INF, 1], [1, 1]]))}, "matrix must be finite"),
        ({"lower": np.array([5.0, 0.0])}, r"lower\[0\] must not exceed upper\[0\]"),
        ({"lower": np.array([0.0, INF])}, r"lower\[1\] must not exceed"),
        ({"row_lower": np.array([7.0, -6.0])}, r"row_lower\[0\] must not exceed"),
    ],
)
def test_parts_that_do_not_fit_are_refused_by_name(changes, message):
    with pytest.raises(InputError, match=message):
        LinearMip(**fields(**changes))


def test_the_arrays_cannot_be_changed():
    mip = LinearMip(**fields())
    with pytest.raises(ValueError, match="read-only"):
        mip.lower[0] = 1.0
    with pytest.raises(ValueError, match="read-only"):
        mip.matrix.data[0] = 9.0


def test_a_problem_without_rows_is_a_problem():
    mip = LinearMip(
        **fields(matrix=csr_array((0, 2)), row_lower=np.zeros(0), row_upper=np.zeros(0))
    )
    assert mip.is_feasible(np.array([0.0, -1.0]))
    assert mip.activity(np.zeros(2)).shape == (0,)


def instance(**changes):
    given = fields()
    return Instance(
        name="made",
        names=("x", "y"),
        row_names=("a", "b"),
        **(given | changes),
    )


def test_an_instance_to_maximise_is_negated():
    mip = LinearMip.from_instance(instance(sense="maximize"))
    assert mip.objective.tolist() == [-1.0, 2.0]
    assert mip.row_upper.tolist() == [5.0, -6.0]


def test_an_instance_with_indicators_is_refused():
    indicator = Indicator("i", 0, 1, (1,), (1.0,), -INF, 0.0)
    with pytest.raises(InputError, match="'made' has indicators"):
        LinearMip.from_instance(instance(indicators=(indicator,)))
