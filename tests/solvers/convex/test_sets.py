import numpy as np
import pytest
from pyscipopt import Model
from scipy.optimize import Bounds, LinearConstraint
from scipy.sparse import csr_array

from boundwise.core.errors import InputError
from boundwise.instances.convex import polyhedron
from boundwise.solvers.convex.oracles.box import Box
from boundwise.solvers.convex.oracles.cardinality import Cardinality
from boundwise.solvers.convex.oracles.lp import LinearRelaxation
from boundwise.solvers.convex.oracles.mip import MixedIntegerSet
from boundwise.solvers.convex.oracles.simplex import BoundedSum
from boundwise.solvers.convex.recognise import recognise
from boundwise.solvers.convex.sets import read_set


def rows(matrix, low, up, lower, upper, integers):
    return polyhedron(
        "rows",
        matrix=np.atleast_2d(np.array(matrix, dtype=float)),
        row_lower=low,
        row_upper=up,
        lower=lower,
        upper=upper,
        is_integer=np.array(integers),
    )


def test_a_row_of_equal_coefficients_is_a_bounded_sum():
    found = recognise(rows([[-2, -2, -2]], -4, -4, 0, 3, [True] * 3))
    assert isinstance(found, BoundedSum)
    assert found.total == 2.0
    assert not found.at_most
    found = recognise(rows([[1, 1]], -np.inf, 3, 0, 2, [False] * 2))
    assert isinstance(found, BoundedSum)
    assert found.at_most


@pytest.mark.parametrize(
    "instance",
    [
        rows([[1, 2]], -np.inf, 3, 0, 2, [True] * 2),
        rows([[1, 1]], 1, 3, 0, 2, [True] * 2),
        rows([[1, 1]], 1.5, 1.5, 0, 2, [True] * 2),
        rows([[1, 1]], 1, 1, 0, np.inf, [True] * 2),
        rows([[1, 1]], 1, 1, 0, 2, [True, False]),
        rows([[1, 0, 1], [0, 1, 1]], -np.inf, 1, 0, 1, [True] * 3),
    ],
)
def test_other_rows_are_not_recognised(instance):
    assert recognise(instance) is None


@pytest.mark.parametrize("tail", [0.0, 0.3])
def test_switched_amounts_are_recognised_with_their_tails(tail):
    M = 2.0
    matrix = [
        [1, 0, -(M - tail), 0],
        [0, 1, 0, -(M - tail)],
        [-1, 0, -(M - tail), 0],
        [0, -1, 0, -(M - tail)],
        [0, 0, 1, 1],
    ]
    instance = rows(
        matrix,
        -np.inf,
        [tail] * 4 + [1],
        [-M, -M, 0, 0],
        [M, M, 1, 1],
        [False, False, True, True],
    )
    found = recognise(instance)
    assert isinstance(found, Cardinality)
    assert found.most == 1
    assert found.on.tolist() == [[-M, -M], [M, M]]
    assert found.off.tolist() == [[-tail, -tail], [tail, tail]]
    by_rows = MixedIntegerSet(instance)
    rng = np.random.default_rng(0)
    for _ in range(10):
        d = rng.normal(size=4)
        a = found.extreme_point(d, found.lower, found.upper)
        b = by_rows.extreme_point(d, by_rows.lower, by_rows.upper)
        assert d @ a == pytest.approx(d @ b)


def test_scipy_forms_need_integers_and_agree_with_them():
    read = read_set(Bounds([0, 0], [2, 2]), [1])
    assert isinstance(read.points, Box)
    assert read.integers.tolist() == [1]
    read = read_set(
        (LinearConstraint(csr_array([[1.0, 2.0]]), -np.inf, 3), Bounds(0, 2)),
        np.array([True, False]),
    )
    assert isinstance(read.points, MixedIntegerSet)
    assert read.relaxation is not None
    assert read.accepts(np.array([1.0, 1.0]))
    assert not read.accepts(np.array([2.0, 1.0]))
    assert not read.accepts(np.array([0.5, 1.0]))


def test_a_model_keeps_its_names_and_is_left_alone():
    model = Model()
    x = model.addVar("apples", vtype="I", ub=4)
    y = model.addVar("pears", vtype="I", ub=4)
    model.addCons(x + y == 3)
    read = read_set(model)
    assert isinstance(read.points, BoundedSum)
    assert read.instance.names == ("apples", "pears")
    model.hideOutput()
    model.optimize()
    assert model.getStatus() == "optimal"


def test_nonlinear_rows_have_no_linear_relaxation():
    model = Model()
    x = model.addVar(vtype="I", lb=-3, ub=3)
    y = model.addVar(lb=-3, ub=3)
    model.addCons(x * x + y * y <= 4)
    read = read_set(model)
    assert read.relaxation is None
    points = read.points
    vertex = points.extreme_point(np.array([-1.0, 0.0]), points.lower, points.upper)
    assert vertex[0] == 2.0


@pytest.mark.parametrize(
    ("feasible_set", "integers"),
    [
        (3, None),
        (("rows", "bounds"), [0]),
        (([LinearConstraint([[1.0]])], Bounds([0], [1])), None),
        (([3], Bounds([0], [1])), [0]),
        (Bounds([0], [1]), [0.5]),
        (Bounds([0], [1]), [3]),
        (Box([0.0], [1.0], integers=[0]), [0, 1]),
        (LinearRelaxation(rows([[1, 1]], 0, 1, 0, 1, [True] * 2)), None),
    ],
)
def test_what_is_no_feasible_set_is_refused(feasible_set, integers):
    with pytest.raises(InputError):
        read_set(feasible_set, integers)
